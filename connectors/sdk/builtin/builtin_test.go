package builtin

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The names that configurations use most, long and short.
func TestBuiltinPluginsAreFoundByTheirNames(t *testing.T) {
	r, err := connect.NewRegistry(Plugins())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"org.apache.kafka.connect.json.JsonConverter": "org.apache.kafka.connect.json.JsonConverter",
		"JsonConverter":   "org.apache.kafka.connect.json.JsonConverter",
		"Json":            "org.apache.kafka.connect.json.JsonConverter",
		"StringConverter": "org.apache.kafka.connect.storage.StringConverter",
		"Simple":          "org.apache.kafka.connect.storage.SimpleHeaderConverter",
		"RegexRouter":     "org.apache.kafka.connect.transforms.RegexRouter",
		"Filter":          "org.apache.kafka.connect.transforms.Filter", // Debezium has one too
		"HasHeaderKey":    "org.apache.kafka.connect.transforms.predicates.HasHeaderKey",
		"org.apache.kafka.connect.transforms.InsertField$Value": "org.apache.kafka.connect.transforms.InsertField$Value",
		"io.confluent.connect.transforms.Filter$Value":          "io.confluent.connect.transforms.Filter$Value",
		"io.aiven.kafka.connect.transforms.Hash$Value":          "io.aiven.kafka.connect.transforms.Hash$Value",
		"io.debezium.transforms.ExtractNewRecordState":          "io.debezium.transforms.ExtractNewRecordState",
		"io.debezium.transforms.outbox.EventRouter":             "io.debezium.transforms.outbox.EventRouter",
	} {
		if got, ok := r.Resolve(name); !ok || got != want {
			t.Errorf("%s: got %q, want %s", name, got, want)
		}
	}
	for _, name := range []string{"Value", "TombstoneHandler"} {
		if got, ok := r.Resolve(name); ok {
			t.Errorf("%s stands for many transforms, but is found as %s", name, got)
		}
	}
	for _, p := range r.Plugins() {
		if p.Version == "" || p.Config == nil {
			t.Errorf("%s has version %q and configuration %v", p.Name, p.Version, p.Config)
		}
	}
}
