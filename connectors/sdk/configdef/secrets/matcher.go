package secrets

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// shortValue is the length, in bytes, below which a value is only found where it stands as a word of its own: the text "1" or "true" is
// part of too much else.
const shortValue = 8

// form is one of the ways in which a value may be written.
type form struct{ text, placeholder string }

// matcher replaces forms of values by placeholders.
type matcher struct {
	long  map[string][]form // forms of eight bytes and more, the longest first, by their first eight
	short map[string]string // the placeholders of shorter ones
	words *regexp.Regexp    // finds the shorter ones; nil when there are none
}

// newMatcher takes forms in the order of their precedence: of equal ones the first counts.
func newMatcher(forms []form) *matcher {
	m := &matcher{long: make(map[string][]form), short: make(map[string]string)}
	taken := make(map[string]bool)
	for _, f := range forms {
		switch {
		case taken[f.text]:
		case len(f.text) < shortValue:
			m.short[f.text] = f.placeholder
		default:
			begin := f.text[:shortValue]
			m.long[begin] = append(m.long[begin], f)
		}
		taken[f.text] = true
	}
	for _, forms := range m.long {
		slices.SortStableFunc(forms, func(a, b form) int { return cmp.Compare(len(b.text), len(a.text)) })
	}
	m.words = words(m.short)
	return m
}

func (m *matcher) empty() bool { return len(m.long)+len(m.short) == 0 }

// words matches any of the short texts where it stands as a word.
func words(short map[string]string) *regexp.Regexp {
	var alternatives []string
	for text := range short {
		alternatives = append(alternatives, text)
	}
	if len(alternatives) == 0 {
		return nil
	}
	slices.SortFunc(alternatives, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for i, text := range alternatives {
		alternatives[i] = boundary(text[0]) + regexp.QuoteMeta(text) + boundary(text[len(text)-1])
	}
	return regexp.MustCompile(strings.Join(alternatives, "|"))
}

// boundary is what keeps a short value from being found within a word.
func boundary(c byte) string {
	if c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' {
		return `\b`
	}
	return ""
}

// replace puts placeholders in the place of forms. What it puts in is not looked at again: a placeholder may contain a value.
func (m *matcher) replace(text string) string {
	if m.empty() {
		return text
	}
	var clean strings.Builder
	done := 0
	for i := 0; i+shortValue <= len(text); i++ {
		found := m.at(text[i:])
		if found == nil {
			continue
		}
		clean.WriteString(m.replaceWords(text[done:i]))
		clean.WriteString(found.placeholder)
		done = i + len(found.text)
		i = done - 1
	}
	if done == 0 {
		return m.replaceWords(text)
	}
	clean.WriteString(m.replaceWords(text[done:]))
	return clean.String()
}

// at returns the longest form that text begins with, nil if none.
func (m *matcher) at(text string) *form {
	forms := m.long[text[:shortValue]]
	for i := range forms {
		if strings.HasPrefix(text, forms[i].text) {
			return &forms[i]
		}
	}
	return nil
}

func (m *matcher) replaceWords(text string) string {
	if m.words == nil {
		return text
	}
	return m.words.ReplaceAllStringFunc(text, func(word string) string { return m.short[word] })
}
