package coordinator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// Options is what a Coordinator needs; all fields but TrackTopics and Loggers are required.
type Options struct {
	// Store is the three internal topics.
	Store *store.Store
	// Leases owns tasks.
	Leases *lease.Leases
	// Invoker reaches task functions.
	Invoker invoke.Invoker
	// Catalog says which function serves a connector class.
	Catalog *catalog.Catalog
	// TransactionalID returns the transactional id of a task.
	TransactionalID func(connector string, task int) string
	// AtLeastOnce says that exactly-once is off for sources: their tasks have transactional ids no more, and none is fenced.
	AtLeastOnce bool
	// Kafka is a client for fencing. It is plain: not transactional and in no group.
	Kafka *kgo.Client
	// WorkerID is the host:port that status records name as their writer.
	WorkerID string
	// Owner names this coordinator in leases; unique among all that live.
	Owner string
	// TrackTopics says whether the topics that connectors use are recorded: topic.tracking.enable.
	TrackTopics bool
	// Now is the clock.
	Now func() time.Time
	// Log is the coordinator's logger.
	Log *slog.Logger
	// Loggers has the levels of Log, which the config topic may change; nil when they cannot be changed.
	Loggers *loggers.Loggers
}

// Coordinator makes passes. It may be used concurrently, also for one connector; see the package documentation.
type Coordinator struct{ Options }

// New returns a Coordinator.
func New(o Options) *Coordinator {
	o.Log = o.Log.With(loggers.Key, loggers.Herder)
	return &Coordinator{Options: o}
}

// Names returns all connectors of the config topic, read to its end.
func (c *Coordinator) Names(ctx context.Context) ([]string, error) {
	if err := c.Store.Configs().Sync(ctx); err != nil {
		return nil, fmt.Errorf("read the config topic: %w", err)
	}
	return c.Store.Configs().Snapshot().Names(), nil
}

// passAttempts bounds how often a pass is made anew because somebody else was quicker.
const passAttempts = 5

// Pass brings one connector closer to what the config topic asks for, and reports what it did. It may be called at any
// time and any number of times; a connector that needs nothing costs a few reads.
//
// The API changes the config topic too. A pass that learns in its course that what it read is not current begins anew, with what the
// other wrote.
func (c *Coordinator) Pass(ctx context.Context, name string) (Result, error) {
	result, err := c.pass(ctx, name)
	for attempt := 1; attempt < passAttempts && overtaken(err); attempt++ {
		if err := wait(ctx, attempt-1); err != nil {
			return result, fmt.Errorf("pass over %s: %w", name, err)
		}
		published := result.Published
		result, err = c.pass(ctx, name)
		result.Published = result.Published || published
	}
	return result, err
}

// overtaken reports whether a pass failed only because somebody else changed what it had read.
func overtaken(err error) bool {
	_, raised := errors.AsType[*lease.GenerationError](err)
	return raised || errors.Is(err, store.ErrFenced) || errors.Is(err, store.ErrChanged)
}

// pass reads the leases first: whoever raised them had read the config topic before, so that what is read of it now is not older
// than they are. The other way round, this would happen: A reads configuration 1; B publishes the tasks of configuration 2 and
// raises the leases; A reads the leases, and starts tasks of 1 in the generation of 2, beside the tasks that B starts.
func (c *Coordinator) pass(ctx context.Context, name string) (Result, error) {
	items, leaseErr := c.Leases.ListAll(ctx, name)
	if err := c.Store.Configs().Sync(ctx); err != nil {
		return Result{}, fmt.Errorf("pass over %s: read the config topic: %w", name, cmp.Or(leaseErr, err))
	}
	if err := c.Store.Statuses().Sync(ctx); err != nil {
		return Result{}, fmt.Errorf("pass over %s: read the status topic: %w", name, cmp.Or(leaseErr, err))
	}
	snapshot := c.Store.Configs().Snapshot()
	c.Loggers.Apply(snapshot.Loggers)
	conn, ok := snapshot.Connectors[name]
	p := &pass{Coordinator: c, name: name, conn: conn, items: byTask(items), last: items}
	var err error
	switch {
	case leaseErr != nil:
		err = errors.Join(fmt.Errorf("read its leases: %w", leaseErr), p.tellOfLeases(ctx, leaseErr))
	case !ok:
		err = p.retire(ctx)
	case conn.Target == store.Stopped:
		err = p.stop(ctx)
	case conn.Target == store.Paused:
		err = p.pause(ctx)
	default:
		err = p.run(ctx)
	}
	if err != nil {
		return p.result, fmt.Errorf("pass over %s: %w", name, err)
	}
	return p.result, nil
}

