package connectorconfig

import (
	"slices"
	"testing"
)

func TestVersionsAreOrderedAsInMaven(t *testing.T) {
	ascending := []string{"0.9", "1.0-alpha", "1.0-beta-2", "1.0-beta-10", "1.0-rc1", "1.0-SNAPSHOT", "1.0", "1.0-sp", "1.0.1", "1.2", "1.10", "2", "4.3.1", "4.3.10"}
	for i, a := range ascending {
		for j, b := range ascending {
			if got, want := compareVersions(a, b), sign(i-j); sign(got) != want {
				t.Errorf("%s compared with %s is %d, want %d", a, b, got, want)
			}
		}
	}
	for _, same := range [][2]string{{"1", "1.0.0"}, {"1.0", "1.0-final"}, {"1.0-RC1", "1.0-cr1"}, {"1.0.GA", "1"}} {
		if got := compareVersions(same[0], same[1]); got != 0 {
			t.Errorf("%s compared with %s is %d", same[0], same[1], got)
		}
	}
}

func sign(n int) int { return max(-1, min(1, n)) }

func TestAVersionIsAskedForExactlyOrByRange(t *testing.T) {
	for spec, want := range map[string][]string{
		"latest":        {"1.0", "1.5", "2.0"},
		"1.5":           {"1.5"},
		" 1.5 ":         {"1.5"},
		"[1.5]":         {"1.5"},
		"[1.0,2.0)":     {"1.0", "1.5"},
		"(1.0,2.0]":     {"1.5", "2.0"},
		"[1.5,)":        {"1.5", "2.0"},
		"(,1.5)":        {"1.0"},
		"(,1.0],[2.0,)": {"1.0", "2.0"},
		"":              nil,
		"3":             nil,
	} {
		ranges, err := parseVersions(spec)
		if err != nil {
			t.Errorf("%q: %v", spec, err)
			continue
		}
		var got []string
		for _, v := range []string{"1.0", "1.5", "2.0"} {
			if ranges.contain(v) {
				got = append(got, v)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q accepts %q, want %q", spec, got, want)
		}
	}
}

func TestARangeThatMakesNoSenseIsRefused(t *testing.T) {
	for spec, want := range map[string]string{
		"[1.0":      "Unbounded range: [1.0",
		"(1.0)":     "Single version must be surrounded by []: (1.0)",
		"[2.0,1.0]": "Range defies version ordering: [2.0,1.0]",
		"[1],2":     "Only fully-qualified sets allowed in multiple set scenario: [1],2",
	} {
		if _, err := parseVersions(spec); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", spec, err, want)
		}
	}
}

func FuzzAnythingIsAVersionOrAnError(f *testing.F) {
	for _, seed := range []string{"latest", "[1,2)", "", "[", "1.0-rc1", "[a,,b]", "(,)"} {
		f.Add(seed, "1.0")
	}
	f.Fuzz(func(t *testing.T, spec, version string) {
		ranges, err := parseVersions(spec)
		if err != nil {
			return
		}
		_ = ranges.String()
		ranges.contain(version)
		if compareVersions(version, version) != 0 || sign(compareVersions(spec, version)) != -sign(compareVersions(version, spec)) {
			t.Errorf("the order of %q and %q depends on who asks", spec, version)
		}
	})
}
