package transform

// HeaderFrom moves or copies fields of a struct or map into headers.
//
// Supported: HeaderFrom$Key and HeaderFrom$Value with all keys of Kafka Connect 4.3. A header is added for every pair of field and
// header, behind those of the same name. The key or value must be a struct or map: guard it against tombstones with a predicate.
// A struct without a field that is to become a header is an error, a map without it gives a header without a value. A struct
// that loses fields keeps name, version, documentation and parameters, but becomes required and loses its default.

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func headerFrom() []connect.TransformClass {
	list := func(name, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{
			Name: name, Type: configdef.TypeList, Required: true, Validator: configdef.NonEmptyList(), Importance: configdef.ImportanceHigh, Documentation: doc,
		}
	}
	def := configdef.MustNew(
		list("fields", "Field names in the record whose values are to be copied or moved to headers."),
		list("headers", "Header names, in the same order as the field names listed in the fields configuration property."),
		configdef.ConfigKey{
			Name: "operation", Type: configdef.TypeString, Required: true, Validator: configdef.ValidString("move", "copy"), Importance: configdef.ImportanceHigh,
			Documentation: "Either <code>move</code> if the fields are to be moved to the headers (removed from the key/value), " +
				"or <code>copy</code> if the fields are to be copied to the headers (retained in the key/value).",
		},
		replaceNullKey(),
	)
	return smt.KeyAndValue(packageName+"HeaderFrom", def, newHeaderFrom)
}

type headerCopier struct {
	smt.Operand
	fields, headers []string
	moves           bool
	purpose         string
	useDefaults     bool
	plans           smt.Plans[headerPlan]
}

// headerPlan says where the headers come from, and, if fields are moved, the fields that stay.
type headerPlan struct {
	schema  *connect.Schema
	headers []int
	from    []int
}

func newHeaderFrom(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	t := &headerCopier{
		Operand: o, fields: c.List("fields"), headers: c.List("headers"), moves: c.String("operation") == "move",
		purpose: "header " + c.String("operation"), useDefaults: c.Bool("replace.null.with.default"),
	}
	if len(t.fields) != len(t.headers) {
		return nil, connect.ConfigError("'fields' config must have the same number of elements as 'headers' config.")
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *headerCopier) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	if s == nil {
		err = t.fromMap(r, a, v)
	} else {
		err = t.fromStruct(r, a, v)
	}
	return err == nil, err
}

func (t *headerCopier) fromStruct(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.StructOf(v, t.purpose)
	if err != nil {
		return err
	}
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return err
	}
	headers := t.room(r, a)
	for i, j := range plan.headers {
		value := from.Field(j)
		if t.useDefaults {
			value = from.FieldOrDefault(j)
		}
		headers = append(headers, connect.Header{Key: t.headers[i], Schema: from.Schema().Fields()[j].Schema, Value: value})
	}
	r.Headers = headers
	if !t.moves {
		return nil
	}
	to := a.NewStruct(plan.schema)
	fields := to.Fields()
	for i, j := range plan.from {
		if fields[i] = from.Field(j); fields[i].IsNull() {
			if fields[i], err = smt.NullField(plan.schema, i, from, j, t.useDefaults); err != nil {
				return err
			}
		}
	}
	t.Set(r, plan.schema, to.Value())
	return nil
}

// room returns a copy of the headers that has room for those to be added.
func (t *headerCopier) room(r *connect.Record, a *connect.Arena) []connect.Header {
	headers := a.Headers(len(r.Headers) + len(t.headers))
	return headers[:copy(headers, r.Headers)]
}

func (t *headerCopier) plan(s *connect.Schema) (plan headerPlan, err error) {
	for _, name := range t.fields {
		i := s.FieldIndex(name)
		if i < 0 {
			return plan, &connect.Error{
				Kind: connect.KindData, Class: connect.NullPointerException, Message: "Unknown field: " + name,
				Hint: "every one of fields must be in the schema",
			}
		}
		plan.headers = append(plan.headers, i)
	}
	b := connect.NewSchemaLike(s)
	for i, f := range s.Fields() {
		if !slices.Contains(plan.headers, i) {
			b.Field(f.Name, f.Schema)
			plan.from = append(plan.from, i)
		}
	}
	plan.schema, err = b.Build()
	return plan, err
}

func (t *headerCopier) fromMap(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.MapOf(v, t.purpose)
	if err != nil {
		return err
	}
	headers := t.room(r, a)
	for i, name := range t.fields {
		value, _ := from.Get(name)
		headers = append(headers, connect.Header{Key: t.headers[i], Value: value})
	}
	r.Headers = headers
	if !t.moves {
		return nil
	}
	to := smt.NewMapWriter(a, from.Len())
	for i := range from.Len() {
		k, v := from.Entry(i)
		if k.Kind() != connect.KindString || !slices.Contains(t.fields, k.Str()) {
			to.Append(k, v)
		}
	}
	t.Set(r, nil, to.Value())
	return nil
}
