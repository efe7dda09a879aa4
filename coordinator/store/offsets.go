package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// Offsets is the worker's offsets topic together with those that connectors name as their own (offsets.storage.topic), or the
// file of standalone mode. Its methods may be called concurrently.
//
// Where a connector has a topic of its own, it is given as own; empty means that it has none. A partition's offset is then
// looked up in that topic, and in the worker's topic if it has none there.
type Offsets struct {
	records offsetRecords
	main    string // the worker's topic
}

// Hint says where the last offsets record of a task was written.
type Hint struct {
	Topic     string `json:"topic,omitempty"` // empty is the worker's
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

// Topics returns the topics that hold offsets of a connector whose own topic is given, none in standalone mode.
func (o *Offsets) Topics(own string) []string {
	if o.main == "" {
		return nil
	}
	return o.topicsOf(own)
}

// topicsOf returns where a connector's offsets are, the place that counts more first.
func (o *Offsets) topicsOf(own string) []string {
	if own == "" || own == o.main {
		return []string{o.main}
	}
	return []string{own, o.main}
}

// load reads all records of a connector in one topic.
func (o *Offsets) load(ctx context.Context, topic, connector string) (*offsets.Index, error) {
	x := &offsets.Index{Connector: connector}
	name := offsets.AppendString(nil, connector)
	err := o.records.scan(ctx, topic, func(r *kgo.Record) {
		if !bytes.Contains(r.Key, name) { // spares parsing the keys of all other connectors
			return
		}
		_ = x.Apply(r.Key, r.Value, r.Timestamp.UnixMilli()) // a key of another shape is of no connector
	})
	if err != nil {
		return nil, fmt.Errorf("read the offsets of connector %s: %w", connector, err)
	}
	return x, nil
}

func (o *Offsets) loadAll(ctx context.Context, own, connector string) ([]*offsets.Index, error) {
	var found []*offsets.Index
	for _, topic := range o.topicsOf(own) {
		x, err := o.load(ctx, topic, connector)
		if err != nil {
			return nil, err
		}
		found = append(found, x)
	}
	return found, nil
}

// find looks a partition up in the order in which topics count. A reset in a connector's own topic does not hide the
// worker's topic; so Alter resets there first.
func find(found []*offsets.Index, partition connect.Value) *offsets.Entry {
	for _, x := range found {
		if e := x.Find(partition); e != nil && e.Value != nil {
			return e
		}
	}
	return nil
}

// All returns the offset of every source partition of a connector, in no particular order. It reads the topics whole.
func (o *Offsets) All(ctx context.Context, connector, own string) ([]connect.SourceOffset, error) {
	found, err := o.loadAll(ctx, own, connector)
	if err != nil {
		return nil, err
	}
	var all []connect.SourceOffset
	for i, x := range found {
		for _, e := range x.Entries() {
			if find(found[:i], e.Partition) != nil {
				continue
			}
			v, err := offsets.ParseValue(e.Value)
			if err != nil {
				return nil, fmt.Errorf("read the offsets of connector %s: %w", connector, err)
			}
			all = append(all, connect.SourceOffset{Partition: connect.SourcePartitionOf(e.Partition), Offset: v})
		}
	}
	return all, nil
}

// Alter sets offsets of a connector whose tasks do not run; a null offset resets its partition, and of several entries for
// one partition the last counts. Partitions and offsets are first brought into the form in which they would be read back. The
// key of a partition that is in the topic already is used again byte for byte, whatever the order of its entries, so that a
// Java worker finds it.
//
// With a topic of its own, resets go to the worker's topic first, where the old offset would show through; other offsets go
// there last, as in Kafka Connect.
func (o *Offsets) Alter(ctx context.Context, connector, own string, list []connect.SourceOffset) error {
	changes, err := normalize(connector, list)
	if err != nil {
		return err
	}
	topics := o.topicsOf(own)
	if len(topics) == 1 {
		return o.alter(ctx, topics[0], connector, changes)
	}
	resets, sets := partition(changes)
	if err := o.alter(ctx, o.main, connector, resets); err != nil {
		return err
	}
	if err := o.alter(ctx, own, connector, changes); err != nil {
		return err
	}
	return o.alter(ctx, o.main, connector, sets)
}

// change is one offset to write.
type change struct {
	key       []byte // unless the topic has one
	partition connect.Value
	value     []byte
}

func normalize(connector string, list []connect.SourceOffset) ([]change, error) {
	var changes []change
	for _, so := range list {
		var c change
		var err error
		if so.Partition != nil {
			if c.partition, err = offsets.Normalize(so.Partition.Value()); err != nil {
				return nil, fmt.Errorf("alter the offsets of connector %s: %w", connector, err)
			}
		}
		offset, err := offsets.Normalize(so.Offset)
		if err == nil {
			c.value, err = offsets.AppendValue(nil, offset)
		}
		if err == nil {
			c.key, err = offsets.AppendKey(nil, connector, connect.SourcePartitionOf(c.partition))
		}
		if err != nil {
			return nil, fmt.Errorf("alter the offsets of connector %s: %w", connector, err)
		}
		changes = slices.DeleteFunc(changes, func(d change) bool { return d.partition.Equal(c.partition) })
		changes = append(changes, c)
	}
	return changes, nil
}

func partition(changes []change) (resets, sets []change) {
	for _, c := range changes {
		if c.value == nil {
			resets = append(resets, c)
		} else {
			sets = append(sets, c)
		}
	}
	return resets, sets
}

// alter writes changes to one topic, under every key that the partition has there.
func (o *Offsets) alter(ctx context.Context, topic, connector string, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	x, err := o.load(ctx, topic, connector)
	if err != nil {
		return err
	}
	var records []*kgo.Record
	for _, c := range changes {
		same := x.Keys(c.partition)
		for _, e := range same {
			records = append(records, &kgo.Record{Key: e.Key, Value: c.value})
		}
		if len(same) == 0 {
			records = append(records, &kgo.Record{Key: c.key, Value: c.value})
		}
	}
	return o.records.write(ctx, topic, connector, records)
}

// Reader returns a reader of the offsets of one connector, for a task that has fenced its predecessor: it must not be used
// before. hint may be nil, stale or wrong.
//
// A lookup is answered from as little as it takes. With a hint, only what was written since is read: if a record with the wanted
// key is there, it is the newest one, because all records of a key are in one partition and in order. Otherwise the topics are read
// whole, once for all further lookups. That also finds a partition whose key was written with another order of entries.
func (o *Offsets) Reader(connector, own string, hint *Hint) *Reader {
	return &Reader{offsets: o, connector: connector, own: own, hint: hint}
}

// Reader implements connect.OffsetReader. It may be used concurrently.
type Reader struct {
	offsets        *Offsets
	connector, own string

	mu     sync.Mutex
	hint   *Hint // nil when it is used up
	recent *offsets.Index
	whole  []*offsets.Index
}

var _ connect.OffsetReader = (*Reader)(nil)

// Offset returns the committed offset of p, null when there is none.
func (r *Reader) Offset(ctx context.Context, p *connect.SourcePartition) (connect.Value, error) {
	e, err := r.lookup(ctx, p)
	if err != nil || e == nil {
		return connect.Null(), err
	}
	v, err := offsets.ParseValue(e.Value)
	if err != nil {
		return connect.Null(), fmt.Errorf("read the offsets of connector %s: %w", r.connector, err)
	}
	return v, nil
}

// Key returns the key under which the offset of p is to be written: the one that the topic has for this partition, whatever
// the order of its entries, else the one made from p.
func (r *Reader) Key(ctx context.Context, p *connect.SourcePartition) ([]byte, error) {
	e, err := r.lookup(ctx, p)
	if err != nil {
		return nil, err
	}
	if e != nil {
		return bytes.Clone(e.Key), nil
	}
	return offsets.AppendKey(nil, r.connector, p)
}

func (r *Reader) lookup(ctx context.Context, p *connect.SourcePartition) (*offsets.Entry, error) {
	key, err := offsets.AppendKey(nil, r.connector, p)
	if err != nil {
		return nil, fmt.Errorf("look up an offset of connector %s: %w", r.connector, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, err := r.lookRecent(ctx, key); err != nil || e != nil {
		return e, err
	}
	if r.whole == nil {
		if r.whole, err = r.offsets.loadAll(ctx, r.own, r.connector); err != nil {
			return nil, err
		}
	}
	var partition connect.Value
	if p != nil {
		partition = p.Value()
	}
	return find(r.whole, partition), nil
}

// lookRecent returns the record of a key if it is among those written since the hint.
func (r *Reader) lookRecent(ctx context.Context, key []byte) (*offsets.Entry, error) {
	if r.whole != nil || r.hint == nil {
		return nil, nil
	}
	topic := r.offsets.topicsOf(r.own)[0]
	if h := r.hint.Topic; h != topic && (h != "" || topic != r.offsets.main) {
		return nil, nil
	}
	home, err := r.offsets.records.partition(ctx, topic, key)
	if err != nil || home != r.hint.Partition {
		return nil, err
	}
	if r.recent == nil {
		recent := &offsets.Index{Connector: r.connector}
		err := r.offsets.records.tail(ctx, topic, home, r.hint.Offset, func(rec *kgo.Record) {
			_ = recent.Apply(rec.Key, rec.Value, rec.Timestamp.UnixMilli()) // as in load
		})
		if errors.Is(err, errNoSuchOffset) {
			r.hint = nil
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		r.recent = recent
	}
	// A reset may hide an offset in another topic: that needs the whole.
	if e := r.recent.Exact(key); e != nil && e.Value != nil {
		return e, nil
	}
	return nil, nil
}
