package task_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
)

// workerWith returns the worker of the same cluster with further properties.
func workerWith(t *testing.T, w *worker.Config, properties map[string]string) *worker.Config {
	t.Helper()
	all := map[string]string{"group.id": "g", "config.storage.topic": "configs", "offset.storage.topic": "offsets", "status.storage.topic": "status",
		"key.converter": "org.apache.kafka.connect.storage.StringConverter", "value.converter": "org.apache.kafka.connect.storage.StringConverter",
		"bootstrap.servers": strings.Join(w.BootstrapServers, ",")}
	maps.Copy(all, properties)
	with, err := worker.New(all)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// A connector may have been created when the worker allowed more.
func TestAnOverrideThatThePolicyNoLongerAllowsFailsTheTask(t *testing.T) {
	stricter := func(o *task.Options) {
		o.Worker = workerWith(t, o.Worker, map[string]string{"connector.client.config.override.policy": "Principal"})
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

// It may also have been created when there was no list, or have come to the config topic by another way. The value is judged as its
// placeholders have it.
func TestAURLOfOAuthThatTheWorkerDoesNotListFailsTheTask(t *testing.T) {
	const key, url = "producer.override.sasl.oauthbearer.token.endpoint.url", "file:///proc/self/environ"
	for _, c := range []struct {
		name    string
		worker  map[string]string
		allowed bool
	}{
		{"no list", nil, false},
		{"a list in KAFKA_OPTS", worker.FromEnvironment([]string{"KAFKA_OPTS=-Xmx1g -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=https://a," + url}), true},
		{"the worker's own list", map[string]string{kafkaclient.AllowedURLsKey: "https://a, " + url}, true},
		{"another list", map[string]string{kafkaclient.AllowedURLsKey: "https://a", kafkaclient.AllowedFilesKey: url}, false},
		{"the worker's own value", map[string]string{"producer.sasl.oauthbearer.token.endpoint.url": url}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			options := func(o *task.Options) {
				with(map[string]string{"ENDPOINT": url})(o)
				o.Worker = workerWith(t, o.Worker, c.worker)
			}
			inBubble(t, options, func(t *testing.T, f *function) {
				f.raise("c", 1, generation)
				resp := f.Handle(t.Context(), request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n"), key: "${env:ENDPOINT}"}))
				switch {
				case c.allowed && resp.Error != nil:
					t.Errorf("it answered %+v", resp.Error)
				case !c.allowed && (resp.Error == nil || resp.Error.Kind != connect.KindConfig || !strings.Contains(resp.Error.Message, key) ||
					!strings.Contains(resp.Error.Hint, kafkaclient.AllowedURLsKey) || !strings.Contains(f.item("c").LastError, key)):
					t.Errorf("it answered %+v, and the lease says %q", resp.Error, f.item("c").LastError)
				}
			})
		})
	}
}
