package transform

// SetSchemaMetadata sets the name and version of a struct's schema.
//
// Supported: SetSchemaMetadata$Key and SetSchemaMetadata$Value with all keys of Kafka Connect 4.3: schema.name, schema.version and
// replace.null.with.default. Everything else about the schema stays. As in Kafka Connect it works on structs only; other data
// with a schema is an error, and so is data without one, while a null without schema passes unchanged.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func setSchemaMetadata() []connect.TransformClass {
	def := configdef.MustNew(
		configdef.ConfigKey{
			Name: "schema.name", Type: configdef.TypeString, Importance: configdef.ImportanceHigh,
			Documentation: "Schema name to set.",
		},
		configdef.ConfigKey{
			Name: "schema.version", Type: configdef.TypeInt, Importance: configdef.ImportanceHigh,
			Documentation: "Schema version to set.",
		},
		replaceNullKey(),
	)
	return smt.KeyAndValue(packageName+"SetSchemaMetadata", def, newSetSchemaMetadata)
}

type renamer struct {
	smt.Operand
	name        string
	version     int32
	hasName     bool
	hasVersion  bool
	useDefaults bool
	plans       smt.Plans[renamePlan]
}

type renamePlan struct{ schema *connect.Schema }

func newSetSchemaMetadata(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	t := &renamer{
		Operand: o, name: c.String("schema.name"), hasName: !c.IsNull("schema.name"), version: int32(c.Int("schema.version")),
		hasVersion: !c.IsNull("schema.version"), useDefaults: c.Bool("replace.null.with.default"),
	}
	if !t.hasName && !t.hasVersion {
		e := connect.ConfigError("Neither schema name nor version configured")
		e.Hint = "set schema.name, schema.version or both"
		return nil, e
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *renamer) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case s == nil && v.IsNull():
		return true, nil
	case s == nil:
		return false, connect.DataError("Schema required for [updating schema metadata]")
	case s.Type() != connect.TypeStruct:
		return false, smt.ErrNoFields()
	case v.Kind() == connect.KindStruct:
		s = v.Struct().Schema()
	}
	plan, err := t.plans.Find(s, t.plan)
	if err != nil {
		return false, err
	}
	if v.Kind() == connect.KindStruct {
		to := a.NewStruct(plan.schema)
		if err := smt.CopyFields(to, v.Struct(), t.useDefaults); err != nil {
			return false, err
		}
		v = to.Value()
	}
	t.Set(r, plan.schema, v)
	return true, nil
}

func (t *renamer) plan(s *connect.Schema) (plan renamePlan, err error) {
	b := t.build(s)
	if def, ok := s.Default(); ok && def.Kind() == connect.KindStruct {
		// The default has to be a struct of the new schema too, which is complete but for the default.
		schema, err := t.build(s).Build()
		if err != nil {
			return plan, err
		}
		to := connect.NewStruct(schema)
		copy(to.Fields(), def.Struct().Fields())
		b.Default(to.Value())
	}
	plan.schema, err = b.Build()
	return plan, err
}

func (t *renamer) build(s *connect.Schema) *connect.SchemaBuilder {
	b := connect.NewStructSchema()
	if name, ok := s.Name(); t.hasName {
		b.Name(t.name)
	} else if ok {
		b.Name(name)
	}
	if version, ok := s.Version(); t.hasVersion {
		b.Version(t.version)
	} else if ok {
		b.Version(version)
	}
	smt.CopyNotes(b, s)
	for _, f := range s.Fields() {
		b.Field(f.Name, f.Schema)
	}
	return b.SetOptional(s.Optional())
}