// Result says what a pass did.
type Result struct {
	// Published is whether a new task set was written.
	Published bool
	// Started are the tasks that were invoked.
	Started []int
	// Next is when the next pass has something to do if nothing else happens; zero when that is not known.
	Next time.Time
}

// pass is the state of one pass over one connector.
type pass struct {
	*Coordinator
	name   string
	conn   *store.Connector
	items  map[int]lease.Item
	last   []lease.Item // as the pass began, with those of tasks that are gone
	result Result
}

func byTask(items []lease.Item) map[int]lease.Item {
	m := make(map[int]lease.Item, len(items))
	for _, it := range items {
		if !it.Retired {
			m[it.Task] = it
		}
	}
	return m
}

// retire ends the tasks of a connector that is gone and tombstones its status.
func (p *pass) retire(ctx context.Context) error {
	if err := p.Leases.Raise(ctx, p.name, 0, p.generationBeyondItems()); err != nil {
		return fmt.Errorf("end its tasks: %w", err)
	}
	if _, ok := p.Store.Statuses().Connector(p.name); !ok && len(p.Store.Statuses().Tasks(p.name)) == 0 {
		return nil
	}
	return p.Store.Statuses().DeleteConnector(ctx, p.name)
}

// generationBeyondItems is a generation that every running owner of a deleted connector sees as new.
func (p *pass) generationBeyondItems() int64 {
	var g int64
	for task, it := range p.items {
		if task != planTask {
			g = max(g, it.Generation+1)
		}
	}
	return g
}

// restartBits is how many restarts one generation of the config topic can have.
const restartBits = 20

// generation is what the leases' items should have: the generation of the config topic in the upper bits, so that every
// change there is a larger one, and the number of restarts since in the lower bits.
func (p *pass) generation() int64 {
	g := p.conn.Generation << restartBits
	for task, it := range p.items {
		if task != planTask {
			g = max(g, it.Generation)
		}
	}
	return g
}

// stop is the target state STOPPED: no tasks.
func (p *pass) stop(ctx context.Context) error {
	if len(p.conn.Tasks) > 0 {
		if err := p.Store.Configs().PutTasksFor(ctx, p.conn, nil); err != nil {
			return fmt.Errorf("write an empty task set: %w", err)
		}
	}
	if err := p.putAllTopics(ctx); err != nil {
		return err
	}
	if err := p.Leases.Raise(ctx, p.name, 0, p.generation()); err != nil {
		return errors.Join(fmt.Errorf("end its tasks: %w", err), p.tellOfLeases(ctx, err))
	}
	if err := p.dropTaskStatuses(ctx, 0); err != nil {
		return err
	}
	return p.putConnectorStatus(ctx, store.StateStopped, "")
}

// pause is the target state PAUSED: tasks keep their configuration and do not run. One that has failed says so still, until it is
// restarted or resumed.
func (p *pass) pause(ctx context.Context) error {
	if err := p.raise(ctx); err != nil {
		return err
	}
	if err := p.putAllTopics(ctx); err != nil {
		return err
	}
	if err := p.putTaskStatuses(ctx, p.pausedState); err != nil {
		return err
	}
	if err := p.dropTaskStatuses(ctx, len(p.conn.Tasks)); err != nil {
		return err
	}
	return p.putConnectorStatus(ctx, store.StatePaused, "")
}

