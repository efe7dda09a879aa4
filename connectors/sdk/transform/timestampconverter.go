package transform

// TimestampConverter converts timestamps between text, Unix time and the logical types Date, Time and Timestamp.
//
// Supported: TimestampConverter$Key and TimestampConverter$Value with all keys of Kafka Connect 4.3. format is a pattern of
// SimpleDateFormat, in UTC and for the locale en_US; see package javatime. One thing differs: text that names a time zone has
// no effect on later records. A field that is not there is added to a map as null; a struct without it stays as it is, but
// null fields become their defaults. The new field keeps of the old schema only whether it is optional; the struct keeps all
// but the default of that field.

import (
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatime"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const convertPurpose = "converting timestamp formats"

func timestampConverter() []connect.TransformClass {
	key := func(name, def string, importance configdef.Importance, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{Name: name, Type: configdef.TypeString, Default: def, Importance: importance, Documentation: doc}
	}
	target := key("target.type", "", configdef.ImportanceHigh, "The desired timestamp representation: string, unix, Date, Time, or Timestamp.")
	target.Default, target.Required, target.Validator = nil, true, configdef.ValidString("string", "unix", "Date", "Time", "Timestamp")
	precision := key("unix.precision", "milliseconds", configdef.ImportanceLow,
		"The desired Unix precision for the timestamp: seconds, milliseconds, microseconds, or nanoseconds. "+
			"Used to generate the output when type=unix or used to parse the input if the input is a Long. "+
			"Note: This SMT will cause precision loss during conversions from, and to, values with sub-millisecond components.")
	precision.Validator = configdef.ValidString("nanoseconds", "microseconds", "milliseconds", "seconds")
	def := configdef.MustNew(
		key("field", "", configdef.ImportanceHigh, "The field containing the timestamp, or empty if the entire value is a timestamp."),
		target,
		key("format", "", configdef.ImportanceMedium,
			"A SimpleDateFormat-compatible format for the timestamp. Used to generate the output when type=string or used to parse the input if the input is a string."),
		precision,
		replaceNullKey(),
	)
	return smt.KeyAndValue(packageName+"TimestampConverter", def, newTimestampConverter)
}

type timeConverter struct {
	smt.Operand
	field       string
	instants    instantConverter
	useDefaults bool
	// schemas are the required and the optional schema of the target type.
	schemas [2]*connect.Schema
	plans   smt.Plans[convertPlan]
}

// convertPlan is the output schema of a struct, and which of its fields is to be converted: -1 when it is not there.
type convertPlan struct {
	schema *connect.Schema
	at     int
	from   instantType
}

func newTimestampConverter(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	t := &timeConverter{Operand: o, field: c.String("field"), useDefaults: c.Bool("replace.null.with.default")}
	t.instants = instantConverter{target: instantTypeNamed(c.String("target.type")), unit: unixUnit(c.String("unix.precision"))}
	switch pattern := c.String("format"); {
	case strings.TrimSpace(pattern) != "":
		format, err := javatime.CompileSimpleDateFormat(pattern, time.UTC, time.Now())
		if err != nil {
			return nil, wrongPattern(pattern, err)
		}
		t.instants.format, t.instants.pattern = format, pattern
	case t.instants.target == instantText:
		return nil, connect.ConfigError("TimestampConverter requires format option to be specified when using string timestamps")
	}
	for i := range t.schemas {
		s, err := t.instants.target.builder().SetOptional(i == 1).Build()
		if err != nil {
			return nil, err
		}
		t.schemas[i] = s
	}
	return t, nil
}

func wrongPattern(pattern string, err error) error {
	e := connect.ConfigError("Invalid value java.lang.IllegalArgumentException: " + err.Error() +
		" for configuration TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: " + pattern)
	e.Hint = "correct the key format"
	return e
}

func (t *timeConverter) schema(optional bool) *connect.Schema {
	if optional {
		return t.schemas[1]
	}
	return t.schemas[0]
}

// Apply implements connect.Transform.
func (t *timeConverter) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case t.field == "":
		err = t.convertWhole(r, a, s, v)
	case s != nil:
		err = t.convertStruct(r, a, s, v)
	case !v.IsNull():
		err = t.convertMap(r, a, v)
	}
	return err == nil, err
}

func (t *timeConverter) convertWhole(r *connect.Record, a *connect.Arena, s *connect.Schema, v connect.Value) error {
	if s == nil {
		v, err := t.instants.convertUntyped(a, v)
		if err != nil {
			return err
		}
		t.Set(r, nil, v)
		return nil
	}
	from, err := instantTypeOf(s)
	if err != nil {
		return err
	}
	if v, err = t.instants.convert(a, from, v); err != nil {
		return err
	}
	t.Set(r, t.schema(s.Optional()), v)
	return nil
}

func (t *timeConverter) convertMap(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.MapOf(v, convertPurpose)
	if err != nil {
		return err
	}
	old, _ := from.Get(t.field)
	converted, err := t.instants.convertUntyped(a, old)
	if err != nil {
		return err
	}
	to := smt.CopyMap(a, from, 1)
	to.Put(t.field, converted)
	t.Set(r, nil, to.Value())
	return nil
}

func (t *timeConverter) convertStruct(r *connect.Record, a *connect.Arena, s *connect.Schema, v connect.Value) error {
	if !v.IsNull() {
		from, err := smt.StructOf(v, convertPurpose)
		if err != nil {
			return err
		}
		if err := smt.SameFields(from, s); err != nil {
			return err
		}
	}
	plan, err := t.plans.Find(s, t.plan)
	if err != nil {
		return err
	}
	if !v.IsNull() {
		if v, err = t.convertFields(a, plan, v.Struct()); err != nil {
			return err
		}
	}
	t.Set(r, plan.schema, v)
	return nil
}

func (t *timeConverter) convertFields(a *connect.Arena, plan *convertPlan, from connect.Struct) (v connect.Value, err error) {
	to := a.NewStruct(plan.schema)
	fields := to.Fields()
	copy(fields, from.Fields())
	for i := range fields {
		if fields[i].IsNull() && t.useDefaults {
			fields[i] = from.FieldOrDefault(i)
		}
		f := &plan.schema.Fields()[i]
		if i == plan.at {
			if plan.from == instantUnknown {
				return v, unknownInstant(from.Schema().Fields()[i].Schema)
			}
			if fields[i], err = t.instants.convert(a, plan.from, fields[i]); err != nil {
				return v, err
			}
		}
		if fields[i].IsNull() && !f.Schema.Optional() {
			return v, connect.ValidateValue(f.Name, f.Schema, fields[i])
		}
	}
	return to.Value(), nil
}

func (t *timeConverter) plan(s *connect.Schema) (convertPlan, error) {
	plan := convertPlan{at: s.FieldIndex(t.field)}
	if s.Type() != connect.TypeStruct {
		return plan, smt.ErrNoFields()
	}
	b := connect.NewSchemaLike(s)
	for i, f := range s.Fields() {
		if i == plan.at {
			plan.from, _ = instantTypeOf(f.Schema) // what is wrong with it matters only for a struct that is there
			b.Field(f.Name, t.schema(f.Schema.Optional()))
			continue
		}
		b.Field(f.Name, f.Schema)
	}
	if s.Optional() {
		b.Optional()
	}
	var err error
	if plan.schema, err = b.Build(); err != nil {
		return plan, err
	}
	def, ok := s.Default()
	if !ok {
		return plan, nil
	}
	if def, err = t.convertFields(nil, &plan, def.Struct()); err != nil {
		return plan, err
	}
	plan.schema, err = b.Default(def).Build()
	return plan, err
}
