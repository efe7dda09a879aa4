package plan_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/plan"
)

type tasks = []map[string]string

func source() *connect.Class {
	return &connect.Class{TaskClass: "x.SourceTask", Source: func() connect.Source { return nil }}
}

func sink() *connect.Class {
	return &connect.Class{TaskClass: "x.SinkTask", Sink: func() connect.Sink { return nil }}
}

func TestFinishedTasksNameTheirClassAndASinksTopics(t *testing.T) {
	config := map[string]string{"name": "c", "topics": "a,b", "tasks.max": "2"}
	given := tasks{{"k": "v"}, nil}
	got, err := plan.Finish(given, sink(), config)
	if err != nil {
		t.Fatal(err)
	}
	want := tasks{{"k": "v", "task.class": "x.SinkTask", "topics": "a,b"}, {"task.class": "x.SinkTask", "topics": "a,b"}}
	for i := range want {
		if !maps.Equal(got[i], want[i]) {
			t.Errorf("task %d is %v, want %v", i, got[i], want[i])
		}
	}
	if len(given[0]) != 1 {
		t.Errorf("what the connector returned was changed to %v", given[0])
	}
	got, _ = plan.Finish(tasks{{}}, source(), config)
	if _, ok := got[0]["topics"]; ok {
		t.Error("a source's task was given topics")
	}
}

func TestMoreTasksThanAllowedAreAnErrorUnlessNotEnforced(t *testing.T) {
	config := map[string]string{"name": "c", "tasks.max": "1"}
	_, err := plan.Finish(tasks{{}, {}}, source(), config)
	if err == nil || !strings.Contains(err.Error(), "The connector c has generated 2 tasks, which is greater than 1") {
		t.Errorf("error is %v", err)
	}
	config["tasks.max.enforce"] = "FALSE"
	if got, err := plan.Finish(tasks{{}, {}}, source(), config); err != nil || len(got) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSecretsCopiedIntoTasksGoBackToPlaceholders(t *testing.T) {
	raw := map[string]string{"password": "${file:/run/secrets:pw}", "user": "u", "url": "jdbc:${env:HOST}/db"}
	task := map[string]string{"password": "s3cret", "user": "changed", "table": "t", "url": "jdbc:db1/db"}
	got := plan.RestorePlaceholders(raw, task)
	want := map[string]string{"password": "${file:/run/secrets:pw}", "user": "changed", "table": "t", "url": "jdbc:${env:HOST}/db"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestATaskSetIsPublishedOnlyWhenSomethingDiffers(t *testing.T) {
	config := map[string]string{"name": "c", "transforms": "a"}
	for name, c := range map[string]struct {
		published, next tasks
		applied         map[string]string
		want            bool
	}{
		"nothing differs":         {tasks{{"a": "1"}}, tasks{{"a": "1"}}, config, false},
		"the number differs":      {tasks{{"a": "1"}}, tasks{{"a": "1"}, {"a": "2"}}, config, true},
		"one task differs":        {tasks{{"a": "1"}}, tasks{{"a": "2"}}, config, true},
		"only the config differs": {tasks{{"a": "1"}}, tasks{{"a": "1"}}, map[string]string{"name": "c"}, true},
		"nothing was published":   {nil, tasks{{}}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := plan.Changed(c.published, c.next, c.applied, config); got != c.want {
				t.Errorf("changed is %v", got)
			}
		})
	}
}

func TestTheNumberOfTasksIsAtLeastOne(t *testing.T) {
	for text, want := range map[string]int{"": 1, "4": 4, " 2 ": 2, "0": 1, "many": 1} {
		if got := plan.MaxTasks(map[string]string{"tasks.max": text}); got != want {
			t.Errorf("tasks.max=%q is %d, want %d", text, got, want)
		}
	}
}
