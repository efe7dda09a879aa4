package rest

import (
	"context"
	"sync"
)

// turns lets those who do something to the same connector come one after the other. The zero value is ready to use.
type turns struct {
	mu    sync.Mutex
	taken map[string]*turn
}

// turn is a connector's, as long as anybody has it or waits for it.
type turn struct {
	free chan struct{} // holds an element while nobody has it
	want int           // how many have it or wait for it
}

// take waits for the turn of a connector, and returns how to end it.
func (t *turns) take(ctx context.Context, connector string) (end func(), err error) {
	t.mu.Lock()
	if t.taken == nil {
		t.taken = make(map[string]*turn)
	}
	own := t.taken[connector]
	if own == nil {
		own = &turn{free: make(chan struct{}, 1)}
		own.free <- struct{}{}
		t.taken[connector] = own
	}
	own.want++
	t.mu.Unlock()
	select {
	case <-own.free:
		return func() {
			own.free <- struct{}{}
			t.leave(connector, own)
		}, nil
	case <-ctx.Done():
		t.leave(connector, own)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(connector string, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.want--; own.want == 0 {
		delete(t.taken, connector)
	}
}
