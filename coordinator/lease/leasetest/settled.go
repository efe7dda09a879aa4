package leasetest

import (
	"context"
	"errors"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// settled is a Table that loses no reply of its own. Some local stores answer one request in a thousand with a success and a
// broken body; a test that counts requests, or that says what a call did, needs the faults of the suite to be the only ones. So
// what the store leaves open is settled below them, by the rule that the protocol itself has: read again, and look who wrote.
type settled struct{ lease.Table }

// settledTries bounds the requests for one answer.
const settledTries = 10

func open(err error) bool {
	return errors.Is(err, lease.ErrAmbiguous) || errors.Is(err, lease.ErrThrottled)
}

// again repeats a request that changes nothing, or nothing more when it is repeated.
func again[T any](request func() (T, error)) (result T, err error) {
	for range settledTries {
		if result, err = request(); !open(err) {
			break
		}
	}
	return result, err
}

func (s settled) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	return again(func() (lease.Item, error) { return s.Table.Get(ctx, key) })
}

func (s settled) List(ctx context.Context, connector string) ([]lease.Item, error) {
	return again(func() ([]lease.Item, error) { return s.Table.List(ctx, connector) })
}

func (s settled) Swap(ctx context.Context, next lease.Item) (stored lease.Item, err error) {
	for range settledTries {
		if stored, err = s.Table.Swap(ctx, next); !open(err) {
			break
		}
		cur, failed := s.Get(ctx, next.Key)
		if failed != nil {
			return lease.Item{}, failed
		}
		if cur.Rev == next.Rev && cur.Write == next.Write {
			return next, nil
		}
	}
	return stored, err
}

func (s settled) Delete(ctx context.Context, item lease.Item) error {
	_, err := again(func() (struct{}, error) { return struct{}{}, s.Table.Delete(ctx, item) })
	return err
}
