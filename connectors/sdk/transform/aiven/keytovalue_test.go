package aiven_test

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// numbers is a struct of INT32 fields, named by the letters of names.
func numbers(names string, values ...int32) connect.Value {
	b := connect.NewStructSchema()
	for _, name := range names {
		b.Field(string(name), connect.Int32Schema)
	}
	st := connect.NewStruct(b.MustBuild())
	for i, v := range values {
		st.SetField(i, connect.Int32(v))
	}
	return st.Value()
}

func TestKeysAreCopiedIntoValues(t *testing.T) {
	abc, xyz := numbers("abc", 1, 2, 3), numbers("xyz", 100, 200, 300)
	schemaOf := func(v connect.Value) *connect.Schema { return v.Struct().Schema() }
	abcMap := connect.NewMap([]connect.Value{connect.String("a"), connect.Int32(1), connect.String("b"), connect.Int32(2)}).Value()
	structs := connect.Record{KeySchema: schemaOf(abc), Key: abc, ValueSchema: schemaOf(xyz), Value: xyz}
	maps := connect.Record{Key: abcMap, Value: connect.NewMap([]connect.Value{connect.String("x"), connect.Int32(100)}).Value()}
	number := connect.Record{KeySchema: connect.Int32Schema, Key: connect.Int32(123), ValueSchema: schemaOf(xyz), Value: xyz}
	plain := connect.Record{Key: connect.Int32(123), ValueSchema: schemaOf(xyz), Value: xyz}
	mixed := connect.Record{Key: abcMap, ValueSchema: schemaOf(xyz), Value: xyz}
	for _, c := range []struct {
		config []string
		record connect.Record
		want   string
	}{
		{[]string{"key.fields", "a,b"}, structs, "Struct{x=100,y=200,z=300,a=1,b=2} of "},
		{[]string{"key.fields", "a, b, c", "value.fields", "a, d"}, structs, "Struct{x=100,y=200,z=300,a=1,d=2,c=3} of "},
		{[]string{"key.fields", "a,b", "value.fields", ",d"}, structs, "Struct{x=100,y=200,z=300,a=1,d=2} of "},
		{[]string{"key.fields", "a,b,a,b,a", "value.fields", "m,n,x,y"}, structs, "Struct{x=1,y=2,z=300,m=1,n=2,a=1} of "},
		{[]string{"key.fields", "*"}, structs, "Struct{x=100,y=200,z=300,_key=Struct{a=1,b=2,c=3}} of "},
		{[]string{"key.fields", "*"}, number, "Struct{x=100,y=200,z=300,_key=123} of "},
		{[]string{"key.fields", "*,*,*,*,*", "value.fields", "m,n,x,y"}, number, "Struct{x=123,y=123,z=300,m=123,n=123,_key=123} of "},
		{[]string{"key.fields", "*"}, plain, "Struct{x=100,y=200,z=300,_key=123} of "},
		{[]string{"key.fields", "a,b"}, maps, "{x=100, a=1, b=2} of null"},
		{[]string{"key.fields", "c"}, maps, "{x=100, c=null} of null"},
		{[]string{"key.fields", "*", "value.fields", "x"}, maps, "{x={a=1, b=2}} of null"},
		{[]string{"key.fields", "a,doesnotexist"}, structs, "Key field 'doesnotexist' not found in key schema"},
		{[]string{"key.fields", "a, b"}, number, "Named key fields [a, b] cannot be copied from the key schema: INT32"},
		{[]string{"key.fields", "a, b"}, plain, "Named key fields [a, b] cannot be copied from the key class: java.lang.Integer"},
		{[]string{"key.fields", "*"}, mixed, "The value requires a schema, but the key class is a schemaless Map"},
		{[]string{"key.fields", "a,*"}, mixed, "The value requires a schema, but the key class is a schemaless Map"},
		{[]string{"key.fields", "*"}, connect.Record{Key: connect.TimeMillis(0), ValueSchema: schemaOf(xyz), Value: xyz}, "Cannot infer schema for unsupported key class: java.util.Date"},
		{[]string{"key.fields", "a"}, connect.Record{Key: abcMap, Value: connect.Int32(1)}, "The value needs to be a Struct or Map in order to append fields"},
		{[]string{"key.fields", "a"}, connect.Record{KeySchema: schemaOf(abc), Key: abc, ValueSchema: schemaOf(xyz)}, "The value needs to be a Struct or Map in order to append fields"},
	} {
		if got := outcome(t, "KeyToValue", c.config, c.record); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q of key %s and value %s:\ngot  %s\nwant %s", c.config, c.record.Key, c.record.Value, got, c.want)
		}
	}
}
