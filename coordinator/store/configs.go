package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// writeTime bounds a write of configurations with all the reading it takes, as in Kafka Connect.
const writeTime = 30 * time.Second

// readBackAttempts bounds how often the end of the topic is asked for until a committed write is visible there.
const readBackAttempts = 40

// Configs is the config topic. Its methods may be called concurrently; writes run one after the other.
type Configs struct {
	log   changelog
	lead  *leader // nil in standalone mode
	topic string
	slog  *slog.Logger

	writing sync.Mutex // held over a whole write

	reading gate // guards state
	state   *configState
	snap    atomic.Pointer[Snapshot]
}

func newConfigs(log changelog, lead *leader, topic string, logger *slog.Logger) *Configs {
	c := &Configs{log: log, lead: lead, topic: topic, slog: logger, reading: newGate(), state: newConfigState()}
	c.snap.Store(c.state.snapshot())
	return c
}

// Sync reads the topic to its present end. The first call reads it whole, later ones what was added.
func (c *Configs) Sync(ctx context.Context) error {
	if err := c.reading.enter(ctx); err != nil {
		return fmt.Errorf("read topic %s: another read is waiting: %w", c.topic, err)
	}
	defer c.reading.Unlock()
	before := c.state.next
	err := c.log.read(ctx, func(r *kgo.Record) {
		if err := c.state.apply(r); err != nil {
			c.slog.Warn("skipped a record of the config topic", "key", string(r.Key), "offset", r.Offset, "error", err)
		}
	})
	if c.state.next != before {
		c.snap.Store(c.state.snapshot())
	}
	return err
}

// Snapshot returns what the topic said at the last Sync or write.
func (c *Configs) Snapshot() *Snapshot { return c.snap.Load() }

// Claim fences every other writer of the topic and reads it to the end. Call it after ErrFenced, then decide anew. The first
// write claims by itself.
func (c *Configs) Claim(ctx context.Context) error {
	if c.lead != nil {
		if err := c.lead.claim(ctx); err != nil {
			return err
		}
	}
	return c.Sync(ctx)
}

// write makes one transaction and reads it back.
func (c *Configs) write(ctx context.Context, records ...*kgo.Record) error {
	for _, r := range records {
		r.Topic = c.topic
	}
	if err := c.log.write(ctx, records...); err != nil {
		return err
	}
	last := records[len(records)-1].Offset
	for attempt := range readBackAttempts {
		if err := c.Sync(ctx); err != nil {
			return fmt.Errorf("read back what was written: %w", err)
		}
		if c.Snapshot().Next > last {
			return nil
		}
		if err := wait(ctx, min(time.Millisecond<<min(attempt, 10), time.Second)); err != nil {
			return fmt.Errorf("read back what was written: %w", err)
		}
	}
	return fmt.Errorf("what was committed at offset %d of topic %s cannot be read back: a transaction of another writer is open", last, c.topic)
}

