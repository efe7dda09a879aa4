package aiven

// FilterByFieldValue lets pass records whose key or value, or a field of it, is a given value or matches a regular expression, or
// those for which this is not so.
//
// Supported: FilterByFieldValue$Key and FilterByFieldValue$Value with all keys: field.name, field.value, field.value.pattern and
// field.value.matches. field.value is read as Kafka Connect reads header text, and compared with its type: 5 is an INT8, and equals
// no INT64. The regular expression need only be found in the text of the value. A null key or value passes. Two things differ: a
// whole value with a schema need not be a struct, and a field that is missing or null does not match; the original fails on both with
// a NullPointerException or ClassCastException. See package javaregex for the few constructs that are not supported.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

func filterByFieldValue() []connect.TransformClass {
	def := configdef.MustNew(
		text("field.name", "The field to look at. Without it, the whole key or value is looked at."),
		text("field.value", "The value to be equal to. Either this or field.value.pattern is given."),
		text("field.value.pattern", "The regular expression to match. Either this or field.value is given."),
		configdef.ConfigKey{
			Name: "field.value.matches", Type: configdef.TypeBoolean, Default: true, Importance: configdef.ImportanceMedium,
			Documentation: "Whether records that match pass, or those that do not.",
		},
	)
	return smt.KeyAndValue(packageName+"FilterByFieldValue", def, newFilterByFieldValue)
}

type valueFilter struct {
	smt.Operand
	field    string // empty for the whole key or value
	expected connect.Value
	regex    *javaregex.Regexp // nil if expected is to be equalled
	matches  bool
	scratch  []byte
}

func newFilterByFieldValue(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	t := &valueFilter{Operand: o, field: c.String("field.name"), matches: c.Bool("field.value.matches")}
	pattern := c.String("field.value.pattern")
	switch {
	case c.IsNull("field.value") == (pattern == ""):
		return nil, connect.ConfigError("Either field.value or field.value.pattern have to be set to apply filter transform")
	case pattern != "":
		regex, err := javaregex.Compile(pattern)
		if err != nil {
			return nil, smt.ConfigError(configdef.Invalid("field.value.pattern", pattern, err.Error()))
		}
		t.regex = regex
	default:
		if _, t.expected = values.ParseString(c.String("field.value")); t.expected.IsNull() {
			return nil, smt.ConfigError(configdef.Invalid("field.value", c.String("field.value"), "null equals no value"))
		}
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *valueFilter) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	_, v := t.Get(r)
	if v.IsNull() {
		return true, nil
	}
	if t.field != "" {
		field, ok := member(v, t.field)
		if !ok {
			return false, recordError(r, t.String(), " type must be STRUCT or MAP if field name is specified")
		}
		v = field
	}
	found, err := t.test(v)
	if err != nil {
		return false, smt.RegexError(err)
	}
	return found == t.matches, nil
}

func (t *valueFilter) test(v connect.Value) (bool, error) {
	switch {
	case v.IsNull():
		return false, nil
	case t.regex == nil:
		return v.Equal(t.expected), nil
	case v.Kind() == connect.KindString:
		return t.regex.Find(v.Str())
	}
	t.scratch = values.AppendText(t.scratch[:0], v)
	return t.regex.Find(connect.StringBytes(t.scratch).Str())
}
