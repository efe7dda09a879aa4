package task

import (
	"context"
	"fmt"
	"maps"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/plan"
)

// plan splits the connector into task configurations in which secrets are placeholders again.
func (h *Handler) plan(ctx context.Context, req *invoke.Request, class *connect.Class, resolved map[string]string) *invoke.Response {
	configs, err := split(ctx, class, resolved, req.MaxTasks)
	if err != nil {
		return &invoke.Response{Error: invoke.FailureOf(err)}
	}
	tasks, err := plan.Finish(configs, class, resolved)
	if err != nil {
		return &invoke.Response{Error: invoke.FailureOf(err)}
	}
	for i := range tasks {
		tasks[i] = plan.RestorePlaceholders(req.Config, tasks[i])
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

func (h *Handler) check(ctx context.Context, class *connect.Class, resolved map[string]string) *invoke.Response {
	if class.Check == nil {
		return &invoke.Response{}
	}
	return &invoke.Response{Messages: class.Check(ctx, resolved)}
}

func (h *Handler) alter(ctx context.Context, req *invoke.Request, class *connect.Class, resolved map[string]string) *invoke.Response {
	if class.AlterOffsets == nil {
		return &invoke.Response{}
	}
	list := make([]connect.SourceOffset, len(req.Offsets))
	for i, o := range req.Offsets {
		partition, err := offsets.ParseValue(o.Partition)
		if err != nil {
			return &invoke.Response{Error: invoke.FailureOf(fmt.Errorf("partition %d: %w", i, err))}
		}
		offset, err := offsets.ParseValue(o.Offset)
		if err != nil {
			return &invoke.Response{Error: invoke.FailureOf(fmt.Errorf("offset %d: %w", i, err))}
		}
		list[i] = connect.SourceOffset{Partition: connect.SourcePartitionOf(partition), Offset: offset}
	}
	altered, err := class.AlterOffsets(ctx, resolved, list)
	if err != nil {
		return &invoke.Response{Error: invoke.FailureOf(err)}
	}
	return &invoke.Response{Altered: altered}
}
