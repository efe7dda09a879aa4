package connect_test

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// sink keeps results alive, so that the compiler does not remove what is measured.
var sink connect.Value

func requireNoAllocations(t *testing.T, what string, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("%s allocates %v times", what, n)
	}
}

func TestScalarsAndStringsAllocateNothing(t *testing.T) {
	text, data := string(make([]byte, 40)), make([]byte, 40)
	requireNoAllocations(t, "making and reading scalars", func() {
		for i := range int64(100) {
			sink = connect.Int64(i)
			sink = connect.Float64(sink.Float())
			sink = connect.Decimal(i, 2)
			sink = connect.TimeMillis(i)
			sink = connect.Bool(i == 3)
		}
	})
	requireNoAllocations(t, "making and reading strings and bytes", func() {
		sink = connect.String(text)
		sink = connect.StringBytes(data)
		if len(sink.Str()) != 40 {
			t.Error("the text is lost")
		}
		sink = connect.Bytes(data)
	})
}

func wideSchema() *connect.Schema {
	return connect.NewStructSchema().
		Field("id", connect.Int64Schema).Field("name", connect.StringSchema).Field("price", connect.NewDecimalSchema(2).MustBuild()).
		Field("note", connect.OptionalStringSchema).Field("tags", connect.NewArraySchema(connect.StringSchema).MustBuild()).MustBuild()
}

func fill(a *connect.Arena, s *connect.Schema, text string) connect.Value {
	st := a.NewStruct(s)
	tags := a.NewArray(2)
	tags.Array()[0], tags.Array()[1] = connect.String(text), connect.String(text)
	st.SetField(0, connect.Int64(1))
	st.SetField(1, connect.String(a.CopyString(text)))
	st.SetField(2, connect.Decimal(100, 2))
	st.SetField(4, tags)
	return st.Value()
}

func TestStructAccessAllocatesNothing(t *testing.T) {
	var a connect.Arena
	s := wideSchema()
	st := fill(&a, s, "text").Struct()
	other := fill(&a, s, "text").Struct()
	requireNoAllocations(t, "reading and writing fields", func() {
		v, err := st.Get("name")
		if err != nil || v.Str() != "text" {
			t.Error("the field is lost")
		}
		if err := st.Put("tags", st.Field(4)); err != nil {
			t.Error(err)
		}
	})
	requireNoAllocations(t, "validating and comparing", func() {
		if connect.ValidateValue("value", s, st.Value()) != nil || !st.Equal(other) {
			t.Error("the struct is not itself")
		}
	})
}

func TestABatchInSteadyStateAllocatesNothing(t *testing.T) {
	b := connect.NewBatch(500, 1<<20)
	s := wideSchema()
	target := connect.NewStructSchema().Field("name", connect.StringSchema).Field("id", connect.Int64Schema).MustBuild()
	requireNoAllocations(t, "filling a batch", func() {
		b.Reset()
		for !b.Full() {
			r := b.Append()
			v := fill(&b.Arena, s, "some text of a record")
			r.ValueSchema, r.Value = s, v
			r.Headers = connect.AppendHeader(&b.Arena, r.Headers, connect.Header{Key: "h", Schema: connect.StringSchema, Value: connect.String("x")})
			r.Key = v.Clone(&b.Arena)
			projected, err := connect.Project(s, v, target, &b.Arena)
			if err != nil {
				t.Fatal(err)
			}
			r.Value = projected
			b.AddBytes(100)
		}
	})
	if b.Len() != 500 {
		t.Errorf("the batch holds %d records", b.Len())
	}
}

func TestTextIntoAPreparedBufferAllocatesNothing(t *testing.T) {
	var a connect.Arena
	v := fill(&a, wideSchema(), "text")
	buf := make([]byte, 0, 256)
	requireNoAllocations(t, "appending text", func() { buf = v.AppendString(buf[:0]) })
	requireNoAllocations(t, "appending an unscaled value", func() { buf = connect.AppendUnscaled(buf[:0], connect.Decimal(-70000, 2)) })
}

func BenchmarkFillBatch(b *testing.B) {
	batch := connect.NewBatch(500, 1<<20)
	s := wideSchema()
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset()
		for !batch.Full() {
			r := batch.Append()
			r.ValueSchema, r.Value = s, fill(&batch.Arena, s, "some text of a record")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/record")
}

func BenchmarkStructGet(b *testing.B) {
	st := fill(nil, wideSchema(), "text").Struct()
	for b.Loop() {
		sink, _ = st.Get("price")
	}
}
