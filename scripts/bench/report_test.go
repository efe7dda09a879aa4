package main

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		row  row
		want string
	}{
		{row{Value: 0.74, Gate: 0.75, Goal: 0.9, AtLeast: true}, "MISSED"},
		{row{Value: 0.75, Gate: 0.75, Goal: 0.9, AtLeast: true}, "gate"},
		{row{Value: 0.95, Gate: 0.75, Goal: 0.9, AtLeast: true}, "goal"},
		{row{Value: 11, Gate: 10, Goal: 6}, "MISSED"},
		{row{Value: 6, Gate: 10, Goal: 6}, "goal"},
		{row{Value: math.NaN(), Gate: 10, Goal: 6}, "MISSED"},
		{row{Gate: 10, Goal: 6, Skipped: "no memory cgroup"}, "skipped"},
	} {
		if got := c.row.verdict(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.row, got, c.want)
		}
	}
}

func TestSlopeIsOneForLinearGrowth(t *testing.T) {
	x := []float64{1e5, 1e6, 1e7}
	if got := slope(x, []float64{3e5, 3e6, 3e7}); math.Abs(got-1) > 1e-9 {
		t.Errorf("linear: %v", got)
	}
	if got := slope(x, []float64{1e10, 1e12, 1e14}); math.Abs(got-2) > 1e-9 {
		t.Errorf("quadratic: %v", got)
	}
}

func TestContendersTakeTurnsAndOneRoundIsNotCounted(t *testing.T) {
	var turns []string
	contend := func(name string) contender {
		return contender{name: name, n: 1, run: func(int) error { turns = append(turns, name); return nil }}
	}
	all, err := interleave(2, contend("a"), contend("b"))
	if err != nil || strings.Join(turns, "") != "ababab" || len(all[0]) != 2 || len(all[1]) != 2 {
		t.Errorf("turns %v, rounds %v, %v", turns, all, err)
	}
	broken := errors.New("broken")
	if _, err := interleave(2, contender{name: "c", n: 1, run: func(int) error { return broken }}); !errors.Is(err, broken) || !strings.Contains(err.Error(), "c: ") {
		t.Errorf("the error is %v", err)
	}
}
