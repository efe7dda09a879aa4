package coordinator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/txn"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// fenceTimeout bounds one fencing round, as Kafka Connect bounds its own.
const fenceTimeout = 90 * time.Second

// Fence returns when no task of a stopped connector can commit any more, whatever it still does: what altering its offsets needs. It is
// for whoever holds the connector, and fails and may be called again as EndTasks.
func (c *Coordinator) Fence(ctx context.Context, name string) error {
	if err := c.EndTasks(ctx, name); err != nil {
		return err
	}
	conn, ok := c.Store.Configs().Snapshot().Connectors[name]
	if !ok || !c.fences(conn) {
		return nil
	}
	if err := fence(ctx, c.Kafka, c.transactionalIDs(name, conn.FencedTasks), c.offsetTopics(conn.Config)); err != nil {
		return fmt.Errorf("fence %s: %w", name, err)
	}
	return nil
}

// EndTasks has what is left of the tasks of a stopped connector end within seconds, and lets none begin. The pass that does so after a
// stop may come later, and an invocation that is under way until then would begin behind the fence. It is for whoever holds the
// connector, see Hold; it does not wait, and may be called again. The error is store.ErrChanged if the connector has tasks again, since
// it is not held any more.
func (c *Coordinator) EndTasks(ctx context.Context, name string) error {
	if err := c.Store.Configs().Sync(ctx); err != nil {
		return fmt.Errorf("end the tasks of %s: read the config topic: %w", name, err)
	}
	conn, ok := c.Store.Configs().Snapshot().Connectors[name]
	if !ok {
		return nil
	}
	if conn.TaskCount > 0 {
		return fmt.Errorf("end the tasks of %s: %w", name, store.ErrChanged)
	}
	p := &pass{Coordinator: c, name: name, conn: conn}
	err := p.loadLeases(ctx)
	if err == nil {
		err = c.Leases.Raise(ctx, name, 0, p.generation())
	}
	if overtaken(err) {
		err = errors.Join(store.ErrChanged, err)
	}
	if err != nil {
		return fmt.Errorf("end the tasks of %s: %w", name, err)
	}
	return nil
}

// fences reports whether a connector's tasks have transactional ids to fence. Sources that run at least once have none: the brokers may
// know no transactions, or allow them to nobody, and what a frozen task could still do is within what such a source promises.
func (c *Coordinator) fences(conn *store.Connector) bool {
	class, _ := conn.Config.Get("connector.class")
	plugin, _ := c.Catalog.Find(class)
	return !c.AtLeastOnce || plugin.Type != connect.TypeSource
}

func (c *Coordinator) transactionalIDs(name string, tasks int) []string {
	ids := make([]string, tasks)
	for i := range ids {
		ids[i] = c.TransactionalID(name, i)
	}
	return ids
}

// offsetTopics are where the offsets of a connector's sources are.
func (c *Coordinator) offsetTopics(config store.Properties) []string {
	own, _ := config.Get("offsets.storage.topic")
	return c.Store.Offsets().Topics(own)
}

// fence makes every owner of the transactional ids harmless: the transactions they have open are aborted, and nothing they
// do from now on is committed. What a broker left hanging in the offsets topics is ended, since after the fence nobody could tell how:
// see txn.Last. It may be called again; fencing twice only raises the producer epoch once more.
func fence(ctx context.Context, cl *kgo.Client, ids, topics []string) error {
	ctx, cancel := context.WithTimeout(ctx, fenceTimeout)
	defer cancel()
	for _, id := range ids {
		if err := fenceOne(ctx, cl, id, topics); err != nil {
			return fmt.Errorf("fence transactional id %s: %w", id, err)
		}
	}
	return nil
}

func fenceOne(ctx context.Context, cl *kgo.Client, id string, topics []string) error {
	hung, err := hanging(ctx, cl, id, topics)
	if err != nil {
		return err
	}
	for attempt := 0; ; attempt++ {
		req := kmsg.NewPtrInitProducerIDRequest()
		req.TransactionalID = &id
		req.TransactionTimeoutMillis = 60_000
		req.ProducerID, req.ProducerEpoch = -1, -1
		resp, err := req.RequestWith(ctx, cl)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if err == nil && !hung.IsZero() {
			_, err := hung.End(ctx, cl, resp.ProducerID, resp.ProducerEpoch)
			return err
		}
		if err == nil || !transient(err) {
			return err
		}
		if err := wait(ctx, attempt); err != nil {
			return err
		}
	}
}

// hanging looks before the fence. Where brokers do not tell, there is nothing to mend.
func hanging(ctx context.Context, cl *kgo.Client, id string, topics []string) (txn.Last, error) {
	for attempt := 0; len(topics) > 0; attempt++ {
		hung, err := txn.Hanging(ctx, cl, id, topics...)
		switch {
		case err == nil:
			return hung, nil
		case !txn.Transient(err):
			return txn.Last{}, nil //nolint:nilerr // as said
		}
		if waited := wait(ctx, attempt); waited != nil {
			return txn.Last{}, fmt.Errorf("%w: %w", waited, err)
		}
	}
	return txn.Last{}, nil
}

// transient reports whether the transaction coordinator is only busy: with the markers of the transaction that was just
// aborted (CONCURRENT_TRANSACTIONS, normal for some tens of milliseconds), or with moving.
func transient(err error) bool {
	return errors.Is(err, kerr.ConcurrentTransactions) || errors.Is(err, kerr.CoordinatorLoadInProgress) ||
		errors.Is(err, kerr.CoordinatorNotAvailable) || errors.Is(err, kerr.NotCoordinator)
}

// wait returns after 20 ms, doubling to a second, with jitter.
func wait(ctx context.Context, attempt int) error {
	d := min(20*time.Millisecond<<min(attempt, 6), time.Second)
	timer := time.NewTimer(d/2 + rand.N(d))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
