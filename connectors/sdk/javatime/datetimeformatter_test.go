package javatime_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/javatime"
)

// formatterCase is one line of datetimeformatter.jsonl: what Java formats or parses.
type formatterCase struct {
	Pattern string
	Zone    string
	Seconds int64
	Nanos   int64
	Text    *string
	Parse   *string
	Result  *struct {
		Days   *int64
		Nanos  *int64
		Excess bool
		Offset *int
		Zone   *string
	}
}

func TestDateTimeFormatterDoesWhatJavaDoes(t *testing.T) {
	cases := readLines[formatterCase](t, "datetimeformatter.jsonl")
	for _, c := range cases {
		f, err := javatime.CompileDateTimeFormatter(c.Pattern)
		if err != nil {
			t.Errorf("compile %s: %v", c.Pattern, err)
			continue
		}
		if c.Parse == nil {
			c.checkFormat(t, f)
			continue
		}
		c.checkParse(t, f)
	}
	t.Logf("%d cases", len(cases))
}

func (c *formatterCase) checkFormat(t *testing.T, f *javatime.DateTimeFormatter) {
	t.Helper()
	text, err := f.AppendFormat(nil, time.Unix(c.Seconds, c.Nanos).In(c.location(t)))
	switch {
	case c.Text == nil && err == nil:
		t.Errorf("format %d by %q in %s: got %q, Java fails", c.Seconds, c.Pattern, c.Zone, text)
	case c.Text != nil && (err != nil || string(text) != *c.Text):
		t.Errorf("format %d by %q in %s: got %q %v, Java has %q", c.Seconds, c.Pattern, c.Zone, text, err, *c.Text)
	}
}

func (c *formatterCase) location(t *testing.T) *time.Location {
	t.Helper()
	switch c.Zone {
	case "Z":
		return time.UTC
	case "+05:30":
		return time.FixedZone(c.Zone, 5*3600+30*60)
	case "-03:15:20":
		return time.FixedZone(c.Zone, -(3*3600 + 15*60 + 20))
	}
	return mustZone(t, c.Zone)
}

func (c *formatterCase) checkParse(t *testing.T, f *javatime.DateTimeFormatter) {
	t.Helper()
	got, err := f.Parse(*c.Parse)
	if c.Result == nil || err != nil {
		if (c.Result == nil) != (err != nil) {
			t.Errorf("parse %q by %q: got %+v %v, Java has %v", *c.Parse, c.Pattern, got, err, c.Result)
		}
		return
	}
	var want javatime.Temporal
	if c.Result.Days != nil {
		want.HasDate, want.Days = true, *c.Result.Days
	}
	if c.Result.Nanos != nil {
		want.HasTime, want.Nanos, want.ExcessDay = true, *c.Result.Nanos, c.Result.Excess
	}
	if c.Result.Offset != nil {
		want.HasOffset, want.Offset = true, *c.Result.Offset
	}
	if c.Result.Zone != nil {
		want.Zone = *c.Result.Zone
	}
	if got != want {
		t.Errorf("parse %q by %q: got %+v, Java has %+v", *c.Parse, c.Pattern, got, want)
	}
}

func TestWrongFormatterPatternsAreRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		"yyyy-b":     "Unknown pattern letter: b",
		"ddd":        "Too many pattern letters: d",
		"V":          "Pattern letter count must be 2: V",
		"yyyy]":      "Pattern invalid as it contains ] without previous [",
		"yyyy'T":     "Pattern ends with an incomplete string literal: 'T",
		"yyyy#":      "Pattern includes reserved character: '#'",
		"w":          "Pattern letter is not supported: w",
		"zzz":        "Pattern letter is not supported: z",
		"MMMMM":      "Pattern letters are not supported: MMMMM",
		"ZZZZZ":      "Pattern letters are not supported: ZZZZZ",
		"SSSSSSSSSS": "Too many pattern letters: S",
	} {
		_, err := javatime.CompileDateTimeFormatter(pattern)
		if wrong := (*javatime.PatternError)(nil); !errors.As(err, &wrong) || wrong.Message != want {
			t.Errorf("%s: got %v, want %s", pattern, err, want)
		}
	}
}

func TestParseErrorsNameTheIndex(t *testing.T) {
	f, err := javatime.CompileDateTimeFormatter("yyyy-MM-dd")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2023-1-01":   "Text '2023-1-01' could not be parsed at index 5",
		"2023-01-01 ": "Text '2023-01-01 ' could not be parsed at index 10",
		"2023-13-01":  "Text '2023-13-01' could not be parsed",
	} {
		if _, err := f.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// FuzzDateTimeFormatter: nothing panics, and a date and time that is written in full is read again.
func FuzzDateTimeFormatter(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSS[XXX][VV]", "2023-11-14T22:13:20.123Z", int64(1700000000))
	f.Add("G y D E a h K k H n N A x Z [[", "AD 2023 318 Tue PM 10 10 22 22 1 2 3 +00 +0000", int64(-62135596800))
	full, err := javatime.CompileDateTimeFormatter("uuuu-MM-dd HH:mm:ss")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, pattern, text string, seconds int64) {
		at := time.Unix(seconds%1e13, 0).UTC()
		line, err := full.AppendFormat(nil, at)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := full.Parse(string(line)); err != nil || got.Days*86400+got.Nanos/1e9 != at.Unix() {
			t.Errorf("%s is read as %+v, %v", line, got, err)
		}
		format, err := javatime.CompileDateTimeFormatter(pattern)
		if err != nil {
			return
		}
		_, _ = format.Parse(text)
		if line, err = format.AppendFormat(nil, at.In(mustZone(t, "America/St_Johns"))); err == nil {
			_, _ = format.Parse(string(line))
		}
	})
}
