package store

import "context"

// gate is a mutex for what may wait for Kafka: whoever has a context waits no longer than that. It is made with one place, and is a
// sync.Locker too.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

// enter locks, or fails when ctx is done.
func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Lock implements sync.Locker.
func (g gate) Lock() { g <- struct{}{} }

// Unlock implements sync.Locker.
func (g gate) Unlock() { <-g }
