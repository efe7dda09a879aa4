package transform

// Flatten makes the fields of nested structs or maps fields of one flat struct or map, under their names joined by a delimiter.
//
// Supported: Flatten$Key and Flatten$Value with the key delimiter. A null key or value passes unchanged. Arrays stay as they are,
// structs and maps in them included; a map inside of a struct is an error, and so is a struct inside of a map. Structs: a field is
// optional if it or any struct around it is; its default is its own, else what the default of a struct around it has for it; the flat
// struct is required and has no default itself, but keeps name, version, documentation and parameters; two fields of one name
// are an error. Maps: of two entries of one name the later one counts, in the place of the earlier; an empty nested map
// vanishes.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const flattenPurpose = "flattening"

func flatten() []connect.TransformClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "delimiter", Type: configdef.TypeString, Default: ".", Importance: configdef.ImportanceMedium,
		Documentation: "Delimiter to insert between field names from the input record when generating field names for the output record.",
	})
	return smt.KeyAndValue(packageName+"Flatten", def, newFlatten)
}

type flattener struct {
	smt.Operand
	delimiter string
	plans     smt.Plans[flattenPlan]
}

// flattenPlan is the flat schema and what to take from the struct and those inside of it.
type flattenPlan struct {
	schema *connect.Schema
	root   flattenNode
}

// flattenNode is a struct of the input.
type flattenNode struct {
	schema *connect.Schema
	fields []flattenField // one for each field of schema
}

// flattenField is a nested struct, or else a field with its position in the output.
type flattenField struct {
	nested *flattenNode
	to     int
}

func newFlatten(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	return &flattener{Operand: o, delimiter: c.String("delimiter")}, nil
}

// Apply implements connect.Transform.
func (t *flattener) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case v.IsNull():
	case s == nil:
		err = t.flattenMap(r, a, v)
	default:
		err = t.flattenStruct(r, a, v)
	}
	return err == nil, err
}

func (t *flattener) flattenStruct(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.StructOf(v, flattenPurpose)
	if err != nil {
		return err
	}
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return err
	}
	to := a.NewStruct(plan.schema)
	if err := plan.root.fill(to, from); err != nil {
		return err
	}
	t.Set(r, plan.schema, to.Value())
	return nil
}

// fill copies the fields of a struct and of those inside of it.
func (n *flattenNode) fill(to, from connect.Struct) error {
	if err := smt.SameFields(from, n.schema); err != nil {
		return err
	}
	for i := range n.fields {
		f := &n.fields[i]
		if f.nested == nil {
			v := from.FieldOrDefault(i)
			if out := &to.Schema().Fields()[f.to]; v.IsNull() && !out.Schema.Optional() {
				return connect.ValidateValue(out.Name, out.Schema, v)
			}
			to.SetField(f.to, v)
			continue
		}
		v := from.Field(i) // no default: that went to the defaults of the fields
		if v.IsNull() {
			continue
		}
		nested, err := smt.StructOf(v, flattenPurpose)
		if err != nil {
			return err
		}
		if err := f.nested.fill(to, nested); err != nil {
			return err
		}
	}
	return nil
}

func (t *flattener) plan(s *connect.Schema) (plan flattenPlan, err error) {
	p := flattenPlanner{delimiter: t.delimiter, builder: connect.NewSchemaLike(s)}
	def, _ := s.Default()
	if plan.root, err = p.add(s, "", s.Optional(), def); err != nil {
		return plan, err
	}
	plan.schema, err = p.builder.Build()
	return plan, err
}

type flattenPlanner struct {
	delimiter string
	builder   *connect.SchemaBuilder
	fields    int // that were added
}

// add adds the fields of a struct schema. optional says that this or an outer struct is optional; def is the default that this struct
// gets from outside, or null.
func (p *flattenPlanner) add(s *connect.Schema, prefix string, optional bool, def connect.Value) (flattenNode, error) {
	node := flattenNode{schema: s, fields: make([]flattenField, len(s.Fields()))}
	var defaults connect.Struct
	if !def.IsNull() {
		var err error
		if defaults, err = smt.StructOf(def, flattenPurpose); err != nil {
			return node, err
		}
		if err := smt.SameFields(defaults, s); err != nil {
			return node, err
		}
	}
	for i, f := range s.Fields() {
		name := f.Name
		if prefix != "" {
			name = prefix + p.delimiter + name
		}
		optional := optional || f.Schema.Optional()
		inherited, ok := f.Schema.Default()
		if !ok && !def.IsNull() {
			inherited = defaults.Field(i)
		}
		switch f.Schema.Type() {
		case connect.TypeStruct:
			nested, err := p.add(f.Schema, name, optional, inherited)
			if err != nil {
				return node, err
			}
			node.fields[i].nested = &nested
		case connect.TypeMap:
			return node, connect.DataError("Flatten transformation does not support MAP for record with schemas (for field " + name + ").")
		default:
			schema, err := flatField(f.Schema, optional, inherited)
			if err != nil {
				return node, err
			}
			p.builder.Field(name, schema)
			node.fields[i].to = p.fields
			p.fields++
		}
	}
	return node, nil
}

// flatField returns the schema of a field in the flat struct.
func flatField(s *connect.Schema, optional bool, def connect.Value) (*connect.Schema, error) {
	b := connect.NewSchema(s.Type())
	if s.Type() == connect.TypeArray {
		b = connect.NewArraySchema(s.ValueSchema())
	}
	smt.CopyBasics(b, s)
	if optional {
		b.Optional()
	}
	if !def.IsNull() {
		b.Default(def)
	}
	return b.Build()
}
