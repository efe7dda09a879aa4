package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// reading is what is to be known after a step of the transcript.
type reading struct {
	step string
	look func(*configState, *statusState) string
	want string
}

func readings() []reading {
	return []reading{
		{"t00 step 0", func(c *configState, _ *statusState) string { return fmt.Sprint(c.snapshot().Names()) }, "[]"},
		{"t01 step 2", summary("t01"), "STARTED, 1 of 1 tasks, consistent true, fencing true; connector RUNNING, tasks 0:RUNNING, topics [t01-topic]"},
		{"t01 step 3", summary("t01"), "STOPPED, 0 of 0 tasks, consistent true, fencing true; connector STOPPED, tasks, topics [t01-topic]"},
		{"t01 step 4", summary("t01"), "deleted; connector none, tasks, topics []"},
		{"t04 step 3", summary("t04"), "STARTED, 1 of 1 tasks, consistent true, fencing true, restart true false; connector RUNNING, tasks 0:RUNNING, topics []"},
		{"t04 step 4", summary("t04"), "STARTED, 1 of 1 tasks, consistent true, fencing true, restart false true; connector RUNNING, tasks 0:RUNNING, topics []"},
		{"t05 step 1", summary("t05"), "STOPPED, 0 of 0 tasks, consistent true, fencing false; connector STOPPED, tasks, topics []"},
		{"t07 step 2", summary("t07"), "STARTED, 1 of 1 tasks, consistent true, fencing true; connector RUNNING, " +
			"tasks 0:FAILED org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler, topics []"},
		{"t07 step 4", summary("t07"), "STARTED, 1 of 1 tasks, consistent true, fencing true, restart true true; connector RUNNING, tasks 0:RUNNING, topics []"},
		{"t08 step 1", summary("t08"), "STARTED, 0 of 0 tasks, consistent true, fencing false; connector FAILED, tasks, topics []"},
		{"t09 step 1", summary("t09p"), "PAUSED, 0 of 0 tasks, consistent true, fencing false; connector PAUSED, tasks, topics []"},
		{"t09 step 2", summary("t09p"), "STARTED, 1 of 1 tasks, consistent true, fencing true; connector RUNNING, tasks 0:RUNNING, topics []"},
		{"t12 step 1", func(c *configState, s *statusState) string {
			return fmt.Sprintf("%s %d %d", c.snapshot().Loggers[0].Level, len(s.connectors), len(s.tasks["t01"]))
		}, "warn 0 0"},
	}
}

// TestVectorTopicsAreRead looks at the state after steps of the real worker's records.
func TestVectorTopicsAreRead(t *testing.T) {
	configs, statuses := newConfigState(), newStatusState()
	lines, left := transcript(t), readings()
	for i, l := range lines {
		if l.Kind == "record" {
			rec := l.record(t)
			rec.Offset, rec.Timestamp = int64(i), time.UnixMilli(int64(i))
			var err error
			switch l.Topic {
			case "connect-configs":
				err = configs.apply(rec)
			case "connect-status":
				err = statuses.apply(rec)
			}
			if err != nil {
				t.Errorf("%s: %s: %v", l.at(), rec.Key, err)
			}
		}
		if i+1 < len(lines) && lines[i+1].at() == l.at() || len(left) == 0 || left[0].step != l.at() {
			continue
		}
		if got := left[0].look(configs, statuses); got != left[0].want {
			t.Errorf("%s\ngot  %s\nwant %s", l.at(), got, left[0].want)
		}
		left = left[1:]
	}
	if len(left) > 0 {
		t.Errorf("the transcript has no %s", left[0].step)
	}
}

// summary describes one connector.
func summary(name string) func(*configState, *statusState) string {
	return func(c *configState, s *statusState) string {
		text := "deleted"
		if conn := c.snapshot().Connectors[name]; conn != nil {
			text = fmt.Sprintf("%s, %d of %d tasks, consistent %t, fencing %t", conn.Target, len(conn.Tasks), conn.TaskCount, conn.Consistent, conn.PendingFencing)
			if conn.Restart != nil {
				text += fmt.Sprintf(", restart %t %t", conn.Restart.IncludeTasks, conn.Restart.OnlyFailed)
			}
		}
		state := State("none")
		if status, ok := s.connectors[name]; ok {
			state = status.State
		}
		text += fmt.Sprintf("; connector %s, tasks", state)
		for task, status := range s.tasks[name] {
			first, _, _ := strings.Cut(status.Trace, `\n`)
			first, _, _ = strings.Cut(first, "\n")
			text += strings.TrimRight(fmt.Sprintf(" %d:%s %s", task, status.State, first), " ")
		}
		return text + fmt.Sprintf(", topics %v", slices.Sorted(maps.Keys(s.topics[name])))
	}
}
