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
	opts []kgo.Opt
	id   string // transactional id

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
	if _, _, err := client.ProducerID(ctx); err != nil {
		client.Close()
		return fmt.Errorf("claim the config topic as %s: %w", l.id, err)
	}
	l.client, l.claimed = client, true
	return nil
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