// change is write for the exported methods: bounded in time, one at a time.
func (c *Configs) change(ctx context.Context, what, name string, records ...*kgo.Record) error {
	if !validName(name) {
		return fmt.Errorf("%s: the name %q is not valid", what, name)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.write(ctx, records...); err != nil {
		return fmt.Errorf("%s %s: %w", what, name, err)
	}
	return nil
}

// PutConnector stores the configuration of a new or existing connector. The property name is added last if it is missing. With
// an initial state, for a new connector, that is written before. It returns after both have been read back; from then on
// they survive anything that Kafka survives.
func (c *Configs) PutConnector(ctx context.Context, name string, config Properties, initial *TargetState) error {
	if _, ok := config.Get("name"); !ok {
		config = config.With("name", name)
	}
	var records []*kgo.Record
	if initial != nil {
		records = append(records, targetRecord(name, *initial))
	}
	return c.change(ctx, "store the configuration of connector", name, append(records, connectorRecord(name, config))...)
}

// DeleteConnector removes the connector and its target state. Task configurations, offsets and fencing records stay, as in
// Kafka Connect; a connector of the same name goes on from the old offsets.
func (c *Configs) DeleteConnector(ctx context.Context, name string) error {
	return c.change(ctx, "delete connector", name, record(prefixConnector+name, nil), record(prefixTarget+name, nil))
}

// PutTarget stores what users want the connector to do. To stop one, publish an empty task set first (PutTasks).
func (c *Configs) PutTarget(ctx context.Context, name string, state TargetState) error {
	return c.change(ctx, "store the target state of connector", name, targetRecord(name, state))
}

// PutTasks publishes a task set: the task configurations, then the commit record that counts them. Until the latter is
// read nobody sees the former. An empty set is the commit record alone.
func (c *Configs) PutTasks(ctx context.Context, name string, tasks []map[string]string) error {
	if !validName(name) {
		return fmt.Errorf("publish the tasks of connector: the name %q is not valid", name)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.putTasks(ctx, name, tasks)
}

func (c *Configs) putTasks(ctx context.Context, name string, tasks []map[string]string) error {
	var records []*kgo.Record
	for i, task := range tasks {
		records = append(records, taskRecord(name, i, task))
	}
	if len(records) > 0 {
		if err := c.write(ctx, records...); err != nil {
			return fmt.Errorf("publish %d task configurations of connector %s: %w", len(tasks), name, err)
		}
	}
	if err := c.write(ctx, commitRecord(name, len(tasks))); err != nil {
		return fmt.Errorf("publish the task set of connector %s: %w", name, err)
	}
	return nil
}

// PutFencing records that the transactional ids of all earlier tasks are fenced, and how many tasks there are now.
func (c *Configs) PutFencing(ctx context.Context, name string, tasks int) error {
	return c.change(ctx, "record the fencing of connector", name, fencingRecord(name, tasks))
}

// PutTasksFor is PutTasks for a task set that follows from a connector as it was read. If the connector is another by now the error
// is ErrChanged and nothing is written: the configurations would be taken for those of a configuration that they were not made of.
func (c *Configs) PutTasksFor(ctx context.Context, conn *Connector, tasks []map[string]string) error {
	return c.follow(ctx, conn, func(ctx context.Context) error { return c.putTasks(ctx, conn.Name, tasks) })
}

// PutFencingFor is PutFencing for the tasks of a connector as it was read, with ErrChanged as PutTasksFor.
func (c *Configs) PutFencingFor(ctx context.Context, conn *Connector) error {
	return c.follow(ctx, conn, func(ctx context.Context) error {
		if err := c.write(ctx, fencingRecord(conn.Name, len(conn.Tasks))); err != nil {
			return fmt.Errorf("record the fencing of connector %s: %w", conn.Name, err)
		}
		return nil
	})
}

// follow writes what follows from conn unless conn is out of date. It claims before it looks: whoever writes after that look must
// take the claim, and then this write fails.
func (c *Configs) follow(ctx context.Context, conn *Connector, write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.lead != nil {
		if err := c.lead.ensure(ctx); err != nil {
			return fmt.Errorf("write what follows for connector %s: %w", conn.Name, err)
		}
	}
	if err := c.Sync(ctx); err != nil {
		return err
	}
	if now, ok := c.Snapshot().Connectors[conn.Name]; !ok || now.Generation != conn.Generation {
		return fmt.Errorf("write what follows for connector %s: %w", conn.Name, ErrChanged)
	}
	return write(ctx)
}

// PutRestart asks for a restart of the connector, and of its tasks. Java workers act on it, and readers see it in
// Connector.Restart.
func (c *Configs) PutRestart(ctx context.Context, name string, includeTasks, onlyFailed bool) error {
	return c.change(ctx, "request a restart of connector", name, restartRecord(name, includeTasks, onlyFailed))
}

// PutLoggerLevel sets the level of a logger in the whole cluster.
func (c *Configs) PutLoggerLevel(ctx context.Context, namespace, level string) error {
	return c.change(ctx, "set the level of logger", namespace, loggerRecord(namespace, level))
}
