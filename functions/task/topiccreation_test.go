package task_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
)

func TestTheWorkerDecidesWhetherASourceMayCreateItsTopic(t *testing.T) {
	for _, enable := range []string{"", "true", "false"} {
		t.Run("topic.creation.enable="+enable, func(t *testing.T) {
			inBubble(t, func(o *task.Options) { withProperty(t, o, "topic.creation.enable", enable) }, func(t *testing.T, f *function) {
				f.raise("c", 1, generation)
				resp := f.Handle(t.Context(), request("c", map[string]string{
					"connector.class": fileSource, "topic": "fresh", "file": f.write("in.txt", "one\ntwo\n"),
					"topic.creation.default.replication.factor": "1", "topic.creation.default.partitions": "1",
				}))
				if enable == "false" {
					if resp.Error == nil || !strings.Contains(resp.Error.Trace, "write to topic fresh") {
						t.Errorf("it answered %+v", resp)
					}
					return
				}
				if resp.Error != nil {
					t.Fatalf("the run failed: %+v", resp.Error)
				}
				if got := f.values("fresh"); !slices.Equal(got, []string{"one", "two"}) {
					t.Errorf("the topic has %q", got)
				}
			})
		})
	}
}

// withProperty gives the worker one more property, if it has a value.
func withProperty(t *testing.T, o *task.Options, key, value string) {
	t.Helper()
	if value == "" {
		return
	}
	properties := map[string]string{key: value}
	for _, name := range []string{"bootstrap.servers", "group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic", "key.converter", "value.converter"} {
		properties[name], _ = o.Worker.Property(name)
	}
	var err error
	if o.Worker, err = worker.New(properties); err != nil {
		t.Fatal(err)
	}
}
