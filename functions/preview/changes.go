package preview

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// node is a datum with its schema, nil for none.
type node struct {
	schema *connect.Schema
	value  connect.Value
}

// differ collects the changes between two records.
type differ struct {
	hide    hider
	changes []Change
}

// changesOf returns what is different in after.
func changesOf(before, after *connect.Record, hide hider) []Change {
	d := &differ{hide: hide}
	if before.Topic != after.Topic {
		d.scalar("topic", connect.String(before.Topic), connect.String(after.Topic))
	}
	if before.Partition != after.Partition {
		d.scalar("partition", orNull(int64(before.Partition), int64(connect.NoPartition)), orNull(int64(after.Partition), int64(connect.NoPartition)))
	}
	if before.Timestamp != after.Timestamp {
		d.scalar("timestamp", orNull(before.Timestamp, connect.NoTimestamp), orNull(after.Timestamp, connect.NoTimestamp))
	}
	d.data("key", node{before.KeySchema, before.Key}, node{after.KeySchema, after.Key})
	d.data("value", node{before.ValueSchema, before.Value}, node{after.ValueSchema, after.Value})
	d.headers(before.Headers, after.Headers)
	return d.changes
}

func orNull(n, null int64) connect.Value {
	if n == null {
		return connect.Null()
	}
	return connect.Int64(n)
}

func (d *differ) scalar(path string, before, after connect.Value) {
	d.changes = append(d.changes, Change{Path: path, Before: d.typed(node{value: before}), After: d.typed(node{value: after})})
}

func (d *differ) typed(n node) *Typed {
	return &Typed{Type: typeOf(n), Value: appendPayload(nil, n.schema, n.value, d.hide)}
}

// data compares two data at a path. Where both have members these are compared, else the whole.
func (d *differ) data(path string, before, after node) {
	was, is := typeOf(before), typeOf(after)
	both := func(kinds ...connect.Kind) bool {
		return slices.Contains(kinds, before.value.Kind()) && slices.Contains(kinds, after.value.Kind())
	}
	membered := both(connect.KindStruct, connect.KindMap) && hasNames(before.value) && hasNames(after.value)
	switch {
	case membered:
		d.attribute(path, "type", was, is)
		d.members(path, before, after)
	case both(connect.KindArray):
		d.attribute(path, "type", was, is)
		d.elements(path, before, after)
	case was != is || !before.value.Equal(after.value):
		d.changes = append(d.changes, Change{Path: path, Before: d.typed(before), After: d.typed(after)})
	}
	if before.schema != nil && after.schema != nil && before.schema != after.schema && before.schema.Type() == after.schema.Type() {
		d.attributes(path, before.schema, after.schema, was == is)
	}
}

func hasNames(v connect.Value) bool { return v.Kind() == connect.KindStruct || hasTextKeys(v.Map()) }

// named is a member of a struct or of a map, by its name and then by its path.
type named struct {
	name string
	node
}

func membersOf(n node) []named {
	var all []named
	if n.value.Kind() == connect.KindStruct {
		st := n.value.Struct()
		for i, f := range st.Schema().Fields() {
			all = append(all, named{f.Name, node{f.Schema, st.Field(i)}})
		}
		return all
	}
	m := n.value.Map()
	for i := range m.Len() {
		key, value := m.Entry(i)
		all = append(all, named{key.Str(), node{elementOf(n.schema), value}})
	}
	return all
}

func (d *differ) members(path string, before, after node) {
	was, is := membersOf(before), membersOf(after)
	for i := range was {
		was[i].name = memberPath(path, was[i].name)
	}
	for i := range is {
		is[i].name = memberPath(path, is[i].name)
	}
	d.byName(was, is)
}

// byName compares what has the same path, and tells what is gone and what is new.
func (d *differ) byName(was, is []named) {
	there := make(map[string]int, len(is))
	for i, m := range is {
		there[m.name] = i
	}
	kept := make([]bool, len(is))
	for _, m := range was {
		i, ok := there[m.name]
		if !ok {
			d.changes = append(d.changes, Change{Path: m.name, Before: d.typed(m.node)})
			continue
		}
		kept[i] = true
		d.data(m.name, m.node, is[i].node)
	}
	for i, m := range is {
		if !kept[i] {
			d.changes = append(d.changes, Change{Path: m.name, After: d.typed(m.node)})
		}
	}
}

func (d *differ) elements(path string, before, after node) {
	was, is := before.value.Array(), after.value.Array()
	for i := range max(len(was), len(is)) {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case i >= len(is):
			d.changes = append(d.changes, Change{Path: at, Before: d.typed(node{elementOf(before.schema), was[i]})})
		case i >= len(was):
			d.changes = append(d.changes, Change{Path: at, After: d.typed(node{elementOf(after.schema), is[i]})})
		default:
			d.data(at, node{elementOf(before.schema), was[i]}, node{elementOf(after.schema), is[i]})
		}
	}
}

