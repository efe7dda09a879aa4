package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/txn"
)

// transactionTimeout bounds how long a transaction of a crashed writer can hide what follows it.
const transactionTimeout = 30 * time.Second

// endTime bounds the request that ends a transaction.
const endTime = 10 * time.Second

// leader is the one writer of the config topic. It may be used concurrently.
type leader struct {
	opts  []kgo.Opt
	id    string // transactional id
	topic string // that is written

	mu      sync.Mutex
	client  *kgo.Client // nil without a claim
	claimed bool        // ever
}

// claim fences every other writer.
func (l *leader) claim(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.claimLocked(ctx)
}

func (l *leader) claimLocked(ctx context.Context) error {
	l.drop()
	client, err := kgo.NewClient(slices.Concat(l.opts, []kgo.Opt{kgo.TransactionalID(l.id), kgo.TransactionTimeout(transactionTimeout)})...)
	if err != nil {
		return fmt.Errorf("claim the config topic: %w", err)
	}
	mended, err := l.fence(ctx, client)
	if err != nil || mended {
		client.Close()
	}
	switch {
	case err != nil:
		return fmt.Errorf("claim the config topic as %s: %w", l.id, err)
	case mended:
		return l.claimLocked(ctx) // anew: the epoch is used up
	}
	l.client, l.claimed = client, true
	return nil
}

// fence fences, and mends what a broker has left hanging: see txn.Last. Where brokers do not tell, there is nothing to mend.
func (l *leader) fence(ctx context.Context, client *kgo.Client) (mended bool, err error) {
	hung, err := l.hanging(ctx, client)
	if err != nil && txn.Transient(err) {
		return false, err
	}
	pid, epoch, err := client.ProducerID(ctx)
	if err != nil || hung.IsZero() {
		return false, err
	}
	_, err = hung.End(ctx, client, pid, epoch)
	return err == nil, err
}

// hanging asks for as long as a new cluster takes to have transaction coordinators.
func (l *leader) hanging(ctx context.Context, client *kgo.Client) (hung txn.Last, err error) {
	ctx, cancel := context.WithTimeout(ctx, endTime)
	defer cancel()
	for attempt := 0; ; attempt++ {
		if hung, err = txn.Hanging(ctx, client, l.id, l.topic); err == nil || !txn.Transient(err) {
			return hung, err
		}
		if waited := wait(ctx, min(5*time.Millisecond<<attempt, time.Second)); waited != nil {
			return hung, err
		}
	}
}

// ensure claims if nobody did in this process; a claim that was lost is not taken again.
func (l *leader) ensure(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ensureLocked(ctx)
}

func (l *leader) ensureLocked(ctx context.Context) error {
	switch {
	case l.client != nil:
		return nil
	case l.claimed:
		return ErrFenced
	}
	return l.claimLocked(ctx)
}

func (l *leader) drop() {
	if l.client != nil {
		l.client.Close()
		l.client = nil
	}
}

func (l *leader) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
}

// write makes one transaction. The first write claims if nobody did. Any failure costs the claim: the next one settles what
// became of the transaction.
func (l *leader) write(ctx context.Context, records ...*kgo.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ensureLocked(ctx); err != nil {
		return err
	}
	if err := transact(ctx, l.client, records); err != nil {
		l.drop()
		if fenced(err) {
			return fmt.Errorf("write the config topic as %s: %w: %w", l.id, ErrFenced, err)
		}
		return fmt.Errorf("write the config topic as %s: %w", l.id, err)
	}
	return nil
}

// transact writes the records in one transaction. Once they are produced, the end of the transaction does not depend on the
// context any more: an open transaction would hide what follows it from every reader.
func transact(ctx context.Context, client *kgo.Client, records []*kgo.Record) error {
	if err := client.BeginTransaction(); err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	produced := client.ProduceSync(ctx, records...).FirstErr()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if produced != nil {
		return errors.Join(fmt.Errorf("produce: %w", produced), client.EndTransaction(end, kgo.TryAbort))
	}
	committer := txn.NewCommitter(client)
	for _, r := range records {
		if err := committer.See(end, r); err != nil {
			return fmt.Errorf("commit the transaction: %w", err)
		}
	}
	if err := committer.Commit(end); err != nil {
		return fmt.Errorf("commit the transaction: %w", err)
	}
	return nil
}
