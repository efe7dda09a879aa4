package task_test

import (
	"context"
	"sync"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// table is a lease table whose requests can be made to fail, and are counted.
type table struct {
	lease.Table
	mu     sync.Mutex
	fault  func(ctx context.Context, write bool) error
	reads  int
	writes int
}

// breakWrites makes writes fail from now on, with nil no longer.
func (t *table) breakWrites(err error) {
	t.meddle(func(_ context.Context, write bool) error {
		if write {
			return err
		}
		return nil
	})
}

// meddle has a function decide about each request from now on: the request fails when it does.
func (t *table) meddle(fault func(ctx context.Context, write bool) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fault = fault
}

// takeWrites returns how many writes succeeded since the last call.
func (t *table) takeWrites() int {
	_, writes := t.take()
	return writes
}

// take returns how many reads and writes succeeded since the last call.
func (t *table) take() (reads, writes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	reads, writes = t.reads, t.writes
	t.reads, t.writes = 0, 0
	return reads, writes
}

// ask counts a request unless it fails.
func (t *table) ask(ctx context.Context, write bool, request func() error) error {
	t.mu.Lock()
	fault := t.fault
	t.mu.Unlock()
	if fault != nil {
		if err := fault(ctx, write); err != nil {
			return err
		}
	}
	err := request()
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil && write:
		t.writes++
	case err == nil:
		t.reads++
	}
	return err
}

// Get implements lease.Table.
func (t *table) Get(ctx context.Context, key lease.Key) (item lease.Item, err error) {
	err = t.ask(ctx, false, func() error { item, err = t.Table.Get(ctx, key); return err })
	return item, err
}

// Swap implements lease.Table.
func (t *table) Swap(ctx context.Context, next lease.Item) (stored lease.Item, err error) {
	err = t.ask(ctx, true, func() error { stored, err = t.Table.Swap(ctx, next); return err })
	return stored, err
}
