package connecttest

import (
	"context"
	"fmt"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// checkTransactions reads everything with transaction.boundary=connector, if the class defines transactions with the configuration: what
// the source asks for must make sense, and in the end nothing may be left open.
func (h SourceHarness) checkTransactions(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	if h.Class.DefinesTransactions == nil || !h.Class.DefinesTransactions(config) {
		return nil
	}
	want := h.Seed(t, config, 30)
	in := &invocation{batch: connect.NewBatch(7, 1<<20), records: 7, bytes: 1 << 20}
	transactions, requests := connect.NewTransactionContext()
	if err := h.start(ctx, in, config, &OffsetStore{}, transactions); err != nil {
		return err
	}
	open := 0
	err := in.read(ctx, want, func() error {
		left, err := taken(requests, in.batch.Len(), open)
		open = left
		return err
	})
	for tries := 0; err == nil && open > 0; tries++ { // a source may learn with the next poll that it was the last record
		if tries == 3 {
			err = fmt.Errorf("after the last record %d records are left that the source never asks to commit", open)
		} else if err = in.poll(ctx); err == nil {
			open, err = taken(requests, in.batch.Len(), open)
		}
	}
	return in.close(ctx, err)
}

// taken honours what was asked for by a poll that appended n records, and returns how many are open then, of which open were before.
func taken(requests *connect.TransactionRequests, n, open int) (int, error) {
	done := 0
	for at := requests.Next(); at >= 0; at = requests.Next() {
		if at < done || at >= n {
			return 0, fmt.Errorf("a request is for record %d of a batch of %d", at, n)
		}
		if _, err := requests.TakeAfter(at); err != nil {
			return 0, fmt.Errorf("a request for record %d: %w", at, err)
		}
		open, done = 0, at+1
	}
	open += n - done
	request, err := requests.TakeBatch()
	if err != nil {
		return 0, fmt.Errorf("a request for a poll: %w", err)
	}
	if request != connect.TransactionGoesOn {
		open = 0
	}
	return open, nil
}
