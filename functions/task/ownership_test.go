package task

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// An invocation that is done cancels its look at the lease, and that is nothing to warn about: it happens every few seconds.
func TestALookAtTheLeaseThatIsCancelledByTheEndOfTheInvocationLogsNothing(t *testing.T) {
	// given an owner that has looked once
	var log bytes.Buffer
	leases := lease.New(lease.NewMemory(), lease.Options{})
	key := lease.Key{Connector: "orders", Task: 0}
	if err := leases.Raise(t.Context(), key.Connector, 1, 1); err != nil {
		t.Fatal(err)
	}
	held, err := leases.Acquire(t.Context(), key, "owner", 1, time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	o := &ownership{leases: leases, held: held, log: slog.New(slog.NewTextHandler(&log, nil))}
	if err := o.Check(t.Context()); err != nil {
		t.Fatal(err)
	}

	// when the invocation ends during the next look
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = o.Check(ctx)

	// then
	if err == nil {
		t.Error("a look that was cancelled said that all is well")
	}
	if log.Len() > 0 {
		t.Errorf("it logged %s", log.String())
	}
}
