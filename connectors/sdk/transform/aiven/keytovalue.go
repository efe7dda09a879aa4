package aiven

// KeyToValue adds fields of the key, or the whole key, to a value that is a struct or a map.
//
// Supported: KeyToValue with all keys: key.fields and value.fields. The new struct keeps name, version, documentation and parameters,
// and whether it is optional, but loses its default; a field that is there already gets the key's schema and value. A whole key
// without schema is added to a struct only if its type tells its schema. A value that is null is an error.

import (
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

// wholeKey stands for the key itself in a list of its fields.
const wholeKey = "*"

func keyToValue() []connect.TransformClass {
	valueFields := requiredList("value.fields", "The fields of the value to add or replace, in the order of key.fields. An empty or missing one has the "+
		"name of the key's field, and _key is the name for the whole key.")
	valueFields.Required, valueFields.Default = false, ""
	def := configdef.MustNew(requiredList("key.fields", "The fields of the key to copy into the value, * for the whole key."), valueFields)
	return []connect.TransformClass{smt.Class(packageName+"KeyToValue", def, newKeyToValue)}
}

// keyCopier copies keyFields[i] of the key into valueFields[i] of the value.
type keyCopier struct {
	keyFields, valueFields []string
	named, whole           bool                 // whether there are fields of the key, or the key itself, among them
	plans                  smt.Plans[mergePlan] // by the value's schema and the key's
}

// mergePlan is the output schema, and what is copied into it beside the value's fields, which come first.
type mergePlan struct {
	key    *connect.Schema // that it was made for
	schema *connect.Schema
	copies []keyCopy
}

// keyCopy copies field from of the key, the whole key for -1, to field to of the value.
type keyCopy struct{ from, to int }

func newKeyToValue(c configdef.Config) (connect.Transform, error) {
	t := &keyCopier{keyFields: c.List("key.fields")}
	valueFields := c.List("value.fields")
	for i, name := range t.keyFields {
		if i < len(valueFields) && valueFields[i] != "" {
			name = valueFields[i]
		}
		if name == wholeKey {
			name = "_key"
		}
		if slices.Contains(t.valueFields, name) {
			return nil, smt.ConfigError(configdef.Errorf("value.fields", "More than one key value is copied to the value field name '%s'", name))
		}
		t.valueFields = append(t.valueFields, name)
		t.named = t.named || t.keyFields[i] != wholeKey
		t.whole = t.whole || t.keyFields[i] == wholeKey
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *keyCopier) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	if err := t.check(r); err != nil {
		return false, err
	}
	if r.Value.Kind() == connect.KindMap {
		err = t.addToMap(r, a)
	} else {
		err = t.addToStruct(r, a)
	}
	return err == nil, err
}

// check looks at key and value in the order in which the original does.
func (t *keyCopier) check(r *connect.Record) error {
	switch key := r.Key.Kind(); {
	case t.named && r.KeySchema != nil && r.KeySchema.Type() != connect.TypeStruct:
		return connect.DataError("Named key fields " + t.keyFieldsText() + " cannot be copied from the key schema: " + r.KeySchema.Type().String())
	case t.named && r.KeySchema == nil && key != connect.KindMap && key != connect.KindStruct:
		return connect.DataError("Named key fields " + t.keyFieldsText() + " cannot be copied from the key class: " + smt.ClassName(r.Key))
	case t.whole && r.KeySchema == nil && key == connect.KindMap && r.ValueSchema != nil && r.ValueSchema.Type() == connect.TypeStruct:
		return connect.DataError("The value requires a schema, but the key class is a schemaless Map")
	case r.ValueSchema == nil && r.Value.Kind() != connect.KindMap,
		r.ValueSchema != nil && (r.ValueSchema.Type() != connect.TypeStruct || r.Value.Kind() != connect.KindStruct):
		return connect.DataError("The value needs to be a Struct or Map in order to append fields")
	}
	return nil
}

func (t *keyCopier) keyFieldsText() string { return "[" + strings.Join(t.keyFields, ", ") + "]" }

func (t *keyCopier) addToMap(r *connect.Record, a *connect.Arena) error {
	to := smt.CopyMap(a, r.Value.Map(), len(t.keyFields))
	for i, name := range t.keyFields {
		v, err := keyField(r.Key, name)
		if err != nil {
			return err
		}
		to.Put(t.valueFields[i], v)
	}
	r.ValueSchema, r.Value = nil, to.Value()
	return nil
}

// keyField returns a field of the key, or the key itself.
func keyField(key connect.Value, name string) (connect.Value, error) {
	switch {
	case name == wholeKey:
		return key, nil
	case key.Kind() == connect.KindStruct:
		return key.Struct().Get(name)
	}
	v, _ := member(key, name)
	return v, nil
}

func (t *keyCopier) addToStruct(r *connect.Record, a *connect.Arena) error {
	keySchema, err := schemaOfKey(r)
	if err != nil {
		return err
	}
	from := r.Value.Struct()
	plan, err := t.plans.FindFor(from.Schema(), keySchema.Hash(),
		func(p *mergePlan) bool { return p.key.Equal(keySchema) },
		func(s *connect.Schema) (mergePlan, error) { return t.merge(s, keySchema) })
	if err != nil {
		return err
	}
	to := a.NewStruct(plan.schema)
	copy(to.Fields(), from.Fields())
	for _, c := range plan.copies {
		v := r.Key
		if c.from >= 0 {
			v = fieldOf(r.Key, c.from)
		}
		to.SetField(c.to, v)
	}
	fields := to.Fields()
	for i := range fields {
		if fields[i].IsNull() {
			if fields[i], err = nullOf(&plan.schema.Fields()[i]); err != nil {
				return err
			}
		}
	}
	r.ValueSchema, r.Value = plan.schema, to.Value()
	return nil
}

// fieldOf returns the i-th field of a key that is a struct, and null of one that is null.
func fieldOf(key connect.Value, i int) connect.Value {
	if key.Kind() != connect.KindStruct {
		return connect.Null()
	}
	return key.Struct().FieldOrDefault(i)
}

// nullOf returns what stands for null in a field: its default or null, which it may refuse.
func nullOf(f *connect.Field) (connect.Value, error) {
	v, _ := f.Schema.Default()
	return v, connect.ValidateValue(f.Name, f.Schema, v)
}

// schemaOfKey returns the key's schema, that which its type tells if it has none.
func schemaOfKey(r *connect.Record) (*connect.Schema, error) {
	if r.KeySchema != nil {
		if r.Key.Kind() == connect.KindStruct {
			return r.Key.Struct().Schema(), nil
		}
		return r.KeySchema, nil
	}
	s, err := values.InferSchema(r.Key)
	if err == nil && s == nil {
		err = connect.DataError("Cannot infer schema for unsupported key class: " + smt.ClassName(r.Key))
	}
	return s, err
}

// merge adds what is copied from a key of schema key to the schema of the value.
func (t *keyCopier) merge(value, key *connect.Schema) (plan mergePlan, err error) {
	plan.key = key
	fields := slices.Clone(value.Fields())
	for i, name := range t.keyFields {
		c, schema := keyCopy{from: -1}, key
		if name != wholeKey {
			if key.Type() != connect.TypeStruct {
				return plan, connect.DataError("Cannot look up fields on non-struct type")
			}
			if c.from = key.FieldIndex(name); c.from < 0 {
				return plan, connect.DataError("Key field '" + name + "' not found in key schema")
			}
			schema = key.Fields()[c.from].Schema
		}
		if c.to = value.FieldIndex(t.valueFields[i]); c.to < 0 {
			c.to = len(fields)
			fields = append(fields, connect.Field{Name: t.valueFields[i]})
		}
		fields[c.to].Schema = schema
		plan.copies = append(plan.copies, c)
	}
	b := connect.NewSchemaLike(value).Parameters().SetOptional(value.Optional())
	for _, f := range fields {
		b.Field(f.Name, f.Schema)
	}
	plan.schema, err = b.Build()
	return plan, err
}
