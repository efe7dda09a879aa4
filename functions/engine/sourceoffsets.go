package engine

import (
	"encoding/json"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// sourceOffsets keeps the last offset of each source partition that a transaction touched.
type sourceOffsets struct {
	connector string
	slots     []offsetSlot
	index     map[*connect.SourcePartition]int // made when there are many
	last      int                              // slot of the last record: neighbours mostly share it
	touched   []int                            // slots with an offset in this transaction, in order of first touch
	arena     connect.Arena                    // the offsets of this transaction, also those that later ones have replaced
	spare     connect.Arena                    // empty, see compact
	kept      int                              // offsets in arena
	committed []connect.SourceOffset
}

type offsetSlot struct {
	partition *connect.SourcePartition
	key       []byte // of its records in the offsets topic
	fresh     connect.Value
	isFresh   bool // fresh is set since the last keep, and lies in the source's memory
	value     connect.Value
	isTouched bool
	record    []byte // value as the batch's record has it, in the memory of the transaction
}

const (
	fewSlots = 16   // below, a scan beats a hash
	maxSlots = 4096 // above, partitions are forgotten between batches
)

// noSlot is the slot of records without a source partition, for which no offset is kept.
const noSlot = -1

// slot returns the slot for a record's source partition.
func (o *sourceOffsets) slot(r *connect.Record) (int, error) {
	if r.SourcePartition == nil {
		return noSlot, nil
	}
	if o.last < len(o.slots) && o.slots[o.last].partition == r.SourcePartition {
		return o.last, nil
	}
	err := o.find(r.SourcePartition)
	return o.last, err
}

// see notes that a record is done: written, dropped or passed over.
func (o *sourceOffsets) see(slot int, r *connect.Record) {
	if slot == noSlot {
		return
	}
	s := &o.slots[slot]
	s.fresh, s.isFresh = r.SourceOffset, true
	if !s.isTouched {
		s.isTouched = true
		o.touched = append(o.touched, slot)
	}
}

// find points last to the slot of a partition, a new one if need be.
func (o *sourceOffsets) find(p *connect.SourcePartition) error {
	if o.index != nil {
		if i, ok := o.index[p]; ok {
			o.last = i
			return nil
		}
	} else {
		for i := range o.slots {
			if o.slots[i].partition == p {
				o.last = i
				return nil
			}
		}
	}
	key, err := offsets.AppendKey(nil, o.connector, p)
	if err != nil {
		return fmt.Errorf("write the source partition %v as a key of the offsets topic: %w", p.Value(), err)
	}
	o.last = len(o.slots)
	o.slots = append(o.slots, offsetSlot{partition: p, key: key})
	if o.index == nil && len(o.slots) > fewSlots {
		o.index = make(map[*connect.SourcePartition]int)
		for i := range o.slots {
			o.index[o.slots[i].partition] = i
		}
	} else if o.index != nil {
		o.index[p] = o.last
	}
	return nil
}

// keep copies the offsets seen since the last keep out of the source's memory, which is valid until the next poll only.
func (o *sourceOffsets) keep() {
	for _, i := range o.touched {
		if s := &o.slots[i]; s.isFresh {
			s.value, s.isFresh = s.fresh.Clone(&o.arena), false
			s.fresh = connect.Value{}
			o.kept++
		}
	}
	if o.kept > compactAt+2*len(o.touched) {
		o.compact()
	}
}

// compactAt is how many offsets may have been replaced before their memory is given back: a transaction may span any number of
// batches, and is not to need more memory with each.
const compactAt = 1024

// compact copies the offsets that still count to another arena, and empties the one they were in.
func (o *sourceOffsets) compact() {
	for _, i := range o.touched {
		s := &o.slots[i]
		s.value = s.value.Clone(&o.spare)
	}
	o.arena, o.spare = o.spare, o.arena
	o.spare.Reset()
	o.kept = len(o.touched)
}

// append adds the offset records to their transaction.
func (o *sourceOffsets) append(t *transaction, topic string) error {
	for _, i := range o.touched {
		s := &o.slots[i]
		value, err := offsets.AppendValue(t.bytes.tail(), s.value)
		if err != nil {
			return fmt.Errorf("write the source offset of partition %v: %w", s.partition.Value(), err)
		}
		s.record = t.bytes.keep(value)
		*t.next() = kgo.Record{Topic: topic, Partition: -1, Key: s.key, Value: s.record}
	}
	return nil
}

// list returns the offsets of the transaction; valid until reset.
func (o *sourceOffsets) list() []connect.SourceOffset {
	o.committed = o.committed[:0]
	for _, i := range o.touched {
		o.committed = append(o.committed, connect.SourceOffset{Partition: o.slots[i].partition, Offset: o.slots[i].value})
	}
	return o.committed
}

// maxFactBytes bounds what facts tell of offsets: they are stored with the lease.
const maxFactBytes = 4 << 10

// facts renders the offsets of the transaction as the REST API shows them, as many as fit.
func (o *sourceOffsets) facts() json.RawMessage {
	out := []byte{'['}
	for _, i := range o.touched {
		partition, perr := offsets.AppendValue(nil, o.slots[i].partition.Value())
		value, verr := offsets.AppendValue(nil, o.slots[i].value)
		if perr != nil || verr != nil || len(out)+len(partition)+len(value) > maxFactBytes {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(out, `{"partition":`...), orNull(partition)...)
		out = append(append(append(out, `,"offset":`...), orNull(value)...), '}')
	}
	return append(out, ']')
}

func orNull(json []byte) []byte {
	if json == nil {
		return []byte("null")
	}
	return json
}

// reset forgets the transaction.
func (o *sourceOffsets) reset() {
	for _, i := range o.touched {
		s := &o.slots[i]
		s.isTouched, s.isFresh, s.value, s.record = false, false, connect.Value{}, nil
	}
	o.touched = o.touched[:0]
	if len(o.slots) > maxSlots {
		o.slots, o.index, o.last = nil, nil, 0
	}
	o.arena.Reset()
	o.kept = 0
}
