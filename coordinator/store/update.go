package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// writeTime bounds a change of the config topic with all the reading it takes, as in Kafka Connect.
	writeTime = 30 * time.Second
	// updateAttempts bounds how often a change is decided anew because somebody else claimed first.
	updateAttempts = 10
	// updatePause bounds the first pause between two attempts; it doubles with each, up to its sixty-fourth.
	updatePause = 10 * time.Millisecond
)

// Tx is a change of the config topic that is being decided: what is put becomes one transaction, in the order in which it was put.
type Tx struct {
	// Snapshot is what the topic says. If anybody changes that before the transaction is committed, it fails, and the change is
	// decided anew.
	Snapshot *Snapshot

	what    string // the first thing put, for errors
	records []*kgo.Record
}

// Update changes the config topic by compare-and-set: decide looks at the snapshot and puts what follows into tx. It is called again
// whenever another process has claimed the topic meanwhile, so it must decide from tx alone, and do nothing else that must not
// happen twice. It must be quick: other changes wait for it.
//
// Update returns after what was put has been read back, and nil means that it survives anything that Kafka survives. An error of
// decide ends the update, and nothing is written. After ErrFenced, when others were quicker again and again, nothing is written
// either. After any other error it was written wholly or not at all; that is so even if the process ends within the call.
func (c *Configs) Update(ctx context.Context, decide func(tx *Tx) error) error {
	if err := c.writing.enter(ctx); err != nil {
		return fmt.Errorf("wait for other changes of the config topic: %w", err)
	}
	defer c.writing.Unlock()
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	defer c.watch(false)
	u := &update{Configs: c, decide: decide}
	for attempt := range updateAttempts {
		if attempt > 0 {
			// Two that claim from each other without a pause would both give up in the end.
			if err := wait(ctx, rand.N(updatePause<<min(attempt, 6))); err != nil {
				return errors.Join(u.failed, err)
			}
		}
		u.failed = u.attempt(ctx)
		if !errors.Is(u.failed, ErrFenced) && !errors.Is(u.failed, errInDoubt) {
			break
		}
	}
	return u.failed
}

// update is a call of Update.
type update struct {
	*Configs
	decide func(*Tx) error
	failed error // the last attempt's
	// doubt is the last record of a transaction whose commit failed; nil for none. It may have been committed all the same: the reply
	// was lost, and when the request was repeated somebody else had claimed. A claim ends it one way or the other, and then it can be
	// read, or it never will.
	doubt *kgo.Record
}

// attempt claims before it looks: whoever writes after that look must take the claim first, and then this attempt's transaction fails.
// The turn, where a claim needs one, is kept until the transaction has ended.
func (u *update) attempt(ctx context.Context) error {
	if u.lead != nil && !u.lead.holds() {
		defer u.turn(ctx)()
		if err := u.lead.claim(ctx); err != nil {
			return u.unless(err)
		}
	}
	if err := u.Sync(ctx); err != nil {
		return u.unless(err)
	}
	if u.doubt != nil && u.saw(u.doubt.Offset) {
		return nil
	}
	u.doubt = nil
	tx := &Tx{Snapshot: u.Snapshot()}
	if err := u.decide(tx); err != nil || len(tx.records) == 0 {
		return err
	}
	if err := u.write(ctx, tx.records...); err != nil {
		return fmt.Errorf("%s: %w", tx.what, err)
	}
	return nil
}

// unless returns why an attempt could not begin, with the doubt that is left by the one before.
func (u *update) unless(err error) error {
	if u.doubt == nil {
		return err
	}
	return fmt.Errorf("%w: %w", err, u.failed)
}

// write makes one transaction and reads it back.
func (u *update) write(ctx context.Context, records ...*kgo.Record) error {
	for _, r := range records {
		r.Topic = u.topic
	}
	u.watch(true)
	last := records[len(records)-1]
	if err := u.log.write(ctx, records...); err != nil {
		switch {
		case errors.Is(err, errInDoubt):
			u.doubt = last
		case errors.Is(err, kerr.MessageTooLarge):
			return tooLarge(u.topic, records, err)
		}
		return err
	}
	for attempt := range readBackAttempts {
		if err := u.Sync(ctx); err != nil {
			return fmt.Errorf("read back what was written: %w", err)
		}
		if u.Snapshot().Next > last.Offset {
			return nil
		}
		if err := wait(ctx, min(time.Millisecond<<min(attempt, 10), time.Second)); err != nil {
			return fmt.Errorf("read back what was written: %w", err)
		}
	}
	return fmt.Errorf("what was committed at offset %d of topic %s cannot be read back: a transaction of another writer is open", last.Offset, u.topic)
}

// put adds to the change, of which what describes the first part.
func (tx *Tx) put(what, name string, records ...*kgo.Record) error {
	if !validName(name) {
		return fmt.Errorf("%s: the name %q is not valid", what, name)
	}
	if tx.what == "" {
		tx.what = what + " " + name
	}
	tx.records = append(tx.records, records...)
	return nil
}

// PutConnector stores the configuration of a new or existing connector. The property name is added last if it is missing. An
// initial state, for a new connector, is written before.
func (tx *Tx) PutConnector(name string, config Properties, initial *TargetState) error {
	if _, ok := config.Get("name"); !ok {
		config = config.With("name", name)
	}
	var records []*kgo.Record
	if initial != nil {
		records = append(records, targetRecord(name, *initial))
	}
	return tx.put("store the configuration of connector", name, append(records, connectorRecord(name, config))...)
}

// DeleteConnector removes the connector and its target state. Task configurations, offsets and fencing records stay, as in
// Kafka Connect; a connector of the same name goes on from the old offsets.
func (tx *Tx) DeleteConnector(name string) error {
	return tx.put("delete connector", name, record(prefixConnector+name, nil), record(prefixTarget+name, nil))
}

// PutTarget stores what users want the connector to do. To stop one, put an empty task set first.
func (tx *Tx) PutTarget(name string, state TargetState) error {
	return tx.put("store the target state of connector", name, targetRecord(name, state))
}

// PutTasks publishes a task set: the task configurations, then the commit record that counts them. An empty set is the commit record
// alone.
func (tx *Tx) PutTasks(name string, tasks []map[string]string) error {
	var records []*kgo.Record
	for i, task := range tasks {
		records = append(records, taskRecord(name, i, task))
	}
	return tx.put(fmt.Sprintf("publish %d tasks of connector", len(tasks)), name, append(records, commitRecord(name, len(tasks)))...)
}

// PutFencing records that the transactional ids of all earlier tasks are fenced, and how many tasks there are now.
func (tx *Tx) PutFencing(name string, tasks int) error {
	return tx.put("record the fencing of connector", name, fencingRecord(name, tasks))
}

// PutRestart asks for a restart of the connector, and of its tasks. Java workers act on it, and readers see it in
// Connector.Restart.
func (tx *Tx) PutRestart(name string, includeTasks, onlyFailed bool) error {
	return tx.put("request a restart of connector", name, restartRecord(name, includeTasks, onlyFailed))
}

// PutLoggerLevel sets the level of a logger in the whole cluster.
func (tx *Tx) PutLoggerLevel(namespace, level string) error {
	return tx.put("set the level of logger", namespace, loggerRecord(namespace, level))
}
