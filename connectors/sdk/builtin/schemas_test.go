package builtin

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

// path is a converter, a chain and the converter again: what a record passes between two topics.
type path struct {
	from, to connect.Converter
	chain    []connect.Transform
}

func newPath(t *testing.T) *path {
	t.Helper()
	r, err := connect.NewRegistry(Plugins())
	if err != nil {
		t.Fatal(err)
	}
	converter := func() connect.Converter {
		class, err := r.Converter("JsonConverter")
		if err != nil {
			t.Fatal(err)
		}
		c, err := class.New(map[string]string{"converter.type": "value", "schemas.cache.size": "1000"})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	p := &path{from: converter(), to: converter()}
	for _, s := range [][]string{
		{"InsertField$Value", "topic.field", "topic"}, {"ReplaceField$Value", "renames", "id:key"}, {"Cast$Value", "spec", "key:string"}, {"ValueToKey", "fields", "key"},
	} {
		class, err := r.Transform("org.apache.kafka.connect.transforms." + s[0])
		if err != nil {
			t.Fatal(err)
		}
		tr, err := class.New(connecttest.Config(s[1:]...))
		if err != nil {
			t.Fatal(err)
		}
		p.chain = append(p.chain, tr)
	}
	return p
}

func (p *path) pass(t *testing.T, a *connect.Arena, message []byte) []byte {
	t.Helper()
	s, v, err := p.from.ReadData(a, "t", message)
	if err != nil {
		t.Fatal(err)
	}
	r := connect.Record{Topic: "t", ValueSchema: s, Value: v}
	for _, tr := range p.chain {
		if keep, err := tr.Apply(&r, a); !keep || err != nil {
			t.Fatalf("%s: %t, %v", message, keep, err)
		}
	}
	out, err := p.to.AppendData([]byte{}, "t", r.ValueSchema, r.Value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func message(schema, version int) []byte {
	return fmt.Appendf(nil, `{"schema":{"type":"struct","fields":[{"type":"string","optional":true,"field":"text%d"},{"type":"int32","optional":false,"field":"id"}],`+
		`"optional":false,"name":"s%d","version":%d},"payload":{"text%d":"t","id":%d}}`, schema%7, schema, version, schema%7, schema)
}

func TestAThousandSchemasInOneBatchPassConvertersAndChain(t *testing.T) {
	const schemas, rounds = 1000, 5
	p := newPath(t)
	var a connect.Arena
	for round := range rounds {
		for i := range schemas {
			i = i * 7 % schemas
			want := fmt.Appendf(nil, `{"schema":{"type":"struct","fields":[{"type":"string","optional":true,"field":"text%d"},{"type":"string","optional":false,"field":"key"},`+
				`{"type":"string","optional":true,"field":"topic"}],"optional":false,"name":"s%d","version":1},"payload":{"text%d":"t","key":"%d","topic":"t"}}`, i%7, i, i%7, i)
			if got := p.pass(t, &a, message(i, 1)); !bytes.Equal(got, want) {
				t.Fatalf("round %d: schema %d becomes\n%s, want\n%s", round, i, got, want)
			}
		}
		a.Reset()
	}
}

// However many schemas there are, what converters and transforms keep of them comes to less than a small function has.
func TestMemoryIsBoundedHoweverManySchemasComeByOnce(t *testing.T) {
	p := newPath(t)
	var a connect.Arena
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	for i := range 20_000 {
		p.pass(t, &a, message(i, i))
		a.Reset()
	}
	if grown := heap() - before; grown > 48<<20 {
		t.Errorf("%d MiB are kept", grown>>20)
	} else {
		t.Logf("%d KiB are kept", grown>>10)
	}
	runtime.KeepAlive(p)
}
