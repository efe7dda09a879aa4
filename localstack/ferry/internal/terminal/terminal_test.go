package terminal_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/terminal"
)

// emulator is a terminal: it does what the escape sequences say, breaks lines at its width, and breaks them anew when the
// width changes, as terminals do.
type emulator struct {
	t             *testing.T
	width, height int
	lines         []string // logical lines; the last is where the cursor is when up is 0
	colored       bool
}

var sequence = regexp.MustCompile(`^\x1b\[(\??)(\d*)([A-Za-z])`)

func (e *emulator) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		if m := sequence.FindStringSubmatch(text); m != nil {
			e.escape(m[1], m[2], m[3])
			text = text[len(m[0]):]
			continue
		}
		r := []rune(text)[0]
		switch last := len(e.lines) - 1; r {
		case '\n':
			e.lines = append(e.lines, "")
		case '\r':
			if e.lines[last] != "" {
				e.t.Errorf("the cursor is not at the beginning of a line but after %q", e.lines[last])
			}
		case '\x1b':
			e.t.Fatalf("unknown sequence %q", text)
		default:
			e.lines[last] += string(r)
		}
		text = text[len(string(r)):]
	}
	return len(p), nil
}

// escape moves up by rows, which must end at the beginning of a line; whatever is below is erased next.
func (e *emulator) escape(private, number, command string) {
	switch {
	case private == "?", command == "J":
	case command == "m":
		e.colored = true
	case command == "A":
		rows, _ := strconv.Atoi(number)
		last := len(e.lines) - 1
		for rows > 0 && last > 0 {
			last--
			rows -= max(1, (terminal.Width(e.lines[last])+e.width-1)/e.width)
		}
		if rows != 0 {
			e.t.Errorf("the cursor goes up into the middle of a line, or above the first")
		}
		e.lines = append(e.lines[:last:last], "")
	default:
		e.t.Fatalf("unknown command %s%s", number, command)
	}
}

func (e *emulator) size() (int, int) { return e.width, e.height }

