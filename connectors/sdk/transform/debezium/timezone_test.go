package debezium

import (
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// What java.time answers for ZoneRules.getOffset of a local time, in gaps and overlaps too.
func TestOffsetsOfLocalTimesAreThoseOfJava(t *testing.T) {
	z, ok := newZone("America/New_York")
	if !ok {
		t.Fatal("no zone")
	}
	for wall, want := range map[string]int64{
		"2024-01-15T12:00:00Z": -5 * 3600, "2024-07-15T12:00:00Z": -4 * 3600,
		"2024-03-10T01:59:59Z": -5 * 3600, "2024-03-10T02:30:00Z": -5 * 3600, "2024-03-10T03:00:00Z": -4 * 3600, // a gap from 2 to 3
		"2024-11-03T00:59:59Z": -4 * 3600, "2024-11-03T01:30:00Z": -4 * 3600, "2024-11-03T02:00:00Z": -5 * 3600, // twice from 1 to 2
	} {
		at, err := time.Parse(time.RFC3339, wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := z.offsetAt(at); got != want {
			t.Errorf("%s: got %d, want %d", wall, got, want)
		}
	}
}

func TestInstantsGetTheOffsetOfTheZone(t *testing.T) {
	for _, c := range []struct {
		zone, kind string
		value      connect.Value
		want       string
	}{
		{"Pacific/Easter", zonedTimestamp, connect.String("2011-01-11T16:40:30.123456789+00:00"), "2011-01-11T11:40:30.123456789-05:00"}, // of the documentation
		{"+05:30", zonedTimestamp, connect.String("2011-01-11T16:40:30.5Z"), "2011-01-11T22:10:30.5+05:30"},
		{"+05:30", zonedTimestamp, connect.String("2011-01-11T16:40Z"), "2011-01-11T22:10:00+05:30"},
		{"-01:02:03", zonedTimestamp, connect.String("2011-01-11T00:00:00Z"), "2011-01-10T22:57:57-01:02:03"},
		{"UTC", zonedTimestamp, connect.String("2011-01-11T16:40:30+02:00"), "2011-01-11T14:40:30Z"},
		{"America/New_York", zonedTime, connect.String("16:40:30+00:00"), "12:40:30-04:00"}, // it is July
		{"America/New_York", timestamp, connect.Int64(1_294_764_030_123), "1294782030123"},
		{"America/New_York", microTimestamp, connect.Int64(1_294_764_030_123_456), "1294782030123456"},
		{"America/New_York", nanoTimestamp, connect.Int64(1_294_764_030_123_456_789), "1294782030123456789"},
		{"America/New_York", connect.TimestampName, connect.TimeMillis(0), "Thu Jan 01 05:00:00 UTC 1970"},
		{"UTC", zonedTimestamp, connect.String("yesterday"), "parsing time"},
		{"UTC", zonedTime, connect.String("16"), "parsing time"},
		{"UTC", timestamp, connect.String("5"), "a io.debezium.time.Timestamp cannot be a java.lang.String"},
	} {
		z, ok := newZone(c.zone)
		if !ok {
			t.Fatalf("no zone %s", c.zone)
		}
		z.now = func() time.Time { return time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC) }
		v, err := z.convert(nil, c.kind, c.value)
		got := v.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s of %s in %s: got %s, want %s", c.kind, c.value, c.zone, got, c.want)
		}
	}
}

// Which fields are converted, in which of the structs of an event of the table people in the topic db.people.
func TestRulesSayWhichFieldsAreConverted(t *testing.T) {
	row := connect.NewStructSchema().Field("a", connect.OptionalTimestampSchema).Field("b", connect.OptionalTimestampSchema).Field("c", connect.OptionalInt64Schema).Optional().MustBuild()
	source := connect.NewStructSchema().Field("table", connect.StringSchema).Field("a", connect.OptionalTimestampSchema).MustBuild()
	schema := connect.NewStructSchema().Name("x.Envelope").Field("before", row).Field("after", row).Field("source", source).MustBuild()
	for rules, want := range map[string]string{ // which of before, after and source changed a and b
		"":                                        "ab ab ",
		"include source:people":                   "ab ab ",
		"include source:people:a":                 "a a ",
		"include source:people:a,people:b":        "ab ab ",
		"include topic:db.people:b":               "b b ",
		"include people:a":                        "a a ",
		"include db.people:a":                     "a a ",
		"include source:people:before.a":          "a  ",
		"include source:people:source.a":          "  a",
		"include source:other":                    "  ",
		"include topic:people":                    "  ",
		"exclude source:people:a":                 "b b ",
		"exclude source:people":                   "  ",
		"exclude source:people:after.a":           "ab b ",
		"exclude topic:other:a":                   "ab ab ",
		"include topic:db.people:a,source:people": "a a ",
	} {
		mode, text, _ := strings.Cut(rules, " ")
		config := map[string]string{"converted.timezone": "+01:00"}
		if mode != "" {
			config[mode+".list"] = text
		}
		classes := timezoneConverter()
		tr, err := classes[0].New(config)
		if err != nil {
			t.Errorf("%s: %v", rules, err)
			continue
		}
		event, before, after, from := connect.NewStruct(schema), connect.NewStruct(row), connect.NewStruct(row), connect.NewStruct(source)
		for _, st := range []connect.Struct{before, after} {
			st.SetField(0, connect.TimeMillis(0))
			st.SetField(1, connect.TimeMillis(0))
		}
		from.SetField(0, connect.String("people"))
		from.SetField(1, connect.TimeMillis(0))
		for i, st := range []connect.Struct{before, after, from} {
			event.SetField(i, st.Value())
		}
		r := connect.Record{Topic: "db.people", ValueSchema: schema, Value: event.Value()}
		if keep, err := tr.Apply(&r, nil); !keep || err != nil {
			t.Errorf("%s: %t, %v", rules, keep, err)
		}
		var changed []string
		for i := range 3 {
			st, names := r.Value.Struct().Field(i).Struct(), ""
			for j, f := range st.Schema().Fields() {
				if v := st.Field(j); v.Kind() == connect.KindTime && v.Millis() != 0 {
					names += f.Name
				}
			}
			changed = append(changed, names)
		}
		if got := strings.Join(changed, " "); got != want {
			t.Errorf("%s: got %q, want %q", rules, got, want)
		}
		if before.Field(0).Millis() != 0 {
			t.Errorf("%s: the input has changed", rules)
		}
	}
}
