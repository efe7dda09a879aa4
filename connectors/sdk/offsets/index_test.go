package offsets_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

func apply(t *testing.T, x *offsets.Index, key, value string, timestamp int64) {
	t.Helper()
	var v []byte
	if value != "" {
		v = []byte(value)
	}
	if err := x.Apply([]byte(key), v, timestamp); err != nil {
		t.Fatal(err)
	}
}

func TestFindIgnoresTheOrderOfEntriesAndTheTypesOfNumbers(t *testing.T) {
	x := offsets.Index{Connector: "c"}
	apply(t, &x, `["c",{"topic":"t","partition":3}]`, `{"offset":7}`, 1)
	apply(t, &x, `["other",{"topic":"t","partition":3}]`, `{"offset":9}`, 1)
	wanted := connect.NewMap([]connect.Value{
		connect.String("partition"), connect.Int32(3), connect.String("topic"), connect.String("t"),
	}).Value()
	e := x.Find(wanted)
	if e == nil || string(e.Value) != `{"offset":7}` {
		t.Fatalf("found %+v", e)
	}
	if x.Exact([]byte(`["c",{"partition":3,"topic":"t"}]`)) != nil {
		t.Error("a key of other bytes is the same record")
	}
}

func TestOfSeveralKeysOfOnePartitionTheNewestOffsetCounts(t *testing.T) {
	x := offsets.Index{Connector: "c"}
	apply(t, &x, `["c",{"a":1,"b":2}]`, `{"o":1}`, 10)
	apply(t, &x, `["c",{"b":2,"a":1}]`, `{"o":2}`, 20)
	apply(t, &x, `["c",{"a":1, "b":2}]`, "", 30)
	if got := x.Entries(); len(got) != 1 || string(got[0].Value) != `{"o":2}` {
		t.Fatalf("listed %+v", got)
	}
	apply(t, &x, `["c",{"a":1,"b":2}]`, `{"o":3}`, 40)
	partition := connect.NewMap([]connect.Value{connect.String("a"), connect.Int8(1), connect.String("b"), connect.Int64(2)}).Value()
	if e := x.Find(partition); string(e.Value) != `{"o":3}` {
		t.Fatalf("found %s", e.Value)
	}
	if n := len(x.Keys(partition)); n != 3 {
		t.Errorf("%d keys, want 3", n)
	}
}

func TestAResetPartitionIsNotListed(t *testing.T) {
	x := offsets.Index{Connector: "c"}
	apply(t, &x, `["c",{"a":1}]`, `{"o":1}`, 1)
	apply(t, &x, `["c",null]`, `{"o":1}`, 1)
	apply(t, &x, `["c",{"a":1}]`, "", 2)
	if got := x.Entries(); len(got) != 0 {
		t.Fatalf("listed %+v", got)
	}
}

func TestAMalformedKeyIsAnErrorAndChangesNothing(t *testing.T) {
	for _, key := range []string{``, `[`, `[]`, `["c"]`, `["c",{},1]`, `[1,{}]`, `["c",[]]`, `{"c":1}`, "\xff"} {
		x := offsets.Index{Connector: "c"}
		if err := x.Apply([]byte(key), []byte(`{}`), 0); err == nil {
			t.Errorf("key %q: no error", key)
		}
		if got := x.Entries(); len(got) != 0 {
			t.Errorf("key %q was listed", key)
		}
	}
}

func TestNumbersKeepTheLowBitsAsJavaDoes(t *testing.T) {
	v, err := offsets.ParseValue([]byte(`{"n":18446744073709551617,"f":1e400,"d":2.0}`))
	if err != nil {
		t.Fatal(err)
	}
	n, _ := v.Map().Get("n")
	f, _ := v.Map().Get("f")
	d, _ := v.Map().Get("d")
	if n.Kind() != connect.KindInt64 || n.Int() != 1 || !math.IsInf(f.Float(), 1) || d.Kind() != connect.KindFloat64 {
		t.Errorf("read %s", v)
	}
}

func FuzzWhatIsWrittenReadsBack(f *testing.F) {
	f.Add("conn", "file", "a\"\n\u0001é😀", int64(5), 1.5)
	f.Add("", "", "\xed\xa0\x80", int64(math.MinInt64), math.Inf(-1))
	f.Fuzz(func(t *testing.T, connector, name, text string, n int64, d float64) {
		if name == "n" || name == "d" {
			return
		}
		partition := connect.NewMap([]connect.Value{
			connect.String(name), connect.String(text), connect.String("n"), connect.Int64(n), connect.String("d"), connect.Float64(d),
		}).Value()
		first, err := offsets.AppendKey(nil, connector, connect.SourcePartitionOf(partition))
		if err != nil {
			t.Fatal(err)
		}
		readConnector, read, err := offsets.ParseKey(first)
		if err != nil {
			t.Fatalf("%q does not parse: %v", first, err)
		}
		second, err := offsets.AppendKey(nil, readConnector, connect.SourcePartitionOf(read))
		if err != nil {
			t.Fatal(err)
		}
		_, again, err := offsets.ParseKey(second)
		if err != nil || !again.Equal(read) {
			t.Fatalf("%q reads as %s, written as %q it reads as %s: %v", first, read, second, again, err)
		}
		if bytes.Count(first, []byte{'\n'}) > 0 {
			t.Fatalf("a line break in %q", first)
		}
	})
}
