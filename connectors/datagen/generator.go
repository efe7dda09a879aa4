package datagen

import (
	"math"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// draft is one record being made up: where its values go, and its randomness. It is reused from record to record.
type draft struct {
	arena  *connect.Arena
	random random
	n      int64  // the record's number
	text   []byte // text being made
	size   int    // bytes made so far, roughly
}

func (d *draft) begin(a *connect.Arena, r random, n int64) {
	d.arena, d.random, d.n, d.size = a, r, n, 0
}

// generator makes values of one schema. It is immutable; all that changes is in the draft.
type generator interface {
	generate(d *draft) connect.Value
}

// recordGenerator makes structs.
type recordGenerator struct {
	schema *connect.Schema
	fields []generator
}

func (g *recordGenerator) generate(d *draft) connect.Value {
	s := d.arena.NewStruct(g.schema)
	for i, f := range g.fields {
		s.SetField(i, f.generate(d))
	}
	return s.Value()
}

// options chooses one of some values.
type options []connect.Value

func (g options) generate(d *draft) connect.Value {
	v := g[d.random.below(uint64(len(g)))]
	d.size += 8
	if v.Kind() == connect.KindString {
		d.size += len(v.Str())
	}
	return v
}

// integers chooses from min to max, which is not included; it makes them values by its own function.
type integers struct {
	min, max int64
	make     func(int64) connect.Value
}

func (g integers) generate(d *draft) connect.Value {
	d.size += 8
	return g.make(d.random.between(g.min, g.max))
}

// floats chooses from min to just below max.
type floats struct {
	min, max float64
	make     func(float64) connect.Value
}

func (g floats) generate(d *draft) connect.Value {
	d.size += 8
	v := g.min + d.random.float()*(g.max-g.min)
	if v >= g.max { // rounding
		v = math.Nextafter(g.max, g.min)
	}
	return g.make(v)
}

// odds is true with the given probability.
type odds float64

func (g odds) generate(d *draft) connect.Value {
	d.size++
	return connect.Bool(d.random.float() < float64(g))
}

// alternating is start for the first record, and changes from each to the next.
type alternating bool

func (g alternating) generate(d *draft) connect.Value {
	d.size++
	return connect.Bool(bool(g) == (d.n%2 == 0))
}

// iteration counts: start, start+step, … up to restart, which is not included, and again. The first record gets the
// value skip steps on. A period of 0 never restarts.
type iteration struct {
	start, step, period, skip int64
	make                      func(int64) connect.Value
}

func (g iteration) at(n int64) int64 {
	if n += g.skip; g.period > 0 {
		n %= g.period
	}
	return g.start + g.step*n
}

func (g iteration) generate(d *draft) connect.Value {
	d.size += 8
	return g.make(g.at(d.n))
}

// floatIteration is iteration for numbers with fractions.
type floatIteration struct {
	start, step float64
	count       iteration // from 0 in steps of 1
	make        func(float64) connect.Value
}

func (g floatIteration) generate(d *draft) connect.Value {
	d.size += 8
	return g.make(g.start + g.step*float64(g.count.at(d.n)))
}

// text makes a string of a prefix, what its pattern makes, and a suffix.
type text struct {
	prefix, suffix string
	pattern        pattern
}

func (g text) generate(d *draft) connect.Value {
	d.text = append(d.text[:0], g.prefix...)
	g.pattern.appendTo(d)
	d.text = append(d.text, g.suffix...)
	d.size += len(d.text)
	return connect.StringBytes(d.arena.CopyBytes(d.text))
}

// pattern appends to the text of a draft.
type pattern interface {
	appendTo(d *draft)
}

// letters appends from min to max-1 lower-case letters.
type letters struct{ min, max int64 }

func (p letters) appendTo(d *draft) {
	for range d.random.between(p.min, p.max) {
		d.text = append(d.text, byte('a'+d.random.below(26)))
	}
}

// counted appends an iteration's number.
type counted iteration

func (p counted) appendTo(d *draft) { d.text = strconv.AppendInt(d.text, iteration(p).at(d.n), 10) }

// chosen appends one of some strings.
type chosen []connect.Value

func (p chosen) appendTo(d *draft) {
	d.text = append(d.text, p[d.random.below(uint64(len(p)))].Str()...)
}

// octets makes from min to max-1 random bytes.
type octets struct{ min, max int64 }

func (g octets) generate(d *draft) connect.Value {
	b := d.arena.Bytes(int(d.random.between(g.min, g.max)))
	for i := range b {
		b[i] = byte(d.random.next())
	}
	d.size += len(b)
	return connect.Bytes(b)
}

// unscaled makes decimals of the given scale out of integers.
type unscaled struct {
	of    integers
	scale int32
}

func (g unscaled) generate(d *draft) connect.Value {
	d.size += 8
	return connect.Decimal(d.random.between(g.of.min, g.of.max), g.scale)
}

// list makes an array of from min to max-1 elements.
type list struct {
	min, max int64
	of       generator
}

func (g list) generate(d *draft) connect.Value {
	v := d.arena.NewArray(int(d.random.between(g.min, g.max)))
	for i, elems := 0, v.Array(); i < len(elems); i++ {
		elems[i] = g.of.generate(d)
	}
	return v
}

// entries makes a map of from min to max-1 entries; fewer when keys happen to be equal.
type entries struct {
	min, max int64
	keys, of generator
}

func (g entries) generate(d *draft) connect.Value {
	count := int(d.random.between(g.min, g.max))
	slots := d.arena.Values(2 * count)
	used := 0
	for range count {
		key, value := g.keys.generate(d), g.of.generate(d)
		if connect.NewMap(slots[:used]).Index(key.Str()) < 0 {
			slots[used], slots[used+1] = key, value
			used += 2
		}
	}
	return connect.NewMap(slots[:used]).Value()
}

// maybe is null every other time.
type maybe struct{ of generator }

func (g maybe) generate(d *draft) connect.Value {
	if d.random.below(2) == 0 {
		return connect.Null()
	}
	return g.of.generate(d)
}
