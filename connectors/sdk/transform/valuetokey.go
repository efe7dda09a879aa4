package transform

// ValueToKey replaces the key by a struct or map of some fields of the value.
//
// Supported: the keys of Kafka Connect 4.3: fields and replace.null.with.default. Names are those of the value's own fields; paths
// to nested ones (field.syntax.version) came with Kafka Connect 4.4 and are not read. The struct has no name and is required, its
// fields are in the listed order. A field that the value's schema lacks is an error, one that a map lacks is null in the key. A null
// value is an error: guard tombstones with a predicate.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const keyPurpose = "copying fields from value to key"

func valueToKey() []connect.TransformClass {
	def := configdef.MustNew(
		configdef.ConfigKey{
			Name: "fields", Type: configdef.TypeList, Required: true, Validator: configdef.AnyNonDuplicateValues(false, false),
			Importance: configdef.ImportanceHigh, Documentation: "Fields of the record's value to make its key of.",
		},
		replaceNullKey(),
	)
	return []connect.TransformClass{{
		Name: packageName + "ValueToKey", Config: def,
		New: func(config map[string]string) (connect.Transform, error) {
			c, err := smt.Parse(def, config)
			if err != nil {
				return nil, err
			}
			return &keyMaker{fields: c.List("fields"), useDefaults: c.Bool("replace.null.with.default")}, nil
		},
	}}
}

type keyMaker struct {
	fields      []string
	useDefaults bool
	plans       smt.Plans[keyPlan]
}

// keyPlan is the key's schema, and for each of its fields the position in the value that it comes from.
type keyPlan struct {
	schema *connect.Schema
	from   []int
}

// Apply implements connect.Transform.
func (t *keyMaker) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	if r.ValueSchema == nil {
		err = t.takeFromMap(r, a)
	} else {
		err = t.takeFromStruct(r, a)
	}
	return err == nil, err
}

func (t *keyMaker) takeFromMap(r *connect.Record, a *connect.Arena) error {
	from, err := smt.MapOf(r.Value, keyPurpose)
	if err != nil {
		return err
	}
	to := smt.NewMapWriter(a, len(t.fields))
	for _, name := range t.fields {
		v, _ := from.Get(name)
		to.Append(connect.String(name), v)
	}
	r.KeySchema, r.Key = nil, to.Value()
	return nil
}

func (t *keyMaker) takeFromStruct(r *connect.Record, a *connect.Arena) error {
	from, err := smt.StructOf(r.Value, keyPurpose)
	if err != nil {
		return err
	}
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return err
	}
	to := a.NewStruct(plan.schema)
	slots, fields := from.Fields(), to.Fields()
	for i, j := range plan.from {
		if fields[i] = slots[j]; fields[i].IsNull() {
			if fields[i], err = smt.NullField(plan.schema, i, from, j, t.useDefaults); err != nil {
				return err
			}
		}
	}
	r.KeySchema, r.Key = plan.schema, to.Value()
	return nil
}

func (t *keyMaker) plan(s *connect.Schema) (plan keyPlan, err error) {
	b := connect.NewStructSchema()
	for _, name := range t.fields {
		i := s.FieldIndex(name)
		if i < 0 {
			return plan, connect.DataError("Field does not exist: " + name)
		}
		b.Field(name, s.Fields()[i].Schema)
		plan.from = append(plan.from, i)
	}
	plan.schema, err = b.Build()
	return plan, err
}
