package transform_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform"
)

const (
	insertFieldValue  = "org.apache.kafka.connect.transforms.InsertField$Value"
	insertFieldKey    = "org.apache.kafka.connect.transforms.InsertField$Key"
	replaceFieldValue = "org.apache.kafka.connect.transforms.ReplaceField$Value"
	regexRouter       = "org.apache.kafka.connect.transforms.RegexRouter"
)

func newTransform(t testing.TB, class string, config ...string) connect.Transform {
	t.Helper()
	tr, err := connecttest.TransformClass(t, transform.Classes(), class).New(connecttest.Config(config...))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func newPredicate(t testing.TB, name string, config ...string) connect.Predicate {
	t.Helper()
	for _, c := range transform.Predicates() {
		if !strings.HasSuffix(c.Name, "."+name) {
			continue
		}
		p, err := c.New(connecttest.Config(config...))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	t.Fatalf("no class %s", name)
	return nil
}

// orderSchema has the given number of fields, of which the second has a default.
func orderSchema(name string, fields int) *connect.Schema {
	withDefault := connect.NewSchema(connect.TypeString).Optional().Default(connect.String("none")).MustBuild()
	b := connect.NewStructSchema().Name(name).Field("f0", connect.Int64Schema).Field("f1", withDefault)
	for i := 2; i < fields; i++ {
		b.Field("f"+strconv.Itoa(i), connect.OptionalStringSchema)
	}
	return b.MustBuild()
}

func order(s *connect.Schema) connect.Struct {
	st := connect.NewStruct(s)
	st.SetField(0, connect.Int64(7))
	for i := 2; i < len(s.Fields()); i++ {
		st.SetField(i, connect.String("x"))
	}
	return st
}

func sinkRecord(s *connect.Schema, v connect.Value) connect.Record {
	return connect.Record{Topic: "orders", ValueSchema: s, Value: v, Timestamp: 1700000000123, Partition: 3, Offset: 42}
}

func apply(t testing.TB, tr connect.Transform, r *connect.Record, a *connect.Arena) {
	t.Helper()
	if keep, err := tr.Apply(r, a); !keep || err != nil {
		t.Fatalf("keep is %t, error is %v", keep, err)
	}
}

func TestTransformsLeaveTheirInputAsItWas(t *testing.T) {
	s := orderSchema("order", 4)
	structValue := order(s).Value()
	mapValue := connect.NewMap([]connect.Value{connect.String("f0"), connect.Int64(7), connect.String("f2"), connect.Null()}).Value()
	for _, tr := range []connect.Transform{
		newTransform(t, insertFieldValue, "static.field", "added", "static.value", "v"),
		newTransform(t, insertFieldValue, "timestamp.field", "added"),
		newTransform(t, replaceFieldValue, "exclude", "f0", "renames", "f2:g2"),
	} {
		for _, v := range []connect.Value{structValue, mapValue} {
			r := sinkRecord(nil, v)
			if v.Kind() == connect.KindStruct {
				r.ValueSchema = s
			}
			before := v.Clone(nil)
			apply(t, tr, &r, new(connect.Arena))
			if !v.Equal(before) {
				t.Errorf("the input became %s, it was %s", v, before)
			}
			if r.Value.Equal(before) {
				t.Errorf("the output is the same as the input, %s", before)
			}
		}
	}
}

func TestEqualInputSchemasGiveOneOutputSchema(t *testing.T) {
	tr := newTransform(t, insertFieldValue, "topic.field", "topic")
	outputs := make(map[*connect.Schema]bool)
	for range 3 {
		s := orderSchema("order", 4)
		r := sinkRecord(s, order(s).Value())
		apply(t, tr, &r, nil)
		outputs[r.ValueSchema] = true
	}
	if len(outputs) != 1 {
		t.Errorf("there are %d output schemas", len(outputs))
	}
}

func TestMoreSchemasAndTopicsThanAreRemembered(t *testing.T) {
	insert := newTransform(t, insertFieldValue, "topic.field", "topic")
	route := newTransform(t, regexRouter, "regex", "t(.*)", "replacement", "u$1")
	matches := newPredicate(t, "TopicNameMatches", "pattern", "t.*[02468]")
	for round := range 3 {
		for i := range 50 {
			name := strconv.Itoa(i)
			s := orderSchema("order"+name, 3)
			r := sinkRecord(s, order(s).Value())
			r.Topic = "t" + name
			if ok, err := matches.Test(&r); ok != (i%2 == 0) || err != nil {
				t.Errorf("round %d, topic %s: matches is %t, %v", round, r.Topic, ok, err)
			}
			apply(t, insert, &r, nil)
			if got, _ := r.ValueSchema.Name(); got != "order"+name || len(r.ValueSchema.Fields()) != 4 {
				t.Errorf("round %d: schema order%s became %s", round, name, r.ValueSchema)
			}
			apply(t, route, &r, nil)
			if r.Topic != "u"+name {
				t.Errorf("round %d: topic t%s became %s", round, name, r.Topic)
			}
		}
	}
}

func TestRoutesDoNotPointIntoTheBatch(t *testing.T) {
	for _, regex := range []string{"(.*)", "other"} {
		route := newTransform(t, regexRouter, "regex", regex, "replacement", "$1")
		var a connect.Arena
		first := connect.Record{Topic: a.CopyString("orders")}
		apply(t, route, &first, &a)
		a.Poison()
		second := connect.Record{Topic: "orders"}
		apply(t, route, &second, &a)
		if second.Topic != "orders" || first.Topic != "orders" {
			t.Errorf("regex %s: topics are %q and %q", regex, first.Topic, second.Topic)
		}
	}
}

func TestIncompleteStructIsAnError(t *testing.T) {
	s := orderSchema("order", 3)
	r := sinkRecord(s, connect.NewStruct(s).Value())
	_, err := newTransform(t, insertFieldValue, "topic.field", "topic").Apply(&r, nil)
	const want = `Invalid value: null used for required field: "f0", schema type: INT64`
	if connect.KindOf(err) != connect.KindData || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestReplaceFieldOnMapWithNumericKeysIsAnError(t *testing.T) {
	r := sinkRecord(nil, connect.NewMap([]connect.Value{connect.Int32(1), connect.Int32(2)}).Value())
	if _, err := newTransform(t, replaceFieldValue, "exclude", "a").Apply(&r, nil); connect.KindOf(err) != connect.KindData {
		t.Errorf("got %v", err)
	}
}

func TestBadConfigurations(t *testing.T) {
	for _, c := range transform.Classes() {
		if strings.HasSuffix(c.Name, "RegexRouter") || strings.Contains(c.Name, "InsertField") {
			if _, err := c.New(nil); connect.KindOf(err) != connect.KindConfig {
				t.Errorf("%s without configuration: %v", c.Name, err)
			}
		}
	}
}

// inSteadyState applies tr again and again to the same record with an arena that is reset, as a task does.
func inSteadyState(t testing.TB, tr connect.Transform, original connect.Record) func() {
	t.Helper()
	a, r := new(connect.Arena), new(connect.Record)
	return func() {
		*r = original
		apply(t, tr, r, a)
		a.Reset()
	}
}

// cases are the transforms of an ordinary chain on an ordinary record.
func cases(t testing.TB) map[string]func() {
	t.Helper()
	s := orderSchema("order", 10)
	structRecord := sinkRecord(s, order(s).Value())
	m := connect.NewMap(nil)
	for i := range 10 {
		m = m.Put(nil, "f"+strconv.Itoa(i), connect.Int64(int64(i)))
	}
	mapRecord := sinkRecord(nil, m.Value())
	insert := []string{"topic.field", "topic", "offset.field", "offset", "timestamp.field", "ts"}
	replace := []string{"exclude", "f3,f4", "renames", "f0:id"}
	return map[string]func(){
		"nothing":             inSteadyState(t, newTransform(t, regexRouter, "regex", "orders", "replacement", "orders"), structRecord),
		"InsertField struct":  inSteadyState(t, newTransform(t, insertFieldValue, insert...), structRecord),
		"InsertField map":     inSteadyState(t, newTransform(t, insertFieldValue, insert...), mapRecord),
		"ReplaceField struct": inSteadyState(t, newTransform(t, replaceFieldValue, replace...), structRecord),
		"ReplaceField map":    inSteadyState(t, newTransform(t, replaceFieldValue, replace...), mapRecord),
		"RegexRouter":         inSteadyState(t, newTransform(t, regexRouter, "regex", "(.*)", "replacement", "eu.$1"), structRecord),
		"TopicNameMatches":    asked(t, newPredicate(t, "TopicNameMatches", "pattern", "ord.*"), structRecord),
		"HasHeaderKey":        asked(t, newPredicate(t, "HasHeaderKey", "name", "trace"), structRecord),
		"RecordIsTombstone":   asked(t, newPredicate(t, "RecordIsTombstone"), structRecord),
	}
}

// asked asks a predicate.
func asked(t testing.TB, p connect.Predicate, r connect.Record) func() {
	t.Helper()
	return func() {
		if _, err := p.Test(&r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for name, run := range cases(t) {
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s takes %v allocations", name, n)
		}
	}
}

func BenchmarkTransforms(b *testing.B) {
	for name, run := range cases(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}