func (e *emulator) shows(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(e.lines, "\n"); got != strings.Join(append(want, ""), "\n") {
		t.Errorf("the terminal shows\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func newScreen(t *testing.T, width, height int, color bool) (*terminal.Screen, *emulator) {
	e := &emulator{t: t, width: width, height: height, lines: []string{""}}
	return terminal.NewScreen(e, e.size, color), e
}

func lines(texts ...string) []terminal.Line {
	var all []terminal.Line
	for _, text := range texts {
		all = append(all, terminal.Line{{Text: text, Style: terminal.Green}})
	}
	return all
}

func draw(t *testing.T, s *terminal.Screen, texts ...string) {
	t.Helper()
	if err := s.Draw(lines(texts...)); err != nil {
		t.Fatal(err)
	}
}

func log(t *testing.T, s *terminal.Screen, text string) {
	t.Helper()
	if _, err := s.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestLiveLinesAreReplacedInPlaceAndLogsStayAbove(t *testing.T) {
	s, e := newScreen(t, 40, 20, true)
	draw(t, s, "a 1", "b 1")
	e.shows(t, "a 1", "b 1")
	draw(t, s, "a 2", "b 2")
	e.shows(t, "a 2", "b 2")
	log(t, s, "a log line\n")
	e.shows(t, "a log line", "a 2", "b 2")
	draw(t, s, "a 3")
	e.shows(t, "a log line", "a 3")
	log(t, s, "two more\nlog lines\n")
	draw(t, s)
	e.shows(t, "a log line", "two more", "log lines")
}

func TestNarrowAndResizedWindowsShowWholeRows(t *testing.T) {
	s, e := newScreen(t, 40, 20, false)
	long := strings.Repeat("0123456789", 6)
	draw(t, s, long, "short")
	e.shows(t, long[:38]+"…", "short")
	e.width = 15 // the long line breaks into three rows
	draw(t, s, long, "short")
	e.shows(t, long[:13]+"…", "short")
	e.width = 80
	draw(t, s, long, "short")
	e.shows(t, long, "short")
	e.width = 9
	log(t, s, "x\n")
	e.shows(t, "x", long[:7]+"…", "short")
}

func TestAWindowOfUnknownSizeIsTakenForAnOrdinaryOne(t *testing.T) {
	s, e := newScreen(t, 0, 0, false)
	draw(t, s, strings.Repeat("x", 100))
	e.shows(t, strings.Repeat("x", 78)+"…")
}

func TestALowWindowSaysHowMuchItLeavesOut(t *testing.T) {
	s, e := newScreen(t, 40, 5, false)
	draw(t, s, "a", "b", "c", "d", "e")
	e.shows(t, "a", "b", "… and 3 more")
	draw(t, s, "a", "b", "c")
	e.shows(t, "a", "b", "c")
}

func TestWithoutColorNoStyleIsWritten(t *testing.T) {
	for _, color := range []bool{false, true} {
		s, e := newScreen(t, 40, 20, color)
		draw(t, s, "a")
		if e.colored != color {
			t.Errorf("with color %v, styles were written: %v", color, e.colored)
		}
	}
}

func TestNothingIsWrittenWhenNothingChanged(t *testing.T) {
	writes := 0
	s := terminal.NewScreen(counter{&writes}, func() (int, int) { return 80, 25 }, true)
	draw(t, s, "a")
	draw(t, s, "a")
	if writes != 1 {
		t.Errorf("wrote %d times, want once", writes)
	}
}

type counter struct{ n *int }

func (c counter) Write(p []byte) (int, error) { *c.n++; return len(p), nil }

func TestControlCharactersInNamesDoNotReachTheTerminal(t *testing.T) {
	s, e := newScreen(t, 40, 20, true)
	draw(t, s, "evil\x1b[2J\r\n\u202ename")
	e.shows(t, "evil [2J   name")
}

func TestWideCharactersCountTwice(t *testing.T) {
	s, e := newScreen(t, 12, 20, false)
	draw(t, s, "コネクタコネクタ")
	e.shows(t, "コネクタコ…")
}

func TestTableAlignsAndGivesUpColumnsWhenItIsNarrow(t *testing.T) {
	rows := []terminal.Row{
		{Name: "orders", State: "RUNNING", Records: 1234567, Rate: 999.6, Position: "orders/0 at offset 12"},
		{Name: "a-much-longer-name", State: "FAILED", Records: 7, Problem: "no such file: /x"},
		{Name: "new", State: "UNASSIGNED"},
	}
	tests := []struct {
		width int
		want  []string
	}{
		{120, []string{
			"● orders              RUNNING     1,234,567 records  1,000/s  orders/0 at offset 12",
			"✗ a-much-longer-name  FAILED              7 records      0/s  no such file: /x",
			"○ new                 UNASSIGNED          0 records      0/s  ",
		}},
		{80, []string{
			"● orders              RUNNING     1,234,567 records  orders/0 at offset 12",
			"✗ a-much-longer-name  FAILED              7 records  no such file: /x",
			"○ new                 UNASSIGNED          0 records  ",
		}},
		{60, []string{
			"● orders              RUNNING     orders/0 at offset 12",
			"✗ a-much-longer-name  FAILED      no such file: /x",
			"○ new                 UNASSIGNED  ",
		}},
		{36, []string{
			"● orders    orders/0 at offset 12",
			"✗ a-much-…  no such file: /x",
			"○ new       ",
		}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.width), func(t *testing.T) {
			for i, l := range terminal.Table(rows, tt.width) {
				if l.String() != tt.want[i] {
					t.Errorf("row %d is\n%q, want\n%q", i, l.String(), tt.want[i])
				}
			}
		})
	}
}

func TestNumbersHaveTheirThousandsApart(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := terminal.Number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
