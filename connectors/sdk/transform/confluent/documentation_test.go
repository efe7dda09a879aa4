package confluent_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/confluent"
)

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// tree makes maps without schema of name=value pairs, where a value is a text or another tree.
func tree(pairs ...any) connect.Value {
	var slots []connect.Value
	for _, p := range pairs {
		v, ok := p.(connect.Value)
		if !ok {
			v = connect.String(p.(string))
		}
		slots = append(slots, v)
	}
	return connect.NewMap(slots).Value()
}

// structured makes structs of a tree, all of whose schemas are optional.
func structured(v connect.Value) connect.Value {
	if v.Kind() != connect.KindMap {
		return v
	}
	b := connect.NewStructSchema().Optional()
	var fields []connect.Value
	for i := range v.Map().Len() {
		k, field := v.Map().Entry(i)
		field = structured(field)
		s := connect.OptionalStringSchema
		if field.Kind() == connect.KindStruct {
			s = field.Struct().Schema()
		}
		b.Field(k.Str(), s)
		fields = append(fields, field)
	}
	st := connect.NewStruct(b.MustBuild())
	copy(st.Fields(), fields)
	return st.Value()
}

// The examples of the documentation of ReplaceField, and what else follows from its rules.
func TestNestedFieldsAreReplaced(t *testing.T) {
	b := func() connect.Value { return tree("b2", tree("c1", "f4"), "b1", tree("c1", "f4")) }
	v := tree("abc", "42", "etc", "etc", "foo", tree("a1", "k1", "a2", b(), "a3", b()), "dont", "whatever")
	const renames = "foo.a2:xyz,foo:bar,foo.a3.b1:luck,foo.a3.b2.c1:happy"
	for _, c := range []struct {
		config []string
		want   string
	}{
		{[]string{"exclude", "dont", "renames", renames}, "{abc=42, etc=etc, bar={a1=k1, xyz={b2={c1=f4}, b1={c1=f4}}, a3={b2={happy=f4}, luck={c1=f4}}}}"},
		{[]string{"exclude", "dont", "include", "foo.a3", "renames", renames}, "{bar={a3={b2={happy=f4}, luck={c1=f4}}}}"},
		{[]string{"include", "foo,abc", "exclude", "foo.a2.b2,foo.a3"}, "{abc=42, foo={a1=k1, a2={b1={c1=f4}}}}"},
		{[]string{"include", "etc.nothing,abc"}, "{abc=42}"},
		{[]string{"exclude", "nothing.at.all,foo"}, "{abc=42, etc=etc, dont=whatever}"},
	} {
		tr, err := connecttest.TransformClass(t, confluent.Classes(), "ReplaceField$Value").New(connecttest.Config(c.config...))
		if err != nil {
			t.Fatal(err)
		}
		schemaless := connect.Record{Value: v}
		if keep, err := tr.Apply(&schemaless, nil); !keep || err != nil || schemaless.Value.String() != c.want {
			t.Errorf("%q:\ngot  %s, %t, %v\nwant %s", c.config, schemaless.Value, keep, err, c.want)
		}
		st := structured(v)
		typed := connect.Record{ValueSchema: st.Struct().Schema(), Value: st}
		want := strings.ReplaceAll(strings.ReplaceAll(c.want, "{", "Struct{"), ", ", ",")
		if keep, err := tr.Apply(&typed, nil); !keep || err != nil || typed.Value.String() != want {
			t.Errorf("%q:\ngot  %s, %t, %v\nwant %s", c.config, typed.Value, keep, err, want)
		}
		tombstone := connect.Record{ValueSchema: typed.ValueSchema}
		if keep, err := tr.Apply(&tombstone, nil); !keep || err != nil || tombstone.ValueSchema != typed.ValueSchema {
			t.Errorf("%q: a tombstone becomes %s, %t, %v", c.config, tombstone.Value, keep, err)
		}
	}
}

