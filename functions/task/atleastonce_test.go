package task_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/functions/task"
)

func TestTheWorkerDecidesWhetherSourcesAreExactlyOnce(t *testing.T) {
	for support, reason := range map[string]string{"": "", "enabled": "", "disabled": "exactly.once.source.support=disabled", "PREPARING": "exactly.once.source.support=preparing"} {
		t.Run("exactly.once.source.support="+support, func(t *testing.T) {
			inBubble(t, func(o *task.Options) { withProperty(t, o, "exactly.once.source.support", support) }, func(t *testing.T, f *function) {
				f.raise("c", 1, generation)
				resp := f.Handle(t.Context(), request("c", map[string]string{
					"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\ntwo\n"),
				}))
				if resp.Error != nil {
					t.Fatalf("the run failed: %+v", resp.Error)
				}
				if got := f.values("out"); !slices.Equal(got, []string{"one", "two"}) {
					t.Errorf("the topic has %q", got)
				}
				if says := strings.Contains(f.log.String(), "exactly-once is off"); says != (reason != "") || says && !strings.Contains(f.log.String(), reason) {
					t.Errorf("it logged %s", f.log)
				}
			})
		})
	}
}
