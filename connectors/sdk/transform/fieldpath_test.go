package transform_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform"
)

const extractFieldValue = "org.apache.kafka.connect.transforms.ExtractField$Value"

// Any names can be written as a path, and the path leads where the names say, in maps as in structs.
func TestAPathIsTheReverseOfItsNames(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		var names, steps []string
		for range 1 + r.IntN(3) {
			name := randomName(r)
			names, steps = append(names, name), append(steps, quotedName(name))
		}
		path := strings.Join(steps, ".")
		tr := newTransform(t, extractFieldValue, "field", path, "field.syntax.version", "V2")
		m, st := connect.Int32(5), connect.Int32(5)
		for i := len(names) - 1; i >= 0; i-- {
			m = connect.NewMap([]connect.Value{connect.String(names[i] + "?"), connect.Null(), connect.String(names[i]), m}).Value()
			st = structAround(names[i], st)
		}
		for _, record := range []connect.Record{sinkRecord(nil, m), sinkRecord(schemaOf(st), st)} {
			from := record.Value
			apply(t, tr, &record, nil)
			if !record.Value.Equal(connect.Int32(5)) {
				t.Fatalf("path %s of names %q finds %s in %s", path, names, record.Value, from)
			}
		}
	}
}

// randomName returns a name that can be written: none but those with dots, and those that begin with a backtick, need backticks
// around them, and then a backslash at the end would hide the closing one.
func randomName(r *rand.Rand) string {
	for {
		name := make([]byte, 1+r.IntN(5))
		for i := range name {
			name[i] = "ab.`\\"[r.IntN(5)]
		}
		if name[len(name)-1] != '\\' {
			return string(name)
		}
	}
}

func quotedName(name string) string {
	if !strings.Contains(name, ".") && name[0] != '`' {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`.", "\\`.") + "`"
}

func structAround(name string, v connect.Value) connect.Value {
	st := connect.NewStruct(connect.NewStructSchema().Field(name+"?", connect.OptionalStringSchema).Field(name, schemaOf(v)).MustBuild())
	st.SetField(1, v)
	return st.Value()
}

func schemaOf(v connect.Value) *connect.Schema {
	if v.Kind() == connect.KindStruct {
		return v.Struct().Schema()
	}
	return connect.Int32Schema
}

func TestAnUnclosedBacktickIsNamedByItsPosition(t *testing.T) {
	_, err := connecttest.TransformClass(t, transform.Classes(), "ExtractField$Value").New(map[string]string{"field": "\U0001F600.`a", "field.syntax.version": "V2"})
	if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), "at position 3 ") || !strings.Contains(err.Error(), "key field") {
		t.Errorf("got %v", err)
	}
}

func TestANestedStructOfOtherFieldsIsAnError(t *testing.T) {
	declared := connect.NewStructSchema().Field("a", connect.StringSchema).Field("b", connect.StringSchema).MustBuild()
	s := connect.NewStructSchema().Field("n", declared).MustBuild()
	wrong := connect.NewStruct(connect.NewStructSchema().Field("b", connect.StringSchema).MustBuild())
	wrong.SetField(0, connect.String("x"))
	st := connect.NewStruct(s)
	st.SetField(0, wrong.Value())
	for _, tr := range []connect.Transform{
		newTransform(t, extractFieldValue, "field", "n.b", "field.syntax.version", "V2"),
		newTransform(t, "org.apache.kafka.connect.transforms.Flatten$Value"),
	} {
		r := sinkRecord(s, st.Value())
		if _, err := tr.Apply(&r, nil); connect.KindOf(err) != connect.KindData || !strings.Contains(err.Error(), "do not match") {
			t.Errorf("%T: got %v", tr, err)
		}
	}
}
