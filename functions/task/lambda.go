package task

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/environment"
)

// Main is the whole program of a task function that serves the given classes. It does not return. Nothing is connected
// before the first invocation: a function that is only kept warm costs nothing.
//
// It does not ask Lambda for a SIGTERM before its end: registering for it (lambda.WithEnableSIGTERM) costs 0.7 ms of CPU at
// each cold start, a seventh of all, and what is open then, the brokers close by themselves. Nothing that counts waits for it.
func Main(classes []*connect.Class) {
	l := &lambdaHandler{open: func() (*opened, error) { return fromEnvironment(classes) }}
	if err := l.renew(); err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the task function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(l)
}

// keptSessions is how many tasks a process may find itself running in turn before their connections are closed: a function
// instance serves whatever task of its connectors comes.
const keptSessions = 4

// reserve is kept of an invocation's time for the last commit, the release and the answer.
const reserve = 10 * time.Second

// opened is a Handler with what it does not close itself.
type opened struct {
	*Handler
	offsets *store.Offsets
}

func fromEnvironment(classes []*connect.Class) (*opened, error) {
	env, err := environment.Read()
	if err != nil {
		return nil, err
	}
	plugins, err := connect.NewRegistry(builtin.With(classes...))
	if err != nil {
		return nil, fmt.Errorf("list the plugins: %w", err)
	}
	if env.Memory > 0 {
		debug.SetMemoryLimit(env.Memory / 4 * 3) // the rest is the runtime's, the stacks' and the page cache's
	}
	kafka, err := env.Worker.Kafka()
	if err != nil {
		return nil, fmt.Errorf("read the worker's client settings: %w", err)
	}
	offsets, err := store.OpenOffsets(store.Options{
		Kafka: kafka, GroupID: env.Worker.GroupID, OffsetTopic: env.Worker.OffsetTopic,
		OffsetPartitions: env.Worker.OffsetPartitions, OffsetReplication: env.Worker.OffsetReplication,
		OffsetSettings: env.Worker.TopicSettings("offset"), Log: env.Log,
	})
	if err != nil {
		return nil, err
	}
	h, err := NewHandler(Options{
		Plugins: plugins, Worker: env.Worker, Leases: env.Leases(), Offsets: OffsetsOf(offsets),
		Chain: env.Self(), Function: env.Function,
		Owner: env.Instance, Limits: Limits{Time: time.Minute, Reserve: reserve, Memory: env.Memory, Lease: env.Lease, Sessions: keptSessions},
		Providers: env.Worker.Providers(), Catalog: env.Classes, Log: env.Log, Loggers: env.Loggers,
	})
	if err != nil {
		offsets.Close()
		return nil, err
	}
	return &opened{h, offsets}, nil
}

// OffsetsOf returns the OffsetsFor of an offsets store.
func OffsetsOf(o *store.Offsets) OffsetsFor {
	return func(connector string, config map[string]string, hint *engine.OffsetHint) connect.OffsetReader {
		own := config[OffsetsTopicKey]
		var h *store.Hint
		if hint != nil {
			h = &store.Hint{Topic: own, Partition: hint.Partition, Offset: hint.Offset}
		}
		return o.Reader(connector, own, h)
	}
}

// lambdaHandler takes events as raw bytes: the typed handlers of the library cost four times as much on large events.
type lambdaHandler struct {
	*opened
	open     func() (*opened, error)
	rotation environment.Rotation
}

// Invoke implements lambda.Handler. A function that is kept warm would go on with the password to Kafka that it started with: when
// that has changed, it begins anew.
func (l *lambdaHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if l.rotation.Happened(ctx, l.Worker) {
		if err := l.renew(); err != nil {
			l.Log.Error("a secret of the worker has changed, and the function cannot begin anew with it", "error", err)
		}
	}
	var req invoke.Request
	if err := json.Unmarshal(payload, &req); err != nil {
		return nil, fmt.Errorf("decode the request: %w", err)
	}
	return json.Marshal(l.Handle(ctx, &req))
}

// renew opens a handler, and closes the one before.
func (l *lambdaHandler) renew() error {
	o, err := l.open()
	if err != nil {
		return err
	}
	if l.opened != nil {
		l.Close()
		l.offsets.Close()
	}
	l.opened = o
	return nil
}