// run is the target state STARTED.
func (p *pass) run(ctx context.Context) error {
	planned, err := p.planIfDue(ctx)
	if err != nil || !planned {
		return err
	}
	// The old tasks must see the new generation before they are fenced: one that is fenced first would fail where it should
	// only leave.
	if err := p.raise(ctx); err != nil {
		return err
	}
	if err := p.fenceOldTasks(ctx); err != nil {
		return err
	}
	// The fencing record is itself a change of the config topic, but not one of the tasks: see store.Connector.Generation.
	if err := p.tellOfTasks(ctx); err != nil {
		return err
	}
	function, err := p.function()
	if err != nil { // it was planned by a release that had the class
		return p.putConnectorStatus(ctx, store.StateFailed, connect.Trace(err))
	}
	if err := p.putConnectorStatus(ctx, store.StateRunning, ""); err != nil {
		return err
	}
	return p.startTasks(ctx, function)
}

// raise gives the leases of all tasks the current generation, unless they have it.
func (p *pass) raise(ctx context.Context) error {
	g, current := p.generation(), true
	for i := range p.conn.Tasks {
		it, ok := p.items[i]
		current = current && ok && it.Generation == g
	}
	for task := range p.items {
		current = current && task < len(p.conn.Tasks)
	}
	if current {
		return nil
	}
	if err := p.raiseAlone(ctx, g); err != nil {
		return err
	}
	return p.unchanged(ctx)
}

// unchanged fails if the connector is another by now than the one whose leases were raised: somebody may have deleted it and retired
// them, and this pass has brought them back. A change that comes behind this look is followed by a pass that raises them further.
func (p *pass) unchanged(ctx context.Context) error {
	before := p.conn.Generation
	if err := p.reload(ctx); err != nil {
		return err
	}
	if p.conn.Generation != before {
		return store.ErrChanged
	}
	return nil
}

// raiseAlone is raiseTo for a pass that goes on to start tasks: it fails when somebody else has raised the leases further, for a
// configuration that this pass may not know.
func (p *pass) raiseAlone(ctx context.Context, generation int64) error {
	if err := p.raiseTo(ctx, generation); err != nil {
		return err
	}
	for task, it := range p.items {
		if task != planTask && it.Generation > generation {
			return &lease.GenerationError{Key: it.Key, Wanted: generation, Current: it.Generation}
		}
	}
	return nil
}

func (p *pass) raiseTo(ctx context.Context, generation int64) error {
	if err := p.Leases.Raise(ctx, p.name, len(p.conn.Tasks), generation); err != nil {
		return errors.Join(fmt.Errorf("raise the generation of its leases: %w", err), p.tellOfLeases(ctx, err))
	}
	return p.loadLeases(ctx)
}

func (p *pass) loadLeases(ctx context.Context) error {
	items, err := p.Leases.List(ctx, p.name)
	if err != nil {
		return fmt.Errorf("read its leases: %w", err)
	}
	p.items = byTask(items)
	return nil
}

// fenceOldTasks fences the transactional ids of the task set before this one, if that was not done yet. One task followed
// by one task needs no round: the new owner takes the same id.
func (p *pass) fenceOldTasks(ctx context.Context) error {
	if !p.conn.PendingFencing {
		return nil
	}
	if old := p.conn.FencedTasks; p.fences(p.conn) && (old > 1 || old == 1 && len(p.conn.Tasks) != 1) {
		if err := fence(ctx, p.Kafka, p.transactionalIDs(p.name, old), p.offsetTopics(p.conn.Config)); err != nil {
			return err
		}
	}
	if err := p.Store.Configs().PutFencingFor(ctx, p.conn); err != nil {
		return fmt.Errorf("record the fencing round: %w", err)
	}
	return p.unchanged(ctx)
}

// reload reads the connector again after this pass changed it.
func (p *pass) reload(ctx context.Context) error {
	if err := p.Store.Configs().Sync(ctx); err != nil {
		return fmt.Errorf("read the config topic: %w", err)
	}
	conn, ok := p.Store.Configs().Snapshot().Connectors[p.name]
	if !ok {
		return store.ErrChanged
	}
	p.conn = conn
	return nil
}
