package task_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/functions/task"
)

// A request says which levels were set for the whole cluster. The function keeps to them from then on.
func TestALevelThatARequestBringsHoldsFromThenOn(t *testing.T) {
	levels := loggers.New(slog.LevelInfo, time.Now)
	var log *buffer
	named := func(o *task.Options) {
		log = &buffer{}
		o.Loggers, o.Log = levels, slog.New(levels.Handler(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: loggers.LevelAll})))
	}
	inBubble(t, named, func(t *testing.T, f *function) {
		// Given a task that runs elsewhere, of which a function tells at level DEBUG,
		refused := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "")})
		const line = "not to be run by this invocation"
		f.Handle(t.Context(), refused)
		if strings.Contains(log.String(), line) {
			t.Fatalf("logged before: %s", log)
		}
		// when a request sets that level for the logger of workers,
		refused.Loggers = []loggers.Change{{Namespace: loggers.Worker, Level: "debug", Offset: 1, At: time.Now()}}
		f.Handle(t.Context(), refused)
		refused.Loggers = nil
		f.Handle(t.Context(), refused)
		// then it is told, by name, from then on.
		if n := strings.Count(log.String(), line); n != 2 || !strings.Contains(log.String(), `"logger":"`+loggers.Worker+`"`) {
			t.Errorf("logged %d times: %s", n, log)
		}
	})
}
