package debezium

import (
	"errors"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The names of Debezium's types of instants.
const (
	zonedTimestamp = "io.debezium.time.ZonedTimestamp"
	zonedTime      = "io.debezium.time.ZonedTime"
	timestamp      = "io.debezium.time.Timestamp"
	microTimestamp = "io.debezium.time.MicroTimestamp"
	nanoTimestamp  = "io.debezium.time.NanoTimestamp"
)

// zone converts instants into a time zone.
type zone struct {
	location *time.Location
	now      func() time.Time
}

// convert converts a value of one of Debezium's types, or of Kafka Connect's Timestamp.
func (z *zone) convert(a *connect.Arena, kind string, v connect.Value) (connect.Value, error) {
	switch {
	case kind == zonedTimestamp && v.Kind() == connect.KindString:
		return z.convertTimestamp(a, v.Str())
	case kind == zonedTime && v.Kind() == connect.KindString:
		return z.convertTime(a, v.Str())
	case kind == connect.TimestampName && v.Kind() == connect.KindTime:
		return connect.TimeMillis(v.Millis() - 1000*z.offsetAt(time.UnixMilli(v.Millis()).UTC())), nil
	case v.Kind() != connect.KindInt64:
		return v, errors.New("a " + kind + " cannot be a " + v.Kind().JavaClass())
	case kind == timestamp:
		return connect.Int64(v.Int() - 1000*z.offsetAt(time.UnixMilli(v.Int()).UTC())), nil
	case kind == microTimestamp:
		return connect.Int64(v.Int() - 1_000_000*z.offsetAt(time.UnixMicro(v.Int()).UTC())), nil
	case kind == nanoTimestamp:
		return connect.Int64(v.Int() - 1_000_000_000*z.offsetAt(time.Unix(0, v.Int()).UTC())), nil
	}
	return v, errors.New("a " + kind + " cannot be a " + v.Kind().JavaClass())
}

// convertTimestamp reads a text with an offset, with seconds or without, and writes the same instant with the zone's offset.
func (z *zone) convertTimestamp(a *connect.Arena, text string) (connect.Value, error) {
	t, err := time.ParseInLocation("2006-01-02T15:04:05Z07:00", text, time.UTC)
	if err != nil {
		if t, err = time.ParseInLocation("2006-01-02T15:04Z07:00", text, time.UTC); err != nil {
			return connect.Value{}, err
		}
	}
	_, written := t.Zone()
	offset := z.offsetAt(t.UTC().Add(time.Duration(written) * time.Second))
	return shown(a, t, offset, "2006-01-02T15:04:05.999999999"), nil
}

// convertTime is convertTimestamp for a time of day, with the offset that the zone has now.
func (z *zone) convertTime(a *connect.Arena, text string) (connect.Value, error) {
	t, err := time.ParseInLocation("15:04:05Z07:00", text, time.UTC)
	if err != nil {
		if t, err = time.ParseInLocation("15:04Z07:00", text, time.UTC); err != nil {
			return connect.Value{}, err
		}
	}
	_, offset := z.now().In(z.location).Zone()
	return shown(a, t, int64(offset), "15:04:05.999999999"), nil
}

// shown writes an instant with an offset.
func shown(a *connect.Arena, t time.Time, offset int64, layout string) connect.Value {
	out := a.Bytes(len("2006-01-02T15:04:05.123456789+07:00:00"))[:0]
	out = t.UTC().Add(time.Duration(offset)*time.Second).AppendFormat(out, layout)
	return connect.StringBytes(appendOffset(out, offset))
}

// offsetAt returns the seconds that the zone is ahead of UTC when its clocks show wall, which is given as if in UTC. When they show it
// twice, or never, the offset before the change counts, as in java.time.
func (z *zone) offsetAt(wall time.Time) int64 {
	at := func(t time.Time) int64 {
		_, offset := t.In(z.location).Zone()
		return int64(offset)
	}
	before, after := at(wall.Add(-24*time.Hour)), at(wall.Add(24*time.Hour))
	if before != after && at(wall.Add(-time.Duration(before)*time.Second)) != before && at(wall.Add(-time.Duration(after)*time.Second)) == after {
		return after
	}
	return before
}

// appendOffset writes an offset as Z, +02:00 or +02:00:30.
func appendOffset(dst []byte, offset int64) []byte {
	if offset == 0 {
		return append(dst, 'Z')
	}
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	two := func(n int64) { dst = append(dst, byte('0'+n/10), byte('0'+n%10)) }
	dst = append(dst, sign)
	two(offset / 3600)
	dst = append(dst, ':')
	two(offset / 60 % 60)
	if offset%60 != 0 {
		dst = append(dst, ':')
		two(offset % 60)
	}
	return dst
}
