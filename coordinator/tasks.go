package coordinator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

func newName() string { return rand.Text() }

// function returns the name of the function that serves the connector's class.
func (p *pass) function() (string, error) {
	class := p.conn.Config.Map()["connector.class"]
	function, ok := p.Catalog.FunctionOf(class)
	if !ok {
		return "", &connect.Error{
			Kind: connect.KindConfig, Class: connect.ConnectException,
			Message: "Failed to find any class that implements Connector and which name matches " + class,
			Hint:    "GET /connector-plugins lists the classes there are",
		}
	}
	return function, nil
}

// startTasks invokes every task whose lease is free and which is due. A task that is started twice runs once: the second
// invocation finds the lease taken. A task that cannot be started does not hold back the others.
func (p *pass) startTasks(ctx context.Context, function string) error {
	var failed error
	now := p.Now()
	for i, config := range p.conn.Tasks {
		it := p.items[i]
		if due := dueAt(it); due.After(now) {
			p.next(due)
			continue
		}
		err := p.Invoker.Start(ctx, function, &invoke.Request{
			Op: invoke.OpRun, Connector: p.name, Config: p.conn.Config.Map(),
			Task: i, Tasks: len(p.conn.Tasks), TaskConfig: config, Generation: it.Generation,
			Loggers: p.Store.Configs().Snapshot().Loggers,
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("start task %d: %w", i, err))
			continue
		}
		p.result.Started = append(p.result.Started, i)
	}
	return failed
}

// dueAt is when a task may be started: when its lease is free and its waiting time is over.
func dueAt(it lease.Item) time.Time {
	if (it.Owner != "" || it.Next != "") && it.Until.After(it.NotBefore) {
		return it.Until
	}
	return it.NotBefore
}

// next notes a time at which the next pass has something to do.
func (p *pass) next(at time.Time) {
	if p.result.Next.IsZero() || at.Before(p.result.Next) {
		p.result.Next = at
	}
}

// Restart makes tasks of a connector run anew, with failures forgotten; a nil list is all tasks. Tasks that run now commit,
// end and start again. With replan the connector is split into tasks anew first, as a restart of the Connector instance
// does. It does not wait for the tasks; a pass starts them.
func (c *Coordinator) Restart(ctx context.Context, name string, tasks []int, replan bool) error {
	if err := c.Store.Configs().Sync(ctx); err != nil {
		return fmt.Errorf("restart %s: read the config topic: %w", name, err)
	}
	conn, ok := c.Store.Configs().Snapshot().Connectors[name]
	if !ok {
		return &connect.Error{Kind: connect.KindConfig, Class: connect.NotFoundException, Message: "Unknown connector: " + name}
	}
	p := &pass{Coordinator: c, name: name, conn: conn}
	if err := p.loadLeases(ctx); err != nil {
		return fmt.Errorf("restart %s: %w", name, err)
	}
	if replan {
		if err := p.forgetPlan(ctx); err != nil {
			return fmt.Errorf("restart %s: %w", name, err)
		}
	}
	if tasks == nil {
		return p.raiseTo(ctx, p.generation()+1)
	}
	if conn.Target == store.Paused { // they start when the connector is resumed; failures are forgotten now
		err := p.putTaskStatuses(ctx, func(task int) (store.State, string) {
			if slices.Contains(tasks, task) {
				return store.StatePaused, ""
			}
			return p.pausedState(task)
		})
		if err != nil {
			return fmt.Errorf("restart %s: %w", name, err)
		}
	}
	for _, i := range tasks {
		if err := p.restartTask(ctx, i); err != nil {
			return fmt.Errorf("restart task %d of %s: %w", i, name, err)
		}
	}
	return nil
}

// restartTask lets a waiting task start at once. One that runs can only be told by a new generation, which its siblings see
// too: they lose no record by it, only their place in the loop.
func (p *pass) restartTask(ctx context.Context, task int) error {
	it, ok := p.items[task]
	if !ok { // it never ran, or does not exist any more: there is nothing to forget
		return nil
	}
	if it.Owner != "" && it.Until.After(p.Now()) {
		return p.raiseTo(ctx, p.generation()+1)
	}
	return p.Leases.Postpone(ctx, lease.Key{Connector: p.name, Task: task}, it.Generation, time.Time{}, 0)
}

// forgetPlan clears the waiting time of planning, so that the next pass plans at once.
func (p *pass) forgetPlan(ctx context.Context) error {
	it, ok := p.items[planTask]
	if !ok || it.Attempts == 0 {
		return nil
	}
	return p.Leases.Postpone(ctx, lease.Key{Connector: p.name, Task: planTask}, it.Generation, time.Time{}, 0)
}