func TestRecordsAreFiltered(t *testing.T) {
	const condition = `$.key[?(@.nestedKey == "value1" || @.nestedKey == "value2")]` // of the documentation
	matching, other, missing := tree("key", tree("nestedKey", "value2")), tree("key", tree("nestedKey", "value3")), tree("other", "x")
	for _, c := range []struct {
		condition, filterType, behavior string
		value                           connect.Value
		want                            string // kept, dropped, or the beginning of an error
	}{
		{condition, "include", "fail", matching, "kept"},
		{condition, "include", "fail", other, "dropped"},
		{condition, "exclude", "fail", matching, "dropped"},
		{condition, "exclude", "fail", other, "kept"},
		{condition, "include", "fail", missing, "The condition $.key[?("},
		{condition, "include", "include", missing, "kept"},
		{condition, "include", "exclude", missing, "dropped"},
		{condition, "exclude", "include", tree("key", connect.Null()), "kept"},
		{condition, "include", "fail", tree("key", tree("x", "y")), "dropped"}, // undefined inside of the predicate
		{condition, "include", "fail", connect.Null(), "kept"},
		{"$.key", "include", "exclude", matching, "kept"},
		{"$.[?(@.other)]", "include", "exclude", missing, "kept"},
		{"$[?(@.other =~ /(a+)+$/)]", "exclude", "fail", missing, "kept"},
	} {
		for _, v := range []connect.Value{c.value, structured(c.value)} {
			tr, err := connecttest.TransformClass(t, confluent.Classes(), "Filter$Value").New(map[string]string{
				"filter.condition": c.condition, "filter.type": c.filterType, "missing.or.null.behavior": c.behavior,
			})
			if err != nil {
				t.Fatal(err)
			}
			got := "dropped"
			switch keep, err := tr.Apply(&connect.Record{Value: v}, nil); {
			case err != nil:
				got = err.Error()
			case keep:
				got = "kept"
			}
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("%s %s %s of %s: got %s, want %s", c.filterType, c.condition, c.behavior, v, got, c.want)
			}
		}
	}
}

func TestTopicsGetATimestampFromTheMessage(t *testing.T) {
	tr, err := connecttest.TransformClass(t, confluent.Classes(), "MessageTimestampRouter").New(map[string]string{
		"topic.format": "foo-${topic}-${timestamp}", "message.timestamp.format": "yyyy-MM-dd", "topic.timestamp.format": "yyyy.MM.dd",
		"message.timestamp.keys": "timestamp,time,ts",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		value connect.Value
		want  string // a topic, or the beginning of an error
	}{
		{tree("time", "2019-08-06"), "foo-bar-2019.08.06"},
		{tree("ts", "2020-01-01", "time", "2019-08-06"), "foo-bar-2019.08.06"},
		{tree("time", connect.Null(), "ts", "2020-01-01"), "foo-bar-2020.01.01"},
		{tree("time", "yesterday"), "The timestamp in field time does not match message.timestamp.format: yesterday"},
		{tree("time", connect.Int64(5)), "The timestamp must be a text, but field time is a java.lang.Long"},
		{tree("x", "y"), "The value has none of the fields of message.timestamp.keys"},
		{structured(tree("time", "2019-08-06")), "Only Map objects supported in absence of schema for [routing by a timestamp in the message]"},
		{connect.Null(), "Only Map objects supported"},
	} {
		r := connect.Record{Topic: "bar", Value: c.value}
		got := ""
		if _, err := tr.Apply(&r, nil); err != nil {
			got = err.Error()
		} else {
			got = r.Topic
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.value, got, c.want)
		}
	}
}

func TestBytesAreDecompressed(t *testing.T) {
	tr, err := connecttest.TransformClass(t, confluent.Classes(), "GzipDecompress$Value").New(nil)
	if err != nil {
		t.Fatal(err)
	}
	two := append(gzipped("Hello "), gzipped("world\n")...) // members follow each other, as for GZIPInputStream
	for _, c := range []struct {
		in, want connect.Value
		err      string
	}{
		{connect.Bytes(two), connect.Bytes([]byte("Hello world\n")), ""},
		{connect.Bytes(gzipped("")), connect.Bytes(nil), ""},
		{connect.Null(), connect.Null(), ""},
		{connect.Bytes([]byte("plain")), connect.Null(), "The value cannot be decompressed: "},
		{connect.Bytes(two[:10]), connect.Null(), "The value cannot be decompressed: "},
		{connect.String("text"), connect.Null(), "Only bytes can be decompressed, but the value is a java.lang.String"},
	} {
		r := connect.Record{Value: c.in}
		switch _, err := tr.Apply(&r, nil); {
		case err != nil && (c.err == "" || !strings.HasPrefix(err.Error(), c.err) || connect.KindOf(err) != connect.KindData):
			t.Errorf("%s: %v", c.in, err)
		case err == nil && (c.err != "" || !r.Value.Equal(c.want)):
			t.Errorf("%s: got %s", c.in, r.Value)
		}
	}
}

func TestDecompressionAllocatesNothingOfItsOwn(t *testing.T) {
	tr, err := connecttest.TransformClass(t, confluent.Classes(), "GzipDecompress$Value").New(nil)
	if err != nil {
		t.Fatal(err)
	}
	a, r, in := new(connect.Arena), new(connect.Record), connect.Bytes(gzipped(strings.Repeat("hello", 50)))
	if n := testing.AllocsPerRun(100, func() {
		r.Value = in
		if _, err := tr.Apply(r, a); err != nil {
			t.Fatal(err)
		}
		a.Reset()
	}); n != 0 {
		t.Errorf("takes %v allocations", n)
	}
}
