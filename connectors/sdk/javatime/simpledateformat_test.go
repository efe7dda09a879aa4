package javatime_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/javatime"
)

// now makes two-digit years begin in June 1943, as in the golden data.
var now = time.Date(2023, 6, 18, 10, 20, 30, 0, time.UTC)

// simpleCase is one line of simpledateformat.jsonl: what Java formats or parses.
type simpleCase struct {
	Pattern string
	Zone    string
	Millis  int64
	Text    string
	Parse   *string
	Result  *int64
}

func readLines[T any](t testing.TB, name string) []T {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []T
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c T
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatalf("%s has no cases", name)
	}
	return cases
}

func mustZone(t testing.TB, id string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(id)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func mustCompile(t testing.TB, pattern string, zone *time.Location) *javatime.SimpleDateFormat {
	t.Helper()
	f, err := javatime.CompileSimpleDateFormat(pattern, zone, now)
	if err != nil {
		t.Fatalf("compile %s: %v", pattern, err)
	}
	return f
}

func TestSimpleDateFormatDoesWhatJavaDoes(t *testing.T) {
	cases := append(readLines[simpleCase](t, "simpledateformat.jsonl"), readLines[simpleCase](t, "daylight.jsonl")...)
	for _, c := range cases {
		f := mustCompile(t, c.Pattern, mustZone(t, c.Zone))
		if c.Parse == nil {
			if got := string(f.AppendFormat(nil, c.Millis)); got != c.Text {
				t.Errorf("format %d by %q in %s: got %q, Java has %q", c.Millis, c.Pattern, c.Zone, got, c.Text)
			}
			continue
		}
		got, ok := f.Parse(*c.Parse)
		switch {
		case c.Result == nil && ok:
			t.Errorf("parse %q by %q in %s: got %d, Java fails", *c.Parse, c.Pattern, c.Zone, got)
		case c.Result != nil && (!ok || got != *c.Result):
			t.Errorf("parse %q by %q in %s: got %d %t, Java has %d", *c.Parse, c.Pattern, c.Zone, got, ok, *c.Result)
		}
	}
	t.Logf("%d cases", len(cases))
}

func TestWrongPatternsAreRefusedInJavasWords(t *testing.T) {
	for pattern, want := range map[string]string{
		"bad": "Illegal pattern character 'b'", "yyyy-'": "Unterminated quote", "'a''": "Unterminated quote", "yyyy Q": "Illegal pattern character 'Q'",
		"XXXX": "invalid ISO 8601 format: length=4",
	} {
		_, err := javatime.CompileSimpleDateFormat(pattern, nil, now)
		if wrong := (*javatime.PatternError)(nil); !errors.As(err, &wrong) || wrong.Message != want {
			t.Errorf("%s: got %v, want %s", pattern, err, want)
		}
	}
}

func TestATextThatNamesAZoneIsInThatZone(t *testing.T) {
	f := mustCompile(t, "yyyy-MM-dd HH:mm zzzz", nil)
	millis, zone, ok := f.ParseZone("2023-07-14 22:13 Pacific Standard Time")
	if !ok || zone.String() != "America/Los_Angeles" {
		t.Fatalf("got %d, %s, %t", millis, zone, ok)
	}
	if got := string(f.AppendFormatIn(nil, millis, zone)); got != "2023-07-14 23:13 Pacific Daylight Time" {
		t.Errorf("it is %s there", got)
	}
	if got := string(f.AppendFormat(nil, millis)); got != "2023-07-15 06:13 Coordinated Universal Time" {
		t.Errorf("it is %s for the format", got)
	}
}

func TestFormatsDoNotAllocate(t *testing.T) {
	berlin := mustZone(t, "Europe/Berlin")
	for _, c := range []struct {
		pattern, text string
		zone          *time.Location
	}{
		{"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2023-11-14T22:13:20.123+02:00", nil},
		{"EEE, d MMM yyyy HH:mm:ss z", "Tue, 14 Nov 2023 22:13:20 CEST", berlin},
		{"YYYY-'W'ww-u D F W G a h", "2023-W46-2 318 2 3 AD PM 10", berlin},
	} {
		f, buf := mustCompile(t, c.pattern, c.zone), make([]byte, 0, 128)
		if _, ok := f.Parse(c.text); !ok {
			t.Errorf("%s does not parse %s", c.pattern, c.text)
		}
		if n := testing.AllocsPerRun(100, func() {
			_, _ = f.Parse(c.text)
			buf = f.AppendFormat(buf[:0], 1700000000123)
		}); n != 0 {
			t.Errorf("%s allocates %v times", c.pattern, n)
		}
	}
}

// FuzzSimpleDateFormat: nothing panics, and a date and time that is written in full is read again.
func FuzzSimpleDateFormat(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2023-11-14T22:13:20.123Z", int64(1700000000123))
	f.Add("YYYY ww u D F W k K h a E G z Z X", "2023 46 2 318 2 3 22 10 10 PM Tue AD PST +0000 Z", int64(-62135596800000))
	f.Add("yyMMdd''", "431E2-1'", int64(-1<<63))
	full := mustCompile(f, "G yyyy-MM-dd HH:mm:ss.SSS Z", nil)
	f.Fuzz(func(t *testing.T, pattern, text string, millis int64) {
		if got, ok := full.Parse(string(full.AppendFormat(nil, millis))); !ok || got != millis {
			t.Errorf("%d is read as %d, %t", millis, got, ok)
		}
		zone := mustZone(t, "America/St_Johns")
		format, err := javatime.CompileSimpleDateFormat(pattern, zone, now)
		if err != nil {
			return
		}
		format.Parse(text)
		format.Parse(string(format.AppendFormat(nil, millis)))
	})
}

func BenchmarkSimpleDateFormat(b *testing.B) {
	f := mustCompile(b, "yyyy-MM-dd HH:mm:ss.SSS", nil)
	buf := make([]byte, 0, 64)
	b.Run("format", func(b *testing.B) {
		for b.Loop() {
			buf = f.AppendFormat(buf[:0], 1700000000123)
		}
	})
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, ok := f.Parse("2023-11-14 22:13:20.123"); !ok {
				b.Fatal("does not parse")
			}
		}
	})
}
