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

// metadataAge is how soon after a look at the brokers there may be another. The client looks before it sends anything again; its
// default of five seconds would be how long a write takes whose connection broke.
const metadataAge = 100 * time.Millisecond

// endTime bounds the request that ends a transaction, and the look before a claim.
const endTime = 10 * time.Second

// leader is the one writer of the config topic. It may be used concurrently.
type leader struct {
	opts  []kgo.Opt
	id    string        // transactional id
	topic string        // that is written
	end   time.Duration // bounds the request that ends a transaction

	mu     sync.Mutex
	client *kgo.Client // nil without a claim
}

// claim fences every other writer.
func (l *leader) claim(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.claimLocked(ctx)
}

func (l *leader) claimLocked(ctx context.Context) error {
	l.drop()
	client, err := kgo.NewClient(slices.Concat(l.opts, []kgo.Opt{
		kgo.TransactionalID(l.id), kgo.TransactionTimeout(transactionTimeout),
		kgo.MetadataMinAge(metadataAge),
	})...)
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
	l.client = client
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

// holds reports whether this process has claimed and does not know of anybody who has since.
func (l *leader) holds() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client != nil
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

// write makes one transaction under the claim. Any failure costs the claim: the next one settles what became of the transaction.
func (l *leader) write(ctx context.Context, records ...*kgo.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil {
		return ErrFenced
	}
	if err := transact(ctx, l.client, l.end, records); err != nil {
		l.drop()
		if fenced(err) && !errors.Is(err, errInDoubt) {
			return fmt.Errorf("write the config topic as %s: %w: %w", l.id, ErrFenced, err)
		}
		return fmt.Errorf("write the config topic as %s: %w", l.id, err)
	}
	return nil
}

// transact writes the records in one transaction. Once they are produced, the end of the transaction does not depend on the
// context any more: an open transaction would hide what follows it from every reader. The error is errInDoubt when a commit was
// asked for.
func transact(ctx context.Context, client *kgo.Client, endTime time.Duration, records []*kgo.Record) error {
	if err := client.BeginTransaction(); err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	produced := send(ctx, client, endTime, records)
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
		return fmt.Errorf("%w: %w", errInDoubt, err)
	}
	return nil
}

// send is bounded in time whatever ctx is: the client never gives up a record that it has sent once, since the broker may have it.
// Only its own end ends that, and with it the claim.
func send(ctx context.Context, client *kgo.Client, limit time.Duration, records []*kgo.Record) error {
	bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	stop := context.AfterFunc(bound, client.Close)
	defer stop()
	return client.ProduceSync(ctx, records...).FirstErr()
}
