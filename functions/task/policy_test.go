package task_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
)

// A connector may have been created when the worker allowed more.
func TestAnOverrideThatThePolicyNoLongerAllowsFailsTheTask(t *testing.T) {
	stricter := func(o *task.Options) {
		properties := map[string]string{"connector.client.config.override.policy": "Principal", "group.id": "g", "config.storage.topic": "configs",
			"offset.storage.topic": "offsets", "status.storage.topic": "status", "key.converter": "org.apache.kafka.connect.storage.StringConverter",
			"value.converter": "org.apache.kafka.connect.storage.StringConverter", "bootstrap.servers": strings.Join(o.Worker.BootstrapServers, ",")}
		var err error
		if o.Worker, err = worker.New(properties); err != nil {
			t.Fatal(err)
		}
	}
	inBubble(t, stricter, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		config := map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")}
		refused := maps.Clone(config)
		refused["producer.override.compression.type"] = "gzip"
		resp := f.Handle(t.Context(), request("c", refused))
		const want = "Client Config Overrides not allowed [producer.override.compression.type: The 'Principal' policy does not allow 'compression.type' to be overridden in the connector configuration.]"
		if resp.Error == nil || resp.Error.Message != want || resp.Error.Kind != connect.KindConfig || f.item("c").LastError != want {
			t.Errorf("it answered %+v", resp.Error)
		}
	})
}
