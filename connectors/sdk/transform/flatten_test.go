package transform_test

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const flattenValue = "org.apache.kafka.connect.transforms.Flatten$Value"

// Given a struct whose default says what its fields are, when it is flattened, then that is the default of the flat fields.
func TestFlatFieldsInheritTheDefaultOfTheStructAroundThem(t *testing.T) {
	fields := connect.NewStructSchema().Field("city", connect.StringSchema).
		Field("zip", connect.NewSchema(connect.TypeInt32).Default(connect.Int32(1)).MustBuild())
	def := connect.NewStruct(fields.MustBuild())
	def.SetField(0, connect.String("Bern"))
	def.SetField(1, connect.Int32(3000))
	s := connect.NewStructSchema().Field("addr", fields.Default(def.Value()).MustBuild()).MustBuild()

	r := sinkRecord(s, connect.NewStruct(s).Value())
	apply(t, newTransform(t, flattenValue), &r, nil)

	for name, want := range map[string]connect.Value{"addr.city": connect.String("Bern"), "addr.zip": connect.Int32(1)} {
		if got, err := r.Value.Struct().Get(name); err != nil || !got.Equal(want) {
			t.Errorf("%s is %s (%v), want %s", name, got, err, want)
		}
	}
}

// Names of nested entries can meet in more ways than one; the later entry counts, in the place of the earlier.
func TestFlatEntriesOfOneNameAreOne(t *testing.T) {
	entry := func(k string, v connect.Value) []connect.Value { return []connect.Value{connect.String(k), v} }
	nested := func(k, inner string, n int32) []connect.Value {
		return entry(k, connect.NewMap(entry(inner, connect.Int32(n))).Value())
	}
	for _, c := range []struct {
		name, delimiter, want string
		first, second         []connect.Value
	}{
		{"a name that contains the delimiter", ".", "{a.b=2}", entry("a.b", connect.Int32(1)), nested("a", "b", 2)},
		{"a delimiter that overlaps itself", "aa", "{baaac=2}", nested("ba", "c", 1), nested("b", "ac", 2)},
		{"no delimiter", "", "{abc=2}", nested("a", "bc", 1), nested("ab", "c", 2)},
		{"an empty name", ".", "{a=2}", entry("a", connect.Int32(1)), nested("", "a", 2)},
		{"names that differ", ".", "{a.bc=1, ab.c=2}", nested("a", "bc", 1), nested("ab", "c", 2)},
	} {
		r := sinkRecord(nil, connect.NewMap(append(c.first, c.second...)).Value())
		apply(t, newTransform(t, flattenValue, "delimiter", c.delimiter), &r, nil)
		if got := r.Value.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
