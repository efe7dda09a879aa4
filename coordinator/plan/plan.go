// Package plan decides; it does no I/O. It finishes and compares task configurations, and says which tasks are to be
// invoked now. The rules are Kafka Connect's (AbstractHerder, Worker and ConnectUtils of 4.3), so that a Java worker that
// takes over finds the records it would have written itself.
package plan

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// TaskClassKey is the key under which every task configuration names its Java class.
const TaskClassKey = "task.class"

// MaxTasks returns tasks.max of a connector configuration, 1 when it is absent or malformed; validation has refused the
// latter before.
func MaxTasks(config map[string]string) int {
	n, err := strconv.Atoi(strings.TrimSpace(config["tasks.max"]))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// Finish turns what a connector's Plan returned into the task configurations that are published: task.class is added, and
// for sinks topics and topics.regex. More configurations than tasks.max are a KindConfig error unless
// tasks.max.enforce is false. configs is not changed.
func Finish(configs []map[string]string, class *connect.Class, config map[string]string) ([]map[string]string, error) {
	limit := MaxTasks(config)
	if len(configs) > limit && !strings.EqualFold(strings.TrimSpace(config["tasks.max.enforce"]), "false") {
		return nil, &connect.Error{
			Kind: connect.KindConfig, Class: "org.apache.kafka.connect.runtime.TooManyTasksException",
			Message: fmt.Sprintf("The connector %s has generated %d tasks, which is greater than %d, the maximum number of tasks it is configured to create. ",
				config["name"], len(configs), limit),
			Hint: "raise tasks.max",
		}
	}
	finished := make([]map[string]string, len(configs))
	for i, c := range configs {
		t := maps.Clone(c)
		if t == nil {
			t = map[string]string{}
		}
		t[TaskClassKey] = class.TaskClass
		if class.Type() == connect.TypeSink {
			for _, key := range []string{"topics", "topics.regex"} {
				if v, ok := config[key]; ok {
					t[key] = v
				}
			}
		}
		finished[i] = t
	}
	return finished, nil
}

// placeholder is the pattern of a reference to a config provider: ${provider:[path:]key}.
var placeholder = regexp.MustCompile(`\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}`)

// RestorePlaceholders puts placeholders back into a task configuration: wherever the connector's raw configuration has one
// under the same key, the raw text is stored, so that a secret which a connector copied into its tasks is not published.
func RestorePlaceholders(raw, task map[string]string) map[string]string {
	restored := maps.Clone(task)
	for k, v := range raw {
		if _, copied := task[k]; copied && placeholder.MatchString(v) {
			restored[k] = v
		}
	}
	return restored
}

// Changed reports whether a new task set must be published: the number differs, any task differs, or the connector's
// configuration differs from the one that was current at the last publication, since converters and transforms are
// read from there.
func Changed(published, next []map[string]string, applied, config map[string]string) bool {
	if len(published) != len(next) || !maps.Equal(applied, config) {
		return true
	}
	for i := range next {
		if !maps.Equal(published[i], next[i]) {
			return true
		}
	}
	return false
}
