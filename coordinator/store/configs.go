package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// readBackAttempts bounds how often the end of the topic is asked for until a committed write is visible there.
const readBackAttempts = 40

// Configs is the config topic. Its methods may be called concurrently; changes are made one after the other, see Update.
type Configs struct {
	log   changelog
	lead  *leader                            // nil in standalone mode
	turn  func(context.Context) (end func()) // see Options.Turn
	topic string
	slog  *slog.Logger

	writing gate // held over a whole change

	reads   reads
	reading gate // guards state and seen
	state   *configState
	seen    map[int64]bool // offsets that were read since a write began; nil between writes
	snap    atomic.Pointer[Snapshot]
}

func newConfigs(log changelog, topic string, logger *slog.Logger) *Configs {
	c := &Configs{log: log, topic: topic, slog: logger, reading: newGate(), state: newConfigState(), writing: newGate()}
	c.snap.Store(c.state.snapshot())
	return c
}

// Sync reads the topic to its present end. The first call reads it whole, later ones what was added. Calls that wait for the same read
// share the next.
func (c *Configs) Sync(ctx context.Context) error {
	asked := c.reads.ask()
	if err := c.reading.enter(ctx); err != nil {
		return fmt.Errorf("read topic %s: another read is waiting: %w", c.topic, err)
	}
	defer c.reading.Unlock()
	if c.reads.answered(asked) {
		return nil
	}
	c.reads.begin()
	before := c.state.next
	err := c.log.read(ctx, func(r *kgo.Record) {
		if c.seen != nil {
			c.seen[r.Offset] = true
		}
		if err := c.state.apply(r); err != nil {
			c.slog.Warn("skipped a record of the config topic", "key", string(r.Key), "offset", r.Offset, "error", err)
		}
	})
	if c.state.next != before {
		c.snap.Store(c.state.snapshot())
	}
	c.reads.end(err)
	return err
}

// Snapshot returns what the topic said at the last Sync or change.
func (c *Configs) Snapshot() *Snapshot { return c.snap.Load() }

// watch begins and ends to remember what is read.
func (c *Configs) watch(on bool) {
	c.reading.Lock()
	defer c.reading.Unlock()
	c.seen = nil
	if on {
		c.seen = make(map[int64]bool)
	}
}

// saw reports whether the record at an offset was read since watch.
func (c *Configs) saw(offset int64) bool {
	c.reading.Lock()
	defer c.reading.Unlock()
	return c.seen[offset]
}

// PutConnector is Update with Tx.PutConnector alone, whatever the topic says.
func (c *Configs) PutConnector(ctx context.Context, name string, config Properties, initial *TargetState) error {
	return c.Update(ctx, func(tx *Tx) error { return tx.PutConnector(name, config, initial) })
}

// DeleteConnector is Update with Tx.DeleteConnector alone, whatever the topic says.
func (c *Configs) DeleteConnector(ctx context.Context, name string) error {
	return c.Update(ctx, func(tx *Tx) error { return tx.DeleteConnector(name) })
}

// PutTarget is Update with Tx.PutTarget alone, whatever the topic says.
func (c *Configs) PutTarget(ctx context.Context, name string, state TargetState) error {
	return c.Update(ctx, func(tx *Tx) error { return tx.PutTarget(name, state) })
}

// PutTasks is Update with Tx.PutTasks alone, whatever the topic says.
func (c *Configs) PutTasks(ctx context.Context, name string, tasks []map[string]string) error {
	return c.Update(ctx, func(tx *Tx) error { return tx.PutTasks(name, tasks) })
}

// PutFencing is Update with Tx.PutFencing alone, whatever the topic says.
func (c *Configs) PutFencing(ctx context.Context, name string, tasks int) error {
	return c.Update(ctx, func(tx *Tx) error { return tx.PutFencing(name, tasks) })
}

// PutRestart is Update with Tx.PutRestart alone, whatever the topic says.
func (c *Configs) PutRestart(ctx context.Context, name string, includeTasks, onlyFailed bool) error {
	return c.Update(ctx, func(tx *Tx) error { return tx.PutRestart(name, includeTasks, onlyFailed) })
}

// PutLoggerLevel is Update with Tx.PutLoggerLevel alone, whatever the topic says.
func (c *Configs) PutLoggerLevel(ctx context.Context, namespace, level string) error {
	return c.Update(ctx, func(tx *Tx) error { return tx.PutLoggerLevel(namespace, level) })
}

// PutTasksFor is PutTasks for a task set that follows from a connector as it was read. If the connector is another by now the error
// is ErrChanged and nothing is written: the configurations would be taken for those of a configuration that they were not made of.
func (c *Configs) PutTasksFor(ctx context.Context, conn *Connector, tasks []map[string]string) error {
	return c.follow(ctx, conn, func(tx *Tx) error { return tx.PutTasks(conn.Name, tasks) })
}

// PutFencingFor is PutFencing for the tasks of a connector as it was read, with ErrChanged as PutTasksFor.
func (c *Configs) PutFencingFor(ctx context.Context, conn *Connector) error {
	return c.follow(ctx, conn, func(tx *Tx) error { return tx.PutFencing(conn.Name, len(conn.Tasks)) })
}

// follow writes what follows from conn unless conn is out of date.
func (c *Configs) follow(ctx context.Context, conn *Connector, put func(*Tx) error) error {
	return c.Update(ctx, func(tx *Tx) error {
		if now, ok := tx.Snapshot.Connectors[conn.Name]; !ok || now.Generation != conn.Generation {
			return fmt.Errorf("write what follows for connector %s: %w", conn.Name, ErrChanged)
		}
		return put(tx)
	})
}
