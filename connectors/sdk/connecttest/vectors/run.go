package vectors

import (
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// Differences lists the cases in which an implementation differs on purpose: from
// a case's id to the reason. A key that ends in "*" stands for every id that
// begins with the rest of it.
type Differences map[string]string

// Check compares an implementation with one case. A returned error is a mismatch;
// it need not name the case.
type Check func(t *testing.T, c Case) error

// Run asks check about every case, in one subtest for each group and class, and
// logs how many passed of how many ("transforms.jsonl Cast$Value: 412 of 412"), at
// the end those of each file.
//
// The test fails on every mismatch whose id is not in differences, on every case
// that agrees although it is listed, on every entry that fits no case or
// gives no reason, and if there are no cases at all. A panic in check counts as
// a mismatch.
func Run(t *testing.T, cases []Case, differences Differences, check Check) {
	t.Helper()
	if len(cases) == 0 {
		t.Fatal("no golden vectors to run")
	}
	for _, problem := range differences.problems(cases) {
		t.Error(problem)
	}
	files := make(map[string][2]int) // how many passed, and how many there are
	for _, part := range split(cases) {
		t.Run(part.name, func(t *testing.T) {
			r := judge(part.cases, differences, func(c Case) error { return guard(t, c, check) })
			for _, line := range r.failures {
				t.Error(line)
			}
			file := part.cases[0].File
			t.Logf("%s %s: %s", file, part.name, r.summary(differences))
			files[file] = [2]int{files[file][0] + r.passed, files[file][1] + r.total}
		})
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		t.Logf("%s: %d of %d", file, files[file][0], files[file][1])
	}
}

// result is what became of the cases of one part.
type result struct {
	total, passed int
	differing     []string // ids that differ and are listed
	failures      []string
}

// judge asks check about each case and sorts the answers.
func judge(cases []Case, differences Differences, check func(Case) error) result {
	r := result{total: len(cases)}
	for _, c := range cases {
		err := check(c)
		entry, listed := differences.entry(c.ID)
		switch {
		case err == nil && listed:
			r.failures = append(r.failures, fmt.Sprintf("%s %s agrees, but is listed as a difference (%q): remove it from the list", c.File, c.ID, entry))
		case err == nil:
			r.passed++
		case listed:
			r.differing = append(r.differing, c.ID)
		default:
			r.failures = append(r.failures, fmt.Sprintf("%s %s: %v", c.File, c.ID, err))
		}
	}
	return r
}

// summary renders "11 of 12", and below it the differences with their reasons.
func (r result) summary(differences Differences) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d", r.passed, r.total)
	byEntry := make(map[string]int)
	for _, id := range r.differing {
		entry, _ := differences.entry(id)
		byEntry[entry]++
	}
	for _, entry := range slices.Sorted(maps.Keys(byEntry)) {
		fmt.Fprintf(&b, "\n\tdiffers on purpose: %s (%d): %s", entry, byEntry[entry], differences[entry])
	}
	return b.String()
}

// entry finds the key that covers an id: the id itself, else the longest prefix.
func (d Differences) entry(id string) (string, bool) {
	if _, ok := d[id]; ok {
		return id, true
	}
	best, found := "", false
	for key := range d {
		prefix, isPrefix := strings.CutSuffix(key, "*")
		if isPrefix && strings.HasPrefix(id, prefix) && len(key) > len(best) {
			best, found = key, true
		}
	}
	return best, found
}

// problems reports entries without a reason and entries that cover no case.
func (d Differences) problems(cases []Case) []string {
	used := make(map[string]bool)
	for _, c := range cases {
		if entry, ok := d.entry(c.ID); ok {
			used[entry] = true
		}
	}
	var problems []string
	for _, key := range slices.Sorted(maps.Keys(d)) {
		if d[key] == "" {
			problems = append(problems, fmt.Sprintf("difference %q gives no reason", key))
		}
		if !used[key] {
			problems = append(problems, fmt.Sprintf("difference %q fits no case: remove it from the list", key))
		}
	}
	return problems
}

// guard turns a panic of check into a mismatch, so that one bad case does not hide
// the others.
func guard(t *testing.T, c Case, check Check) (err error) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return check(t, c)
}

// part is the cases of one group and class.
type part struct {
	name  string
	cases []Case
}

// split orders the cases into parts, in the order of each part's first case.
func split(cases []Case) []part {
	var parts []part
	index := make(map[string]int)
	for _, c := range cases {
		name := partName(c)
		at, ok := index[name]
		if !ok {
			at = len(parts)
			index[name] = at
			parts = append(parts, part{name: name})
		}
		parts[at].cases = append(parts[at].cases, c)
	}
	return parts
}

// partName is the simple class name, after the group unless it says the same.
func partName(c Case) string {
	class := c.SimpleClass()
	if outer, _, _ := strings.Cut(class, "$"); c.Group == "" || c.Group == outer {
		return class
	}
	return c.Group + " " + class
}
