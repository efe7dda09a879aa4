package store

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestStatusesComeBackAsWritten(t *testing.T) {
	c := cluster(t)
	s, ctx := open(t, options(c)).Statuses(), t.Context()
	failed := Status{State: StateFailed, Trace: "a\n\tb \"é\"", WorkerID: "w:1", Generation: 1 << 40, Version: "1.0"}
	must(t, s.PutConnector(ctx, "c", failed))
	for _, task := range []int{10, 2} {
		must(t, s.PutTasks(ctx, "c", Status{Task: task, State: StateRunning, WorkerID: "w:1"}))
	}
	must(t, s.PutTopic(ctx, "c", "topic-1", 3, time.UnixMilli(1_700_000_000_123)))
	must(t, s.PutTopic(ctx, "c", "topic-1", 4, time.UnixMilli(1_800_000_000_000)))
	other := open(t, options(c)).Statuses()
	must(t, other.Sync(ctx))
	for _, s := range []*Statuses{s, other} {
		if got, ok := s.Connector("c"); !ok || got != failed {
			t.Errorf("connector %+v", got)
		}
		if tasks := s.Tasks("c"); len(tasks) != 2 || tasks[0].Task != 2 || tasks[1].Task != 10 {
			t.Errorf("tasks %+v", tasks)
		}
		if topics := s.Topics("c"); !reflect.DeepEqual(topics, []string{"topic-1"}) {
			t.Errorf("topics %v", topics)
		}
	}
	if n := len(contents(t, c, "connect-status")); n != 4 {
		t.Errorf("%d records: a topic that is known was written again", n)
	}
	must(t, other.DeleteTasks(ctx, "c", 10))
	must(t, other.ResetTopics(ctx, "c"))
	must(t, s.Sync(ctx))
	if len(s.Tasks("c")) != 1 || len(s.Topics("c")) != 0 {
		t.Errorf("after deletions: %v %v", s.Tasks("c"), s.Topics("c"))
	}
	must(t, s.DeleteConnector(ctx, "c"))
	must(t, other.Sync(ctx))
	if _, ok := other.Connector("c"); ok || len(other.Tasks("c")) != 0 {
		t.Error("a deleted connector has a status")
	}
}

func TestALateUnassignedDoesNotHideTheNewOwner(t *testing.T) {
	c := cluster(t)
	s, ctx := open(t, options(c)).Statuses(), t.Context()
	running := Status{State: StateRunning, WorkerID: "new", Generation: 5}
	late := Status{State: StateUnassigned, WorkerID: "old", Generation: 4}
	must(t, s.PutConnector(ctx, "c", running))
	must(t, s.PutTasks(ctx, "c", running))
	must(t, s.PutConnector(ctx, "c", late))
	must(t, s.PutTasks(ctx, "c", late))
	if n := len(contents(t, c, "connect-status")); n != 2 {
		t.Errorf("%d records: the late ones were written", n)
	}
	// an old worker that does not know writes all the same
	late.Generation = 5
	rec := taskStatusRecord("c", 0, &late)
	rec.Topic = "connect-status"
	produce(t, c, rec)
	must(t, s.Sync(ctx))
	if got, _ := s.Task("c", 0); got.State != StateRunning {
		t.Errorf("the task is %+v", got)
	}
	late.Generation = 6
	must(t, s.PutTasks(ctx, "c", late))
	if got, _ := s.Task("c", 0); got.State != StateUnassigned {
		t.Errorf("the task is %+v", got)
	}
}

func TestMalformedStatusRecordsAreSkipped(t *testing.T) {
	for key, value := range map[string]string{
		"status-connector-c": `{"state":"RUNNING"}`, "status-task-c-x": `{"state":"RUNNING","generation":1}`, "status-task-c-0": `{"state":"RUNNING","generation":1.5}`,
		"status-topic-t": `{}`, "status-topic-t:connector-c": `{"topic":null}`, "else": `{}`,
	} {
		s := newStatusState()
		if err := s.apply(&kgo.Record{Key: []byte(key), Value: []byte(value)}); err == nil || len(s.connectors)+len(s.tasks)+len(s.topics) > 0 {
			t.Errorf("%s = %s: error %v, state %+v", key, value, err, s)
		}
	}
	s := newStatusState()
	must(t, s.apply(&kgo.Record{Key: []byte("status-topic-t.1:connector-a:connector-b"), Value: []byte(`{"topic":{"name":"t.1","extra":1},"more":2}`)}))
	if got := fmt.Sprint(s.topics); got[:len("map[a:connector-b")] != "map[a:connector-b" {
		t.Errorf("topics %s", got)
	}
}
