package transform

// Cast changes the type of fields of a struct or map, or of a whole key or value.
//
// Supported: Cast$Key and Cast$Value with all keys of Kafka Connect 4.3: spec and replace.null.with.default. A null key or value
// passes unchanged, and so do fields that the spec does not name. A cast field is plainly of its new type: it stays optional and
// keeps its default, cast, but loses name, version, documentation and parameters; a whole value keeps those too, so that a
// Timestamp cast to string is a STRING still named Timestamp, which most converters refuse: cast a field instead. A listed field
// that a map lacks is added as null. See castvalue.go for the rules of each type.

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const castPurpose = "cast types"

func cast() []connect.TransformClass {
	def := configdef.MustNew(
		configdef.ConfigKey{
			Name: "spec", Type: configdef.TypeList, Required: true, Importance: configdef.ImportanceHigh,
			Validator: configdef.Lambda("list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>", func(_ string, value any) error {
				mappings, _ := value.([]string)
				_, err := parseCasts(mappings)
				return err
			}),
			Documentation: "Fields and the types to cast them to, as field:type, or a single type to cast the whole key or value to. " +
				"Types are int8, int16, int32, int64, float32, float64, boolean and string.",
		},
		replaceNullKey(),
	)
	return smt.KeyAndValue(packageName+"Cast", def, newCast)
}

// fieldCast is the type that a field is to have. An empty name may be that of a field; whole says that it is none.
type fieldCast struct {
	name  string
	whole bool
	to    connect.Type
}

// parseCasts reads field:type pairs, or a single type. A later pair for the same field counts.
func parseCasts(mappings []string) ([]fieldCast, error) {
	if len(mappings) == 0 {
		return nil, configdef.Errorf("spec", "Must specify at least one field to cast.")
	}
	casts, whole := make([]fieldCast, len(mappings)), false
	for i, mapping := range mappings {
		var err error
		if casts[i], err = parseCast(mapping, mappings); err != nil {
			return nil, err
		}
		whole = whole || casts[i].whole
	}
	if whole && len(mappings) > 1 {
		return nil, configdef.Errorf("spec", "Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec")
	}
	return lastOfEach(casts), nil
}

// parseCast reads field:type or type. What counts are the parts that are left after empty ones at the end are dropped.
func parseCast(mapping string, all []string) (c fieldCast, err error) {
	parts := strings.Split(strings.TrimRight(mapping, ":"), ":")
	switch {
	case len(parts) > 2:
		e := configdef.Invalid("renames", all, "Invalid rename mapping: "+mapping) // the key is spec, but Kafka Connect says renames
		e.Key = "spec"
		return c, e
	case mapping != "" && parts[0] == "" && len(parts) == 1:
		return c, configdef.Invalid("spec", all, "there is neither a field nor a type in "+mapping+"; write field:type")
	}
	c.whole = len(parts) == 1
	if !c.whole {
		c.name = javatext.Trim(parts[0])
	}
	c.to, err = parseCastType(javatext.Trim(parts[len(parts)-1]))
	return c, err
}

func parseCastType(text string) (connect.Type, error) {
	name := strings.ToUpper(text)
	for t := connect.TypeInt8; t <= connect.TypeStruct; t++ {
		switch {
		case t.String() != name:
		case t > connect.TypeString:
			return 0, configdef.Errorf("spec", "Cast transformation does not support casting to %s; supported types are "+
				"[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING]", name)
		default:
			return t, nil
		}
	}
	return 0, configdef.Errorf("spec", "Invalid value java.lang.IllegalArgumentException: No enum constant "+
		"org.apache.kafka.connect.data.Schema.Type.%s for configuration Invalid type found in casting spec: %s", name, text)
}

func lastOfEach(casts []fieldCast) []fieldCast {
	position := make(map[string]int, len(casts))
	kept := casts[:0]
	for _, c := range casts {
		if i, ok := position[c.name]; ok {
			kept[i] = c
			continue
		}
		position[c.name] = len(kept)
		kept = append(kept, c)
	}
	return kept
}

type caster struct {
	smt.Operand
	casts       []fieldCast
	useDefaults bool
	plans       smt.Plans[castPlan]
}