// memberPath appends a name to a path, quoted unless it is a plain word.
func memberPath(path, name string) string {
	plain := name != ""
	for _, r := range name {
		plain = plain && (r == '_' || r == '-' || r == '$' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	if plain {
		return path + "." + name
	}
	return path + "[" + string(appendJSONText(nil, name)) + "]"
}

// attributes compares what schemas say beside their type. Of one whose type changed the name goes without saying.
func (d *differ) attributes(path string, before, after *connect.Schema, sameType bool) {
	d.attribute(path, "optional", before.Optional(), after.Optional())
	if sameType || before.Logical() == connect.LogicalNone && after.Logical() == connect.LogicalNone {
		d.attribute(path, "name", given(before.Name()), given(after.Name()))
		d.attribute(path, "version", given(before.Version()), given(after.Version()))
		d.attribute(path, "parameters", parametersOf(before), parametersOf(after))
	}
	d.attribute(path, "doc", given(before.Doc()), given(after.Doc()))
	d.attribute(path, "default", d.defaultOf(before), d.defaultOf(after))
	if was, is := fieldNames(before), fieldNames(after); len(was) == len(is) && sameNames(was, is) {
		d.attribute(path, "fields", was, is)
	}
}

// given returns an attribute that a schema has, nil for one that it has not.
func given[T any](value T, ok bool) any {
	if !ok {
		return nil
	}
	return value
}

func parametersOf(s *connect.Schema) any {
	params, ok := s.Parameters()
	if !ok {
		return nil
	}
	m := make(map[string]string, len(params))
	for _, p := range params {
		m[p.Key] = p.Value
	}
	return m
}

func (d *differ) defaultOf(s *connect.Schema) any {
	v, ok := s.Default()
	if !ok {
		return nil
	}
	return json.RawMessage(appendPayload(nil, s, v, d.hide))
}

func fieldNames(s *connect.Schema) []string {
	var names []string
	for _, f := range s.Fields() {
		names = append(names, f.Name)
	}
	return names
}

func sameNames(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func (d *differ) attribute(path, name string, before, after any) {
	was, is := marshal(before), marshal(after)
	if string(was) == string(is) {
		return
	}
	d.changes = append(d.changes, Change{Path: path, Attribute: name, Before: attributeOf(before, was), After: attributeOf(after, is)})
}

func attributeOf(value any, text json.RawMessage) *Typed {
	if value == nil {
		return nil
	}
	return &Typed{Value: text}
}

// headers compares the headers of each name in their order, and the order of all.
func (d *differ) headers(before, after []connect.Header) {
	d.byName(occurrences(before), occurrences(after))
	keys := func(headers []connect.Header) []string {
		var list []string
		for _, h := range headers {
			list = append(list, h.Key)
		}
		return list
	}
	if a, b := keys(before), keys(after); sameNames(a, b) {
		d.attribute("headers", "order", a, b)
	}
}

// occurrences names headers by their paths; the second of a name has [1] behind it.
func occurrences(headers []connect.Header) []named {
	seen := make(map[string]int)
	all := make([]named, len(headers))
	for i, h := range headers {
		path := memberPath("headers", h.Key)
		if n := seen[h.Key]; n > 0 {
			path += "[" + strconv.Itoa(n) + "]"
		}
		seen[h.Key]++
		all[i] = named{path, node{h.Schema, h.Value}}
	}
	return all
}

// typeOf names the type of a datum: that of its schema, or of the value alone.
func typeOf(n node) string {
	if n.schema == nil {
		return n.value.Kind().String()
	}
	return schemaType(n.schema)
}

func schemaType(s *connect.Schema) string {
	switch s.Logical() {
	case connect.LogicalDecimal:
		scale, _ := s.Parameter("scale")
		return "decimal(" + scale + ")"
	case connect.LogicalDate:
		return "date"
	case connect.LogicalTime:
		return "time"
	case connect.LogicalTimestamp:
		return "timestamp"
	}
	orAny := func(s *connect.Schema) string {
		if s == nil {
			return "any"
		}
		return schemaType(s)
	}
	name := strings.ToLower(s.Type().String())
	switch s.Type() {
	case connect.TypeArray:
		return name + "<" + orAny(s.ValueSchema()) + ">"
	case connect.TypeMap:
		return name + "<" + orAny(s.KeySchema()) + "," + orAny(s.ValueSchema()) + ">"
	}
	return name
}
