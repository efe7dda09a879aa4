package javatext_test

import (
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

func TestDateOfIsTheReverseOfDaysOf(t *testing.T) {
	for days := int64(-900_000); days < 3_000_000; days += 37 {
		y, m, d := javatext.DateOf(days)
		if back := javatext.DaysOf(y, int64(m), int64(d)); back != days {
			t.Fatalf("day %d is %d-%d-%d, which is day %d", days, y, m, d, back)
		}
	}
}

func TestDateOfAgreesWithGoSinceTheGregorianReform(t *testing.T) {
	for days := int64(-141427); days < 3_000_000; days += 11 {
		y, m, d := javatext.DateOf(days)
		want := time.Unix(days*86400, 0).UTC()
		if int(y) != want.Year() || m != int(want.Month()) || d != want.Day() {
			t.Fatalf("day %d is %d-%d-%d, want %s", days, y, m, d, want.Format(time.DateOnly))
		}
	}
}

func TestDaysOf(t *testing.T) {
	for _, c := range []struct {
		name             string
		year, month, day int64
		want             int64
	}{
		{"the epoch", 1970, 1, 1, 0},
		{"the first Gregorian day", 1582, 10, 15, -141427},
		{"the last Julian day", 1582, 10, 4, -141428},
		{"a day that was skipped counts as Julian", 1582, 10, 5, -141427},
		{"30 February is 1 March", 2020, 2, 30, 18322},
		{"month 13 is next January", 2019, 13, 1, 18262},
		{"month 0 is last December", 2020, 0, 1, 18231},
	} {
		if got := javatext.DaysOf(c.year, c.month, c.day); got != c.want {
			t.Errorf("%s: got day %d, want %d", c.name, got, c.want)
		}
	}
}

func TestParseISOTimestampIsLenient(t *testing.T) {
	for text, want := range map[string]int64{
		"2019-08-23T14:34:54.346Z":      1566570894346,
		"2020-02-30T12:34:56.789Z":      1583066096789,
		"0001-01-01T00:00:00.000Z":      -62135769600000,
		"1970-1- 1T0:0:0.5Z and more":   5,
		"197E1-01-01T00:00:00.000Z":     0,
		"1970-01-01T00:00:-1.000Z":      -1000,
		"\u0661970-01-01T00:00:00.001Z": 1,
	} {
		if got, ok := javatext.ParseISOTimestamp(text); !ok || got != want {
			t.Errorf("%q: got %d, %t, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "2019", "2019-08-23", "2019-08-23t14:34:54.346Z", "2019-08-23T14:34:54.346", "x"} {
		if got, ok := javatext.ParseISOTimestamp(text); ok {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}

func TestAppendDateCountsInTheJulianCalendarBefore1582(t *testing.T) {
	for millis, want := range map[int64]string{
		0:                    "Thu Jan 01 00:00:00 UTC 1970",
		1700000000123:        "Tue Nov 14 22:13:20 UTC 2023",
		-62135596800000:      "Mon Jan 03 00:00:00 UTC 1",
		253402300800000:      "Sat Jan 01 00:00:00 UTC 10000",
		-141428 * 86_400_000: "Thu Oct 04 00:00:00 UTC 1582",
	} {
		if got := string(javatext.AppendDate(nil, millis)); got != want {
			t.Errorf("%d: got %q, want %q", millis, got, want)
		}
	}
}

func TestAppendISOTimestamp(t *testing.T) {
	for millis, want := range map[int64]string{
		0:               "1970-01-01T00:00:00.000Z",
		-5:              "1969-12-31T23:59:59.995Z",
		253402300800001: "10000-01-01T00:00:00.001Z",
	} {
		if got := string(javatext.AppendISOTimestamp(nil, millis)); got != want {
			t.Errorf("%d: got %q, want %q", millis, got, want)
		}
	}
}
