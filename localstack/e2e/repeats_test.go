package e2e_test

import (
	"strings"
	"testing"
)

// batchRecords is the most records that one batch of the engine holds, and so the most that a kill repeats.
const batchRecords = 8192

// checkRepeats checks that a sink's file holds all lines in order, except that it may go back, once per kill and by at
// most one batch.
func checkRepeats(t *testing.T, file string, lines []string, kills int) {
	t.Helper()
	r, problem := repeatsOf(file, lines)
	if problem != "" {
		t.Fatal(problem)
	}
	t.Logf("the sink's file goes back %d times, by %d lines at most", len(r), longest(r))
	if len(r) > kills || longest(r) > batchRecords {
		t.Errorf("it goes back %d times, want at most %d; by %d lines, want at most %d", len(r), kills, longest(r), batchRecords)
	}
}

func longest(repeats []int) int {
	most := 0
	for _, n := range repeats {
		most = max(most, n)
	}
	return most
}

// repeatsOf returns by how many lines a file goes back, each time it does. The problem is not empty when a line is
// missing or strange.
//
// Empty lines say nothing about where they belong. So the numbered ones are followed, and the empty ones between two of
// them counted.
func repeatsOf(file string, lines []string) (repeats []int, problem string) {
	if !strings.HasSuffix(file, "\n") {
		return nil, "the file does not end with a line"
	}
	f := follower{lines: lines, place: make(map[string]int, len(lines)), at: -1}
	for i, line := range lines {
		if line != "" {
			f.place[line] = i
		}
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(file, "\n"), "\n") {
		if problem := f.see(line); problem != "" {
			return nil, problem
		}
	}
	if problem := f.end(); problem != "" {
		return nil, problem
	}
	return f.repeats, ""
}

// follower knows which line of a text it saw last.
type follower struct {
	lines   []string
	place   map[string]int
	at      int // of the last line that is not empty
	empty   int // lines seen since
	repeats []int
}

func (f *follower) see(line string) (problem string) {
	if line == "" {
		f.empty++
		return ""
	}
	place, ok := f.place[line]
	switch {
	case !ok:
		return "after line " + f.where() + " comes one that is none of the text's: " + line[:min(len(line), 200)]
	case place > f.at:
		// All between the two is empty, and as much as there should be.
		if problem := f.gap(place); problem != "" {
			return problem
		}
	case f.empty > f.emptyAfter(f.at)+f.emptyBefore(place):
		return "too many empty lines after line " + f.where()
	default:
		f.repeats = append(f.repeats, f.at+1+f.empty-place)
	}
	f.at, f.empty = place, 0
	return ""
}

func (f *follower) gap(to int) (problem string) {
	if missing := to - f.at - 1; f.emptyAfter(f.at) != missing {
		return "after line " + f.where() + " lines are missing: next is " + f.lines[to][:min(len(f.lines[to]), 200)]
	} else if f.empty < missing {
		return "an empty line is missing after line " + f.where()
	} else if f.empty > missing {
		// The file went back between two empty lines.
		f.repeats = append(f.repeats, f.empty-missing)
	}
	return ""
}

func (f *follower) end() (problem string) {
	if missing := len(f.lines) - f.at - 1; f.emptyAfter(f.at) != missing || f.empty < missing {
		return "the file ends too early, after line " + f.where()
	} else if f.empty > missing {
		f.repeats = append(f.repeats, f.empty-missing)
	}
	return ""
}

func (f *follower) emptyAfter(i int) int {
	n := 0
	for i++; i < len(f.lines) && f.lines[i] == ""; i++ {
		n++
	}
	return n
}

func (f *follower) emptyBefore(i int) int {
	n := 0
	for i--; i >= 0 && f.lines[i] == ""; i-- {
		n++
	}
	return n
}

func (f *follower) where() string {
	if f.at < 0 {
		return "none"
	}
	return f.lines[f.at][:min(len(f.lines[f.at]), 200)]
}

func TestTheCheckOfASinksFileFindsWhatIsLostAndCountsWhatIsRepeated(t *testing.T) {
	lines := []string{"a", "b", "", "", "c", "d", ""}
	cases := map[string]struct {
		file    string
		repeats []int
		bad     bool
	}{
		"whole":                         {file: "a\nb\n\n\nc\nd\n\n"},
		"back by two":                   {file: "a\nb\na\nb\n\n\nc\nd\n\n", repeats: []int{2}},
		"back after an empty line":      {file: "a\nb\n\nb\n\n\nc\nd\n\n", repeats: []int{2}},
		"back to an empty line":         {file: "a\nb\n\n\nc\n\n\nc\nd\n\n", repeats: []int{3}},
		"back among empty lines":        {file: "a\nb\n\n\n\nc\nd\n\n", repeats: []int{1}},
		"a line is lost":                {file: "a\n\n\nc\nd\n\n", bad: true},
		"an empty line is lost":         {file: "a\nb\n\nc\nd\n\n", bad: true},
		"the last line is lost":         {file: "a\nb\n\n\nc\nd\n", bad: true},
		"lines are lost after a repeat": {file: "a\nb\na\n\n\nc\nd\n\n", bad: true},
		"a line is torn":                {file: "a\nb\n\n\nc\nd\n\nx", bad: true},
		"a strange line":                {file: "a\nx\nb\n\n\nc\nd\n\n", bad: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			// when
			repeats, problem := repeatsOf(c.file, lines)

			// then
			if (problem != "") != c.bad || len(repeats) != len(c.repeats) {
				t.Fatalf("repeats are %v and the problem %q", repeats, problem)
			}
			for i := range repeats {
				if repeats[i] != c.repeats[i] {
					t.Errorf("repeats are %v, want %v", repeats, c.repeats)
				}
			}
		})
	}
}