// castPlan is the output schema and the fields to cast.
type castPlan struct {
	schema *connect.Schema
	steps  []castStep
}

// castStep is one field to cast, at the same position before and after.
type castStep struct {
	index int
	from  *connect.Schema
	to    connect.Type
}

func newCast(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	casts, err := parseCasts(c.List("spec"))
	if err != nil {
		return nil, smt.ConfigError(err)
	}
	return &caster{Operand: o, casts: casts, useDefaults: c.Bool("replace.null.with.default")}, nil
}

// Apply implements connect.Transform.
func (t *caster) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case v.IsNull():
	case t.casts[0].whole:
		err = t.castWhole(r, a, s, v)
	case s == nil:
		err = t.castInMap(r, a, v)
	default:
		err = t.castInStruct(r, a, s, v)
	}
	return err == nil, err
}

func (t *caster) castWhole(r *connect.Record, a *connect.Arena, s *connect.Schema, v connect.Value) error {
	var schema *connect.Schema
	if s != nil {
		plan, err := t.plans.Find(s, t.planWhole)
		if err != nil {
			return err
		}
		schema = plan.schema
	}
	to, err := castValue(a, s, v, t.casts[0].to)
	if err != nil {
		return err
	}
	t.Set(r, schema, to)
	return nil
}

func (t *caster) planWhole(s *connect.Schema) (plan castPlan, err error) {
	b := smt.CopyBasics(connect.NewSchema(t.casts[0].to), s)
	plan.schema, err = finishCast(b, s, t.casts[0].to)
	return plan, err
}

// finishCast takes over that a schema is optional, and its default.
func finishCast(b *connect.SchemaBuilder, s *connect.Schema, to connect.Type) (*connect.Schema, error) {
	if s.Optional() {
		b.Optional()
	}
	if def, ok := s.Default(); ok {
		v, err := castValue(nil, s, def, to)
		if err != nil {
			return nil, err
		}
		b.Default(v)
	}
	return b.Build()
}

func (t *caster) castInStruct(r *connect.Record, a *connect.Arena, s *connect.Schema, v connect.Value) error {
	if s.Type() != connect.TypeStruct {
		return smt.ErrNoFields()
	}
	from, err := smt.StructOf(v, castPurpose)
	if err != nil {
		return err
	}
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return err
	}
	to := a.NewStruct(plan.schema)
	if err := smt.CopyFields(to, from, t.useDefaults); err != nil {
		return err
	}
	fields := to.Fields()
	for _, step := range plan.steps {
		if fields[step.index], err = castValue(a, step.from, fields[step.index], step.to); err != nil {
			return err
		}
	}
	t.Set(r, plan.schema, to.Value())
	return nil
}

func (t *caster) plan(s *connect.Schema) (plan castPlan, err error) {
	b := connect.NewSchemaLike(s)
	for i, f := range s.Fields() {
		schema := f.Schema
		if to, ok := t.target(f.Name); ok {
			if schema, err = finishCast(connect.NewSchema(to), f.Schema, to); err != nil {
				return plan, err
			}
			plan.steps = append(plan.steps, castStep{index: i, from: f.Schema, to: to})
		}
		b.Field(f.Name, schema)
	}
	plan.schema, err = finishCast(b, s, connect.TypeStruct) // a struct cannot be cast, hence not its default either
	return plan, err
}

func (t *caster) target(field string) (to connect.Type, ok bool) {
	for _, c := range t.casts {
		if c.name == field {
			return c.to, true
		}
	}
	return 0, false
}

func (t *caster) castInMap(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.MapOf(v, castPurpose)
	if err != nil {
		return err
	}
	to := smt.CopyMap(a, from, len(t.casts))
	for _, c := range t.casts {
		i := from.Index(c.name)
		if i < 0 {
			to.Put(c.name, connect.Null())
			continue
		}
		_, field := from.Entry(i)
		if field, err = castValue(a, nil, field, c.to); err != nil {
			return err
		}
		to.Set(i, field)
	}
	t.Set(r, nil, to.Value())
	return nil
}
