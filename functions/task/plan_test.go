package task_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/task"
)

// with makes a function whose provider env knows the given values.
func with(values map[string]string) func(*task.Options) {
	return func(o *task.Options) { o.Providers = map[string]configdef.ConfigProvider{"env": provider(values)} }
}

func TestAPlanNamesTheTasksClassAndKeepsPlaceholders(t *testing.T) {
	for _, c := range []struct {
		name   string
		config map[string]string
		want   []map[string]string
	}{
		{
			"a source without a plan of its own has one task",
			map[string]string{"connector.class": fileSource, "tasks.max": "3", "topic": "out", "file": "${env:FILE}"},
			[]map[string]string{{
				"connector.class": fileSource, "tasks.max": "3", "topic": "out", "file": "${env:FILE}",
				"task.class": "org.apache.kafka.connect.file.FileStreamSourceTask",
			}},
		},
		{
			"a sink has tasks.max tasks, which know its topics",
			map[string]string{"connector.class": fileSink, "tasks.max": "2", "topics": "in"},
			[]map[string]string{
				{"connector.class": fileSink, "tasks.max": "2", "topics": "in", "task.class": "org.apache.kafka.connect.file.FileStreamSinkTask"},
				{"connector.class": fileSink, "tasks.max": "2", "topics": "in", "task.class": "org.apache.kafka.connect.file.FileStreamSinkTask"},
			},
		},
		{
			"tasks.max may be a placeholder",
			map[string]string{"connector.class": fileSink, "tasks.max": "${env:MAX}", "topics": "in"},
			[]map[string]string{
				{"connector.class": fileSink, "tasks.max": "${env:MAX}", "topics": "in", "task.class": "org.apache.kafka.connect.file.FileStreamSinkTask"},
				{"connector.class": fileSink, "tasks.max": "${env:MAX}", "topics": "in", "task.class": "org.apache.kafka.connect.file.FileStreamSinkTask"},
			},
		},
		{
			"a secret that became part of another value is a placeholder there too",
			map[string]string{"connector.class": "test.TalkativeSource", "password": "${env:PASSWORD}"},
			[]map[string]string{{"url": "db://user:${env:PASSWORD}@host", "password": "${env:PASSWORD}", "task.class": "test.TalkativeTask"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, with(map[string]string{"FILE": "/data/in.txt", "PASSWORD": "correct horse", "MAX": "2"}), func(t *testing.T, f *function) {
				limit := map[string]int{"2": 2, "3": 3}[c.config["tasks.max"]]
				resp := f.Handle(t.Context(), &invoke.Request{Op: invoke.OpPlan, Connector: "c", Config: c.config, MaxTasks: max(limit, 1)})
				if resp.Error != nil || len(resp.TaskConfigs) != len(c.want) {
					t.Fatalf("it answered %+v, %+v", resp, resp.Error)
				}
				for i, want := range c.want {
					if got := resp.TaskConfigs[i]; !maps.Equal(got, want) {
						t.Errorf("task %d is %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

func TestAPublishedTaskConfigurationIsResolvedAgainWhereItRuns(t *testing.T) {
	const path = "/nowhere/to/be/found/in.txt"
	inBubble(t, with(map[string]string{"DIR": "/nowhere/to/be/found"}), func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": "${env:DIR}/in.txt"})
		resp := f.Handle(t.Context(), req)
		if resp.Error != nil || !strings.Contains(f.log.String(), "${env:DIR}/in.txt") || strings.Contains(f.log.String(), path) {
			t.Errorf("it answered %+v and logged %s", resp.Error, f.log)
		}
	})
}

func TestCheckAnswersMessagesByKey(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		resp := f.Handle(t.Context(), &invoke.Request{Op: invoke.OpCheck, Config: map[string]string{"connector.class": dataGen, "kafka.topic": "out"}})
		if resp.Error != nil || len(resp.Messages["quickstart"]) != 1 {
			t.Errorf("a configuration without a schema got %+v", resp)
		}
		resp = f.Handle(t.Context(), &invoke.Request{Op: invoke.OpCheck, Config: map[string]string{"connector.class": fileSink}})
		if resp.Error != nil || resp.Messages != nil {
			t.Errorf("a connector without checks of its own got %+v", resp)
		}
	})
}

func TestCheckTellsWhetherThisConfigurationKeepsWhatItPromises(t *testing.T) {
	for _, c := range []struct {
		name, class string
		config      map[string]string
		standalone  bool
		messages    map[string]int
	}{
		{"a file", fileSource, map[string]string{"file": "f", "exactly.once.support": "required"}, false, nil},
		{"standard input", fileSource, map[string]string{"exactly.once.support": "Required"}, false, map[string]int{"exactly.once.support": 1}},
		{"standard input in standalone mode", fileSource, map[string]string{"exactly.once.support": "required"}, true, nil},
		{"standard input, not required", fileSource, map[string]string{"exactly.once.support": "requested"}, false, nil},
		{"transactions", "test.TransactionalSource", map[string]string{"transaction.boundary": "connector", "define": "yes"}, false, nil},
		{"no transactions", "test.TransactionalSource", map[string]string{"transaction.boundary": "connector"}, false, map[string]int{"transaction.boundary": 1}},
		{"no transactions asked for", "test.TransactionalSource", map[string]string{"transaction.boundary": "poll"}, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			standalone := func(o *task.Options) {
				w := *o.Worker
				w.Standalone = c.standalone
				o.Worker = &w
			}
			inBubble(t, standalone, func(t *testing.T, f *function) {
				config := map[string]string{"connector.class": c.class, "topic": "out"}
				maps.Copy(config, c.config)
				resp := f.Handle(t.Context(), &invoke.Request{Op: invoke.OpCheck, Config: config})
				got := map[string]int{}
				for key, messages := range resp.Messages {
					got[key] = len(messages)
				}
				if resp.Error != nil || !maps.Equal(got, c.messages) {
					t.Errorf("it answered %+v", resp)
				}
			})
		})
	}
}

func TestAlterChecksOffsetsWithTheConnectorsCode(t *testing.T) {
	partition := json.RawMessage(`{"filename":"f"}`)
	for _, c := range []struct {
		name, class string
		offset      invoke.Offset
		altered     bool
		message     string
	}{
		{"a position", fileSource, invoke.Offset{Partition: partition, Offset: json.RawMessage(`{"position":3}`)}, true, ""},
		{"a reset", fileSource, invoke.Offset{Partition: partition, Offset: json.RawMessage(`null`)}, true, ""},
		{"a negative position", fileSource, invoke.Offset{Partition: partition, Offset: json.RawMessage(`{"position":-3}`)}, false, "non-negative"},
		{"no JSON as partition", fileSource, invoke.Offset{Partition: json.RawMessage(`{`), Offset: partition}, false, "partition 0"},
		{"no JSON as offset", fileSource, invoke.Offset{Partition: partition, Offset: json.RawMessage(`{`)}, false, "offset 0"},
		{"a connector that keeps none", dataGen, invoke.Offset{Partition: partition, Offset: partition}, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, f *function) {
				resp := f.Handle(t.Context(), &invoke.Request{
					Op: invoke.OpAlter, Config: map[string]string{"connector.class": c.class, "file": "f", "topic": "out"}, Offsets: []invoke.Offset{c.offset},
				})
				failed := ""
				if resp.Error != nil {
					failed = resp.Error.Trace
				}
				if resp.Altered != c.altered || (failed == "") != (c.message == "") || !strings.Contains(failed, c.message) {
					t.Errorf("it answered %+v: %s", resp, failed)
				}
			})
		})
	}
}

func TestARequestThatCannotBeServedSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name    string
		req     invoke.Request
		message string
	}{
		{"an unknown operation", invoke.Request{Op: "dance", Config: map[string]string{"connector.class": fileSink}}, `unknown operation "dance"`},
		{"an unknown class", invoke.Request{Op: invoke.OpPlan, Config: map[string]string{"connector.class": "com.example.Nothing"}}, "com.example.Nothing"},
		{"a format of the future", invoke.Request{Format: invoke.Format + 1, Op: invoke.OpRun}, "deploy the connector's function again"},
		{"an incomplete run", invoke.Request{Op: invoke.OpRun, Connector: "c", Config: map[string]string{"connector.class": fileSink}}, "taskConfig is not set"},
		{"no class", invoke.Request{Op: invoke.OpPlan}, "Failed to find any class"},
		{"a plan that panics", invoke.Request{Op: invoke.OpPlan, Config: map[string]string{"connector.class": "test.PanickySource"}}, "panicked: no plan"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, f *function) {
				resp := f.Handle(t.Context(), &c.req)
				if resp.Error == nil || !strings.Contains(resp.Error.Trace, c.message) {
					t.Errorf("it answered %+v, %+v", resp, resp.Error)
				}
			})
		})
	}
}

func TestARunThatPanicsReleasesItsLease(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", map[string]string{"connector.class": "test.PanickySource"}))
		if resp.Error == nil || resp.Error.Kind != connect.KindFatal || !strings.Contains(resp.Error.Message, "no source") {
			t.Errorf("it answered %+v", resp.Error)
		}
		if item := f.item("c"); item.Owner != "" || item.Attempts != 1 {
			t.Errorf("the lease is %+v", item)
		}
	})
}
