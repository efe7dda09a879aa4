package transform_test

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Given a struct schema with a default, when it is renamed, then its default is a struct of the new name, so that it is still valid.
func TestARenamedSchemaKeepsItsDefault(t *testing.T) {
	b := connect.NewStructSchema().Name("old").Field("a", connect.Int32Schema).Optional()
	def := connect.NewStruct(b.MustBuild())
	def.SetField(0, connect.Int32(7))
	r := sinkRecord(b.Default(def.Value()).MustBuild(), connect.Null())

	apply(t, newTransform(t, "org.apache.kafka.connect.transforms.SetSchemaMetadata$Value", "schema.name", "new"), &r, nil)

	got, ok := r.ValueSchema.Default()
	if !ok || got.Kind() != connect.KindStruct || !got.Struct().Field(0).Equal(connect.Int32(7)) {
		t.Fatalf("the default is %s", got)
	}
	if name, _ := got.Struct().Schema().Name(); name != "new" {
		t.Errorf("the default is a struct of %s", name)
	}
	if !r.Value.IsNull() {
		t.Errorf("the value is %s", r.Value)
	}
}
