package transform

import (
	"math"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatime"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

// instantType is a way to write an instant.
type instantType uint8

const (
	instantUnknown instantType = iota
	instantText
	instantUnix
	instantDate
	instantTime
	instantTimestamp
)

func instantTypeNamed(name string) instantType {
	switch name {
	case "string":
		return instantText
	case "unix":
		return instantUnix
	case "Date":
		return instantDate
	case "Time":
		return instantTime
	}
	return instantTimestamp
}

// instantTypeOf returns how instants are written under a schema.
func instantTypeOf(s *connect.Schema) (instantType, error) {
	switch s.Logical() {
	case connect.LogicalDate:
		return instantDate, nil
	case connect.LogicalTime:
		return instantTime, nil
	case connect.LogicalTimestamp:
		return instantTimestamp, nil
	}
	switch s.Type() {
	case connect.TypeString:
		return instantText, nil
	case connect.TypeInt64:
		return instantUnix, nil
	}
	return instantUnknown, unknownInstant(s)
}

func unknownInstant(s *connect.Schema) error {
	return &connect.Error{
		Kind: connect.KindData, Class: connect.ConnectException, Message: "Schema " + s.String() + " does not correspond to a known timestamp type format",
	}
}

// builder starts the schema of the type.
func (t instantType) builder() *connect.SchemaBuilder {
	switch t {
	case instantText:
		return connect.NewSchema(connect.TypeString)
	case instantUnix:
		return connect.NewSchema(connect.TypeInt64)
	case instantDate:
		return connect.NewDateSchema()
	case instantTime:
		return connect.NewTimeSchema()
	}
	return connect.NewTimestampSchema()
}

// instantConverter converts instants to one type.
type instantConverter struct {
	target instantType
	unit   unixUnit
	// format reads and writes text; nil when there is none.
	format  *javatime.SimpleDateFormat
	pattern string
	text    []byte // scratch memory
}

// convertUntyped converts a value without a schema by its kind.
func (c *instantConverter) convertUntyped(a *connect.Arena, v connect.Value) (connect.Value, error) {
	switch v.Kind() {
	case connect.KindNull:
		return v, nil
	case connect.KindTime:
		return c.convert(a, instantTimestamp, v)
	case connect.KindInt64:
		return c.convert(a, instantUnix, v)
	case connect.KindString:
		return c.convert(a, instantText, v)
	}
	return connect.Value{}, connect.DataError("TimestampConverter does not support class " + smt.ClassName(v) + " objects as timestamps")
}

// convert converts a value of the given type; null stays null. Text takes its memory from a.
func (c *instantConverter) convert(a *connect.Arena, from instantType, v connect.Value) (connect.Value, error) {
	if v.IsNull() {
		return v, nil
	}
	millis, zone, err := c.read(from, v)
	if err != nil {
		return connect.Value{}, err
	}
	switch c.target {
	case instantText:
		c.text = c.format.AppendFormatIn(c.text[:0], millis, zone)
		return connect.StringBytes(a.CopyBytes(c.text)), nil
	case instantUnix:
		return connect.Int64(c.unit.fromMillis(millis)), nil
	case instantDate:
		return connect.TimeMillis(millis - timeOfDay(millis)), nil
	case instantTime:
		return connect.TimeMillis(timeOfDay(millis)), nil
	}
	return connect.TimeMillis(millis), nil
}

// read returns the instant, and the zone that its text names.
func (c *instantConverter) read(from instantType, v connect.Value) (millis int64, zone *time.Location, err error) {
	switch {
	case from == instantText && v.Kind() == connect.KindString:
		return c.parse(v.Str())
	case from == instantText:
		return 0, nil, connect.DataError("Expected string timestamp to be a String, but found class " + smt.ClassName(v))
	case from == instantUnix && v.Kind() == connect.KindInt64:
		return c.unit.toMillis(v.Int()), nil, nil
	case from == instantUnix:
		return 0, nil, connect.DataError("Expected Unix timestamp to be a Long, but found class " + smt.ClassName(v))
	case v.Kind() == connect.KindTime:
		return v.Millis(), nil, nil
	}
	names := [...]string{instantDate: "Date", instantTime: "Time", instantTimestamp: "Timestamp"}
	return 0, nil, connect.DataError("Expected " + names[from] + " to be a java.util.Date, but found class " + smt.ClassName(v))
}

func (c *instantConverter) parse(text string) (millis int64, zone *time.Location, err error) {
	if c.format == nil {
		return 0, nil, &connect.Error{
			Kind: connect.KindData, Class: connect.NullPointerException, Message: "the timestamp is text, but no format says how to read it",
			Hint: "set the key format",
		}
	}
	millis, zone, ok := c.format.ParseZone(text)
	if !ok {
		err := connect.DataError("Could not parse timestamp: value (" + text + ") does not match pattern (" + c.pattern + ")")
		err.Cause = &connect.Error{Kind: connect.KindData, Class: "java.text.ParseException", Message: `Unparseable date: "` + text + `"`}
		return 0, nil, err
	}
	return millis, zone, nil
}

const millisPerDay = 24 * 60 * 60 * 1000

func timeOfDay(millis int64) int64 { return (millis%millisPerDay + millisPerDay) % millisPerDay }

// unixUnit is the precision of a Unix time, in the words of the configuration. Conversions cut off towards 1970 and saturate.
type unixUnit string

func (u unixUnit) toMillis(n int64) int64 {
	switch u {
	case "seconds":
		return multiply(n, 1000)
	case "microseconds":
		return n / 1000
	case "nanoseconds":
		return n / 1_000_000
	}
	return n
}

func (u unixUnit) fromMillis(millis int64) int64 {
	switch u {
	case "seconds":
		return millis / 1000
	case "microseconds":
		return multiply(millis, 1000)
	case "nanoseconds":
		return multiply(millis, 1_000_000)
	}
	return millis
}

func multiply(n, by int64) int64 {
	switch {
	case n > math.MaxInt64/by:
		return math.MaxInt64
	case n < math.MinInt64/by:
		return math.MinInt64
	}
	return n * by
}
