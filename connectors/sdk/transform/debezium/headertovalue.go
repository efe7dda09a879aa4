package debezium

// HeaderToValue moves or copies headers into a value that is a struct.
//
// Supported: all keys: headers, fields and operation. A field may lie in structs of the value, source.id; where they are not there, or
// null, nothing is added. Of several headers of one name the last counts, where Debezium fails; headers that are missing, or null
// without a schema, add nothing. The struct becomes required and loses its default; those in it keep whether they are optional. A null
// value passes.

import (
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func headerToValue() []connect.TransformClass {
	names := func(name, doc string) configdef.ConfigKey {
		key := list(name, doc)
		key.Required, key.Default, key.Validator, key.Importance = true, nil, configdef.NonEmptyList(), configdef.ImportanceHigh
		return key
	}
	operation := text("operation", "move takes the headers away, copy keeps them.", nil)
	operation.Required, operation.Validator, operation.Importance = true, configdef.ValidString("move", "copy"), configdef.ImportanceHigh
	def := configdef.MustNew(
		names("headers", "The headers to move or copy."),
		names("fields", "The fields to add, in the order of headers. Dots lead into structs."),
		operation,
	)
	return []connect.TransformClass{smt.Class(packageName+"HeaderToValue", def, newHeaderToValue)}
}

type headerCopier struct {
	headers []string
	fields  [][]string // paths
	moves   bool
	found   []connect.Header // of the record at hand, in the order of headers; with a nil schema if it is missing
	plans   smt.Plans[addPlan]
}

// addPlan is the new schema of a struct, what becomes of the structs in it, and which headers come behind its fields.
type addPlan struct {
	schemas []*connect.Schema // of the headers that it was made for
	schema  *connect.Schema
	nested  []*addPlan // for each field, nil if it stays as it is
	added   []int      // headers
}

func newHeaderToValue(c configdef.Config) (connect.Transform, error) {
	t := &headerCopier{headers: c.List("headers"), moves: c.String("operation") == "move"}
	for _, path := range c.List("fields") {
		names := strings.Split(path, ".")
		if slices.Contains(names, "") {
			return nil, smt.ConfigError(configdef.Invalid("fields", path, "A name is missing"))
		}
		t.fields = append(t.fields, names)
	}
	if len(t.headers) != len(t.fields) {
		return nil, connect.ConfigError("'fields' config must have the same number of elements as 'headers' config.")
	}
	t.found = make([]connect.Header, len(t.headers))
	return t, nil
}

// Apply implements connect.Transform.
func (t *headerCopier) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	if r.Value.IsNull() {
		return true, nil
	}
	from, err := smt.StructOf(r.Value, "Header field insertion")
	if err != nil || !t.find(r.Headers) {
		return err == nil, err
	}
	var hash uint64
	for i := range t.found {
		hash = hash*31 + t.found[i].Schema.Hash()
	}
	plan, err := t.plans.FindFor(from.Schema(), hash, t.fits, t.planRecord)
	if err != nil {
		return false, err
	}
	v, err := t.apply(a, plan, from)
	if err != nil {
		return false, err
	}
	r.ValueSchema, r.Value = plan.schema, v
	if t.moves {
		kept := roomFor(a, nil, len(r.Headers))
		for _, h := range r.Headers {
			if !slices.Contains(t.headers, h.Key) {
				kept = append(kept, h)
			}
		}
		r.Headers = kept
	}
	return true, nil
}

// find looks for the headers; it is false when there is none of them.
func (t *headerCopier) find(headers []connect.Header) (some bool) {
	for i, name := range t.headers {
		t.found[i], _ = connect.LastHeader(headers, name)
		some = some || t.found[i].Schema != nil
	}
	return some
}

func (t *headerCopier) fits(plan *addPlan) bool {
	return slices.EqualFunc(plan.schemas, t.found, func(s *connect.Schema, h connect.Header) bool { return s.Equal(h.Schema) })
}

// planRecord plans the whole of a value, for the headers at hand.
func (t *headerCopier) planRecord(s *connect.Schema) (addPlan, error) {
	all := make([]int, len(t.headers))
	for i := range all {
		all[i] = i
	}
	plan, err := t.plan(s, 0, all)
	if err != nil {
		return addPlan{}, err
	}
	for _, h := range t.found {
		plan.schemas = append(plan.schemas, h.Schema)
	}
	return *plan, nil
}

// plan plans a struct at the given depth of the paths of some headers.
func (t *headerCopier) plan(s *connect.Schema, depth int, headers []int) (*addPlan, error) {
	plan := &addPlan{nested: make([]*addPlan, len(s.Fields()))}
	b := connect.NewSchemaLike(s).SetOptional(depth > 0 && s.Optional())
	for i, f := range s.Fields() {
		var inside []int
		for _, h := range headers {
			if path := t.fields[h]; len(path) > depth+1 && path[depth] == f.Name && t.found[h].Schema != nil {
				inside = append(inside, h)
			}
		}
		if len(inside) > 0 && f.Schema.Type() == connect.TypeStruct {
			nested, err := t.plan(f.Schema, depth+1, inside)
			if err != nil {
				return nil, err
			}
			plan.nested[i], f.Schema = nested, nested.schema
		}
		b.Field(f.Name, f.Schema)
	}
	for _, h := range headers {
		if path := t.fields[h]; len(path) == depth+1 && t.found[h].Schema != nil {
			b.Field(path[depth], t.found[h].Schema)
			plan.added = append(plan.added, h)
		}
	}
	var err error
	plan.schema, err = b.Build()
	return plan, err
}

func (t *headerCopier) apply(a *connect.Arena, plan *addPlan, from connect.Struct) (connect.Value, error) {
	to, err := copyStruct(a, plan.schema, from, true)
	if err != nil {
		return connect.Value{}, err
	}
	fields := to.Fields()
	for i, nested := range plan.nested {
		if nested == nil || fields[i].IsNull() {
			continue
		}
		st, err := smt.StructOf(fields[i], "Nested field")
		if err != nil {
			return connect.Value{}, err
		}
		if err := smt.SameFields(st, from.Schema().Fields()[i].Schema); err != nil {
			return connect.Value{}, err
		}
		if fields[i], err = t.apply(a, nested, st); err != nil {
			return connect.Value{}, err
		}
	}
	for i, h := range plan.added {
		field := &plan.schema.Fields()[len(plan.nested)+i]
		if v := t.found[h].Value; !v.IsNull() {
			fields[len(plan.nested)+i] = v
		} else if err := connect.ValidateValue(field.Name, field.Schema, v); err != nil {
			return connect.Value{}, err
		}
	}
	return to.Value(), nil
}
