package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// errMissing says that the machine lacks what a real server needs.
var errMissing = errors.New("a real broker needs Java and Maven")

// exitUnavailable is how the scripts of scripts/servers say that.
const exitUnavailable = 69

// startRealBroker starts Apache Kafka, with the topics of the source workloads. stop ends it and removes its data.
func startRealBroker(ctx context.Context) (b *broker, stop func(), err error) {
	dir, err := os.MkdirTemp("", "ferry-bench-kafka")
	if err != nil {
		return nil, nil, err
	}
	port := 20_000 + 2*rand.IntN(5_000)
	cmd := exec.CommandContext(ctx, "scripts/servers/kafka.sh", strconv.Itoa(port), dir)
	cmd.Env = append(os.Environ(), "FERRY_STOP_ON_EOF=1", "SERVER_JVM=-XX:+UseSerialGC", "SERVER_HEAP=1g")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start Kafka: %w", err)
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = stdin.Close()
		_ = cmd.Wait() // it was told to end
		_ = os.RemoveAll(dir)
	}
	if !bufio.NewScanner(stdout).Scan() { // it says ready
		err := cmd.Wait()
		_ = os.RemoveAll(dir)
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == exitUnavailable {
			return nil, nil, errMissing
		}
		return nil, nil, fmt.Errorf("start Kafka: it ended before it was ready: %w", err)
	}
	b = &broker{addr: fmt.Sprint("127.0.0.1:", port)}
	if err := b.createTopics(ctx); err != nil {
		stop()
		return nil, nil, err
	}
	return b, stop, nil
}

func (b *broker) createTopics(ctx context.Context) error {
	cl, err := kgo.NewClient(b.seeds()...)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	for topic, partitions := range map[string]int32{sourceTopic: 1, offsetsTopic: 25} {
		if _, err := adm.CreateTopic(ctx, partitions, 1, nil, topic); err != nil {
			return fmt.Errorf("create topic %s: %w", topic, err)
		}
	}
	// A topic that was created is there for its brokers a moment later.
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 600 {
		topics, err := adm.ListTopics(ctx, sourceTopic, offsetsTopic)
		if err == nil && topics.Error() == nil {
			return nil
		}
		<-tick.C
	}
	return errors.New("the topics that were created are not there")
}

// exactlyOnce compares a source that runs exactly once with the same source at least once, on the real Kafka, whose transactions
// cost what they cost. CPU is this process's, the broker's is not in it; throughput is told, and no gate: the machine decides it.
func exactlyOnce(ctx context.Context, registry *connect.Registry, rounds, n int) ([]row, error) {
	const metric = "exactly once ÷ at least once, CPU, real Kafka"
	b, stop, err := startRealBroker(ctx)
	if errors.Is(err, errMissing) {
		return []row{{Metric: metric, Gate: 1.25, Goal: 1.05, Skipped: err.Error()}}, nil
	}
	if err != nil {
		return nil, err
	}
	defer stop()
	on, off := timed{atLeastOnce: ""}, timed{atLeastOnce: "it is measured"}
	all, err := interleave(rounds, contender{name: "exactly once", n: n, run: on.source(b, registry)}, contender{name: "at least once", n: n, run: off.source(b, registry)})
	if err != nil {
		return nil, err
	}
	return []row{{
		Metric: metric, Value: all[0].min().cpu / all[1].min().cpu, Gate: 1.25, Goal: 1.05,
		Detail: fmt.Sprintf("%.0f against %.0f ns a record of JSON with schemas, batches of %d; fastest round %.0f k records/s against %.0f k",
			all[0].min().cpu, all[1].min().cpu, transactionRecords, on.rate(n), off.rate(n)),
	}}, nil
}

// timed is a contender that also looks at the clock.
type timed struct {
	atLeastOnce string
	best        time.Duration
}

func (t *timed) source(b *broker, registry *connect.Registry) func(int) error {
	return func(n int) error {
		task, err := newSourceTask(b, registry, jsonsWorkload, n)
		if err != nil {
			return err
		}
		task.AtLeastOnce = t.atLeastOnce
		began := time.Now()
		if err := runTask(task, n); err != nil {
			return err
		}
		if took := time.Since(began); t.best == 0 || took < t.best {
			t.best = took
		}
		return nil
	}
}

// rate is in thousands of records a second.
func (t *timed) rate(n int) float64 { return float64(n) / t.best.Seconds() / 1000 }
