package leasetest

import (
	"context"
	"errors"
	"testing"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// careless loses the answer of two requests in five, of some before the request took effect.
type careless struct {
	lease.Table
	n int
}

func (c *careless) lose() (before, after bool) {
	c.n++
	return c.n%5 == 1, c.n%5 == 3
}

func (c *careless) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	if before, after := c.lose(); before || after {
		return lease.Item{}, lease.ErrAmbiguous
	}
	return c.Table.Get(ctx, key)
}

func (c *careless) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	before, after := c.lose()
	if before {
		return lease.Item{}, lease.ErrAmbiguous
	}
	stored, err := c.Table.Swap(ctx, next)
	if after {
		return lease.Item{}, lease.ErrAmbiguous
	}
	return stored, err
}

func TestWhatAStoreLosesIsSettledBelowTheSuite(t *testing.T) {
	store := lease.NewMemory()
	table := settled{&careless{Table: store}}
	item := lease.Item{Key: lease.Key{Connector: "c"}}
	for rev := range int64(20) {
		item.Rev, item.Write = rev+1, string(rune('a'+rev))
		if _, err := table.Swap(t.Context(), item); err != nil {
			t.Fatalf("write %d: %v", rev+1, err)
		}
		if got, err := table.Get(t.Context(), item.Key); err != nil || got.Rev != item.Rev || got.Write != item.Write {
			t.Fatalf("write %d is read as %+v, %v", rev+1, got, err)
		}
	}
	other := item
	other.Write = "of somebody else"
	for range 4 {
		if stored, err := table.Swap(t.Context(), other); !errors.Is(err, lease.ErrConflict) || stored.Write != item.Write {
			t.Fatalf("a write of a revision that is there: %+v, %v", stored, err)
		}
	}
}
