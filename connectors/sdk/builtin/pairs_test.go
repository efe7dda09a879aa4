package builtin

import (
	"math/rand/v2"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

// Transforms of several families undo each other, too.
func TestPairsOfTransformsUndoEachOther(t *testing.T) {
	r, err := connect.NewRegistry(Plugins())
	if err != nil {
		t.Fatal(err)
	}
	for name, steps := range map[string][][]string{
		"a field to a header and back": {
			{"org.apache.kafka.connect.transforms.HeaderFrom$Value", "fields", "last", "headers", "h", "operation", "move"},
			{"io.debezium.transforms.HeaderToValue", "headers", "h", "fields", "last", "operation", "move"},
		},
		"fields to the key and back": {
			{"org.apache.kafka.connect.transforms.ValueToKey", "fields", "last,first"},
			{"io.aiven.kafka.connect.transforms.KeyToValue", "key.fields", "last,first"},
		},
		"a field out and in by two names": {
			{"org.apache.kafka.connect.transforms.ReplaceField$Value", "renames", "first:f"},
			{"io.confluent.connect.transforms.ReplaceField$Value", "renames", "f:first"},
		},
	} {
		var chain []connect.Transform
		for _, s := range steps {
			class, err := r.Transform(s[0])
			if err != nil {
				t.Fatal(err)
			}
			tr, err := class.New(connecttest.Config(s[1:]...))
			if err != nil {
				t.Fatal(err)
			}
			chain = append(chain, tr)
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 100 {
			s := connect.NewStructSchema().Field("first", connect.Int32Schema).Field("any", connecttest.AnySchema(random, 2)).Field("last", connect.StringSchema).MustBuild()
			record := connect.Record{Topic: "t", ValueSchema: s, Value: connecttest.AnyValue(random, s, nil)}
			before := record.Value
			for _, tr := range chain {
				if keep, err := tr.Apply(&record, nil); !keep || err != nil {
					t.Fatalf("%s of %s: %t, %v", name, before, keep, err)
				}
			}
			if !connecttest.MapOf(record.Value).Equal(connecttest.MapOf(before)) || len(record.Headers) != 0 {
				t.Fatalf("%s: %s became %s with %d headers", name, before, record.Value, len(record.Headers))
			}
		}
	}
}
