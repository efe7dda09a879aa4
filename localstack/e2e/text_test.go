package e2e_test

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// text is what a file holds, and its lines without their ends.
type text struct {
	raw   string
	lines []string
}

// plain is the text as FileStreamSink writes it: every line ends in \n.
func (t text) plain() string { return strings.Join(t.lines, "\n") + "\n" }

// The ends of lines, each as often as it stands in a list.
func unixEnds() []string  { return []string{"\n"} }
func mixedEnds() []string { return []string{"\n", "\n", "\n", "\r\n", "\r\n", "\r"} }

// newText makes n lines like those of logs: requests, events in JSON, stack traces, sentences in several scripts, empty
// lines, and now and then a very long one. The same seed gives the same text. Every line that is not empty holds its number
// behind #, so that no two are equal.
func newText(seed uint64, n int, ends []string) text {
	g := generator{rng: rand.New(rand.NewPCG(seed, uint64(n)))}
	spans := make([][2]int, n)
	out := make([]byte, 0, 100*n)
	end := ends[0]
	for i := range spans {
		begin := len(out)
		out = g.line(out, i, end != "\r") // \r and an empty line that ends in \n would be one end
		spans[i] = [2]int{begin, len(out)}
		if end = g.pick(ends); i == n-1 {
			end = ends[0] // a \r that nothing follows ends no line yet
		}
		out = append(out, end...)
	}
	raw := string(out)
	t := text{raw: raw, lines: make([]string, n)}
	for i, span := range spans {
		t.lines[i] = raw[span[0]:span[1]]
	}
	return t
}

type generator struct{ rng *rand.Rand }

func (g generator) pick(from []string) string { return from[g.rng.IntN(len(from))] }

func (g generator) line(out []byte, i int, mayBeEmpty bool) []byte {
	switch kind := g.rng.IntN(1000); {
	case kind < 40 && mayBeEmpty:
		return out
	case kind < 500:
		return g.request(out, i)
	case kind < 700:
		return g.event(out, i)
	case kind < 800:
		return g.frame(out, i)
	case kind == 999:
		return g.long(out, i)
	}
	return g.sentence(out, i)
}

func (g generator) number(out []byte, i int) []byte {
	return strconv.AppendInt(append(out, '#'), int64(i), 10)
}

func (g generator) request(out []byte, i int) []byte {
	out = append(out, "10."...)
	for range 3 {
		out = strconv.AppendInt(out, int64(g.rng.IntN(256)), 10)
		out = append(out, '.')
	}
	out = append(out[:len(out)-1], ` - - [21/Nov/2026:03:`...)
	out = strconv.AppendInt(out, int64(10+g.rng.IntN(50)), 10)
	out = append(out, `:07 +0000] "GET /`...)
	out = append(append(append(out, g.pick(words())...), '/'), g.pick(words())...)
	out = append(out, ` HTTP/1.1" `...)
	out = append(append(out, g.pick([]string{"200", "200", "304", "404", "503"})...), ' ')
	return g.number(out, i)
}

func (g generator) event(out []byte, i int) []byte {
	out = append(out, `{"level":"info","user":"`...)
	out = append(append(out, g.pick(words())...), `","amount":`...)
	out = strconv.AppendFloat(out, g.rng.Float64()*1000, 'f', 2, 64)
	out = append(out, `,"note":"`...)
	out = append(append(out, g.pick(sentences())...), `","id":"`...)
	return append(g.number(out, i), `"}`...)
}

func (g generator) frame(out []byte, i int) []byte {
	out = append(out, "\tat org.example."...)
	out = append(append(append(out, g.pick(words())...), '.'), g.pick(words())...)
	return append(g.number(append(out, "(Main.java:"...), i), ')')
}

func (g generator) sentence(out []byte, i int) []byte {
	for range 1 + g.rng.IntN(4) {
		out = append(append(out, g.pick(sentences())...), ' ')
	}
	return g.number(out, i)
}

// long is a line of 4 to 40 KB.
func (g generator) long(out []byte, i int) []byte {
	limit := len(out) + 4<<10 + g.rng.IntN(36<<10)
	for len(out) < limit {
		out = append(append(out, g.pick(sentences())...), ' ')
	}
	return g.number(out, i)
}

func words() []string {
	return []string{"orders", "checkout", "Übersicht", "naïve", "λόγος", "поиск", "東京", "login", "a", "inventory", "ship%20to", "café"}
}

func sentences() []string {
	return []string{
		"The quick brown fox jumps over the lazy dog.", "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
		"Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.", "Съешь же ещё этих мягких французских булок.", "いろはにほへと ちりぬるを",
		"중학교 때의 일이다.", "connection reset by peer", "🚢 ferry departs at 08:15 ⚓", "x", "  leading and trailing blanks  ",
		"tab\tseparated\tvalues", `"quoted", with, commas`,
	}
}

func TestTheTextIsTheSameEachTimeAndHoldsWhatRealTextHolds(t *testing.T) {
	// given
	const n = 20_000

	// when
	mixed, again, unix := newText(7, n, mixedEnds()), newText(7, n, mixedEnds()), newText(7, n, unixEnds())

	// then
	if mixed.raw != again.raw {
		t.Error("the same seed gave two texts")
	}
	if unix.raw != unix.plain() {
		t.Error("a text whose lines end in \\n is not what the sink is to write")
	}
	if !utf8.ValidString(mixed.raw) {
		t.Error("the text is not UTF-8")
	}
	if got := cut(mixed.raw); len(got) != n || strings.Join(got, "\n") != strings.Join(mixed.lines, "\n") {
		t.Errorf("cutting the text gives %d lines, and not those it was made of", len(got))
	}
	for _, part := range []string{"\r\n", "\n\n", "東京", "🚢"} {
		if !strings.Contains(mixed.raw, part) {
			t.Errorf("the text does not contain %q", part)
		}
	}
	if strings.Count(mixed.raw, "\r") == strings.Count(mixed.raw, "\r\n") {
		t.Error("no line ends in \\r alone")
	}
	seen := make(map[string]bool, n)
	for _, line := range mixed.lines {
		if line != "" && seen[line] {
			t.Fatalf("line %q comes twice", line)
		}
		seen[line] = true
	}
}

// cut is a plain way to cut text into lines that end in \n, \r or \r\n.
func cut(raw string) []string {
	unified := bytes.ReplaceAll(bytes.ReplaceAll([]byte(raw), []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	lines := strings.Split(string(unified), "\n")
	return lines[:len(lines)-1]
}
