package connecttest

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"weak"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// variant returns one of any number of schemas like the struct schema s: of another version, and with more fields, in front for every
// other one, so that the places of all fields change. It is made anew at each call.
func variant(s *connect.Schema, number, more int) *connect.Schema {
	b := connect.NewStructSchema().Version(int32(number)).SetOptional(s.Optional())
	if name, ok := s.Name(); ok {
		b.Name(name)
	}
	add := func() {
		for i := range more {
			b.Field("variant "+strconv.Itoa(i), connect.OptionalStringSchema)
		}
	}
	if number%2 == 1 {
		add()
	}
	for _, f := range s.Fields() {
		b.Field(f.Name, f.Schema)
	}
	if number%2 == 0 {
		add()
	}
	return b.MustBuild()
}

// variants makes records of variants of their schemas. Key and value of one schema stay of one.
type variants struct {
	number, more int
	from, to     *connect.Schema // the last
}

func (vs *variants) part(a *connect.Arena, s *connect.Schema, v connect.Value) (*connect.Schema, connect.Value) {
	if s == nil || s.Type() != connect.TypeStruct || !v.IsNull() && v.Struct().Schema() != s {
		return s, v
	}
	if vs.from != s {
		vs.from, vs.to = s, variant(s, vs.number, vs.more)
	}
	if v.IsNull() {
		return vs.to, v
	}
	st, first := a.NewStruct(vs.to), 0
	if vs.number%2 == 1 {
		first = vs.more
	}
	copy(st.Fields()[first:], v.Struct().Fields())
	return vs.to, st.Value()
}

func (vs *variants) of(a *connect.Arena, r connect.Record) connect.Record {
	r.KeySchema, r.Key = vs.part(a, r.KeySchema, r.Key)
	r.ValueSchema, r.Value = vs.part(a, r.ValueSchema, r.Value)
	return r
}

// structured returns the records of which schemas can vary, at most two.
func structured(records []connect.Record) (list []connect.Record) {
	for _, r := range records {
		for _, s := range []*connect.Schema{r.KeySchema, r.ValueSchema} {
			if s != nil && s.Type() == connect.TypeStruct && len(list) < 2 {
				list = append(list, r)
				break
			}
		}
	}
	return list
}

// applied is a record after Apply.
type applied struct {
	r    connect.Record
	keep bool
	err  error
}

func apply(tr connect.Transform, a *connect.Arena, r connect.Record) applied {
	keep, err := tr.Apply(&r, a)
	return applied{r, keep, err}
}

func (p applied) equals(o applied) bool {
	if p.keep != o.keep || (p.err == nil) != (o.err == nil) {
		return false
	}
	return !p.keep || p.r.Topic == o.r.Topic && p.r.Key.Equal(o.r.Key) && p.r.Value.Equal(o.r.Value) &&
		p.r.KeySchema.Equal(o.r.KeySchema) && p.r.ValueSchema.Equal(o.r.ValueSchema) && len(p.r.Headers) == len(o.r.Headers)
}

func (p applied) String() string { return outcome(&p.r, p.keep, p.err) }

// checkThousandSchemas compares one transform with another that sees the schemas in another order, and with some that see but one. In
// the second round each schema must give the very output schemas that it gave in the first.
func (h TransformHarness) checkThousandSchemas(context.Context, testing.TB) error {
	const schemas = 1000
	trs := [2]connect.Transform{}
	for i := range trs {
		var err error
		if trs[i], err = h.new(); err != nil {
			return err
		}
	}
	var a connect.Arena
	originals := structured(h.Records(&a))
	records, first := make([]connect.Record, 0, schemas*len(originals)), make([]applied, schemas*len(originals))
	for i := range schemas {
		vs := variants{number: i, more: 1}
		for _, r := range originals {
			records = append(records, vs.of(&a, r))
		}
	}
	for i := range records {
		i = (i*7919 + 5) % len(records) // 7919 is a prime
		first[i] = apply(trs[0], &a, records[i])
	}
	for i, r := range records {
		again := apply(trs[0], &a, r)
		if again.r.KeySchema != first[i].r.KeySchema || again.r.ValueSchema != first[i].r.ValueSchema {
			return fmt.Errorf("schema %d gives another schema the second time: %s, then %s", i, first[i], again)
		}
		if h.Clock {
			continue
		}
		others := []applied{again, apply(trs[1], &a, r)}
		if i%97 == 0 {
			tr, err := h.new()
			if err != nil {
				return err
			}
			others = append(others, apply(tr, &a, r))
		}
		for _, other := range others {
			if !other.equals(first[i]) {
				return fmt.Errorf("a record of schema %d among others becomes\n%s, else\n%s", i, first[i], other)
			}
		}
	}
	return nil
}

// checkEqualSchemas makes schemas anew for each record, as some converters do. Of those that are equal at most one may stay, and the
// output schema must stay the same.
func (h TransformHarness) checkEqualSchemas(context.Context, testing.TB) error {
	const schemas, rounds = 50, 4
	tr, err := h.new()
	if err != nil {
		return err
	}
	var memory connect.Arena
	originals := structured(h.Records(&memory))
	var seen []weak.Pointer[connect.Schema]
	outputs := make(map[[2]int][2]weak.Pointer[connect.Schema])
	for range rounds {
		for i := range schemas {
			var a connect.Arena
			vs := variants{number: i, more: 1}
			for j, r := range originals {
				in := vs.of(&a, r)
				p := apply(tr, &a, in)
				seen = append(seen, weak.Make(vs.to))
				made := [2]weak.Pointer[connect.Schema]{weak.Make(p.r.KeySchema), weak.Make(p.r.ValueSchema)}
				at := [2]int{i, j}
				if _, ok := outputs[at]; !ok {
					outputs[at] = made
				}
				for k, s := range []*connect.Schema{p.r.KeySchema, p.r.ValueSchema} {
					if p.err == nil && s != in.KeySchema && s != in.ValueSchema && s != outputs[at][k].Value() {
						return fmt.Errorf("schema %d was made anew and gives a new schema, too: %s", i, s)
					}
				}
			}
		}
	}
	return alive(tr, seen, 2*schemas*len(originals))
}

// checkBounded gives the transform wide schemas, a hundred thousand fields in all.
func (h TransformHarness) checkBounded(context.Context, testing.TB) error {
	const schemas, fields, most = 200, 500, 150
	tr, err := h.new()
	if err != nil {
		return err
	}
	var memory connect.Arena
	originals := structured(h.Records(&memory))
	if len(originals) == 0 {
		return nil
	}
	var seen []weak.Pointer[connect.Schema]
	for i := range schemas {
		var a connect.Arena
		vs := variants{number: i, more: fields}
		_ = apply(tr, &a, vs.of(&a, originals[0]))
		seen = append(seen, weak.Make(vs.to))
	}
	return alive(tr, seen, most)
}

// alive fails when more than so many of some schemas are kept by a transform.
func alive(tr connect.Transform, seen []weak.Pointer[connect.Schema], most int) error {
	runtime.GC()
	kept := make(map[*connect.Schema]bool)
	for _, p := range seen {
		if s := p.Value(); s != nil {
			kept[s] = true
		}
	}
	runtime.KeepAlive(tr)
	if len(kept) > most {
		return fmt.Errorf("of %d schemas %d are kept, want at most %d", len(seen), len(kept), most)
	}
	return nil
}
