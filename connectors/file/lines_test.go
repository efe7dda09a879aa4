package file

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// plainLines is the definition of a line, the slow way, with the position after each.
func plainLines(text string) (lines []string, ends []int64) {
	begin := 0
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\n':
		case text[i] == '\r' && i+1 == len(text):
			return lines, ends
		case text[i] != '\r':
			continue
		}
		lines = append(lines, text[begin:i])
		if text[i] == '\r' && text[i+1] == '\n' {
			i++
		}
		begin = i + 1
		ends = append(ends, int64(begin))
	}
	return lines, ends
}

// randomText has many line ends of all three kinds, and few other characters.
func randomText(random *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString([]string{"\n", "\r", "\r\n", "a", "bc", "é", "世", "😀", "long text without end "}[random.IntN(9)])
	}
	return b.String()
}

func FuzzLines(f *testing.F) {
	for _, s := range []string{"", "\n", "\r", "a\r\nb", "\r\r\n\n\r", "a\n\r\nb\r\r\nc\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want, ends := plainLines(string(text))
		l := newLines(text)
		for i := range want {
			line, ok := l.next()
			if !ok || string(line) != want[i] || int64(l.at) != ends[i] {
				t.Fatalf("line %d of %q: got %q, %v, next at %d; want %q, next at %d", i, text, line, ok, l.at, want[i], ends[i])
			}
		}
		if line, ok := l.next(); ok {
			t.Fatalf("one line too many in %q: %q", text, line)
		}
	})
}
