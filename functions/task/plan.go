package task

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	taskset "github.com/ferry-connect/ferry/coordinator/plan"
)

// plan splits the connector into task configurations in which secrets are placeholders again.
func plan(ctx context.Context, w *work) *invoke.Response {
	limit := w.MaxTasks
	if configdef.HasVariable(w.Request.Config["tasks.max"]) { // which the coordinator cannot resolve
		limit = taskset.MaxTasks(w.config)
	}
	configs, err := split(ctx, w.class, w.config, limit)
	if err != nil {
		return w.failed(err)
	}
	tasks, err := taskset.Finish(configs, w.class, w.config)
	if err != nil {
		return w.failed(err)
	}
	for i := range tasks {
		tasks[i] = taskset.RestorePlaceholders(w.Config, tasks[i])
		w.secrets.Restore(tasks[i])
	}
	return &invoke.Response{TaskConfigs: tasks}
}

func split(ctx context.Context, class *connect.Class, config map[string]string, limit int) ([]map[string]string, error) {
	if class.Plan != nil {
		return class.Plan(ctx, config, limit)
	}
	if class.Type() == connect.TypeSource {
		limit = 1
	}
	configs := make([]map[string]string, limit)
	for i := range configs {
		configs[i] = maps.Clone(config)
	}
	return configs, nil
}

// check answers what the connector's code has to say about a configuration.
func (h *Handler) check(ctx context.Context, w *work) *invoke.Response {
	messages := h.messages(ctx, w)
	for _, list := range messages {
		w.hide(list)
	}
	return &invoke.Response{Messages: messages}
}

// messages asks the connector's code about a configuration: what it has to say of its keys, and whether it keeps what
// exactly.once.support and transaction.boundary ask for. Whether its class could at all is known to who asks. They may quote secrets.
func (h *Handler) messages(ctx context.Context, w *work) map[string][]string {
	var messages map[string][]string
	if w.class.Check != nil {
		messages = maps.Clone(w.class.Check(ctx, w.config))
	}
	for _, p := range []struct {
		key, value string
		keeps      func(config map[string]string) bool
		otherwise  string
	}{
		{"exactly.once.support", "required", w.class.ExactlyOnce, invoke.NotExactlyOnce},
		{"transaction.boundary", "connector", w.class.DefinesTransactions, invoke.NoTransactionsDefined},
	} {
		asked := !h.Worker.Standalone && strings.EqualFold(strings.TrimSpace(w.config[p.key]), p.value)
		if asked && p.keeps != nil && !p.keeps(w.config) {
			if messages == nil {
				messages = make(map[string][]string)
			}
			messages[p.key] = append(messages[p.key], p.otherwise)
		}
	}
	return messages
}

func alter(ctx context.Context, w *work) *invoke.Response {
	if w.class.AlterOffsets == nil {
		return &invoke.Response{}
	}
	list := make([]connect.SourceOffset, len(w.Offsets))
	for i, o := range w.Offsets {
		partition, err := offsets.ParseValue(o.Partition)
		if err != nil {
			return w.failed(fmt.Errorf("partition %d: %w", i, err))
		}
		offset, err := offsets.ParseValue(o.Offset)
		if err != nil {
			return w.failed(fmt.Errorf("offset %d: %w", i, err))
		}
		list[i] = connect.SourceOffset{Partition: connect.SourcePartitionOf(partition), Offset: offset}
	}
	altered, err := w.class.AlterOffsets(ctx, w.config, list)
	if err != nil {
		return w.failed(err)
	}
	return &invoke.Response{Altered: altered}
}
