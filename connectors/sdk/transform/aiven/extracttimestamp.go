package aiven

// ExtractTimestamp makes a field of the key or the value the timestamp of a record.
//
// Supported: ExtractTimestamp$Key and ExtractTimestamp$Value with all keys: field.name and timestamp.resolution. The field is an INT64
// or an instant (Date, Time or Timestamp); timestamp.resolution is about the former. -1 is no timestamp.

import (
	"math"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func extractTimestamp() []connect.TransformClass {
	resolution := configdef.ConfigKey{
		Name: "timestamp.resolution", Type: configdef.TypeString, Default: "milliseconds", Importance: configdef.ImportanceLow,
		Documentation: "What an INT64 counts since 1970: milliseconds or seconds.",
	}
	resolution.Validator = configdef.Lambda("one of milliseconds, seconds", func(name string, value any) error {
		if value != "milliseconds" && value != "seconds" {
			text, _ := value.(string)
			return configdef.Invalid(name, value, "Unsupported resolution type '"+text+"'. Supported are: milliseconds, seconds")
		}
		return nil
	})
	def := configdef.MustNew(requiredText("field.name", "The field that holds the timestamp."), resolution)
	return smt.KeyAndValue(packageName+"ExtractTimestamp", def, func(o smt.Operand, c configdef.Config) (connect.Transform, error) {
		return &timestampExtractor{Operand: o, field: c.String("field.name"), seconds: c.String("timestamp.resolution") == "seconds"}, nil
	})
}

type timestampExtractor struct {
	smt.Operand
	field   string
	seconds bool
}

// Apply implements connect.Transform.
func (t *timestampExtractor) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	_, v := t.Get(r)
	if v.IsNull() {
		return false, recordError(r, t.String(), " can't be null")
	}
	field, ok := member(v, t.field)
	switch {
	case !ok:
		return false, recordError(r, t.String(), " type must be STRUCT or MAP")
	case field.IsNull():
		return false, recordError(r, t.field, " field must be present and its value can't be null")
	case field.Kind() == connect.KindInt64 && t.seconds:
		r.Timestamp = secondsToMillis(field.Int())
	case field.Kind() == connect.KindInt64:
		r.Timestamp = field.Int()
	case field.Kind() == connect.KindTime:
		r.Timestamp = field.Millis()
	default:
		return false, recordError(r, t.field, " field must be INT64 or org.apache.kafka.connect.data.Timestamp")
	}
	return true, nil
}

// secondsToMillis saturates, as TimeUnit does.
func secondsToMillis(n int64) int64 {
	return min(max(n, math.MinInt64/1000), math.MaxInt64/1000) * 1000
}

// member returns a field of a struct, with its default for null, or an entry of a map; null when it is not there. ok is false when v
// is neither.
func member(v connect.Value, name string) (field connect.Value, ok bool) {
	switch v.Kind() {
	case connect.KindStruct:
		st := v.Struct()
		if i := st.Schema().FieldIndex(name); i >= 0 {
			return st.FieldOrDefault(i), true
		}
		return connect.Null(), true
	case connect.KindMap:
		field, _ = v.Map().Get(name)
		return field, true
	}
	return connect.Null(), false
}
