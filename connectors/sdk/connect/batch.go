package connect

// Batch is a contiguous run of records, bounded by count and by bytes, with the memory that its values live in.
//
// Ownership is one sentence: records and all they point to are valid until Put returns (sink) or until Poll is called
// again (source); whoever keeps one longer clones it.
//
// A Batch must not be used concurrently.
type Batch struct {
	// Arena is the memory for the values of this batch's records.
	Arena Arena

	records    []Record
	maxRecords int
	maxBytes   int
	bytes      int
}

// NewBatch returns an empty batch that is full at maxRecords records or at maxBytes bytes, whichever comes first. The last
// record may exceed maxBytes: a record larger than the bound still passes, alone.
func NewBatch(maxRecords, maxBytes int) *Batch {
	return &Batch{maxRecords: maxRecords, maxBytes: maxBytes}
}

// Append adds a record without timestamp, partition and offset, and returns it for filling in. The pointer is valid until
// the next Append.
func (b *Batch) Append() *Record {
	n := len(b.records)
	if n == cap(b.records) {
		b.grow()
	}
	b.records = b.records[:n+1]
	r := &b.records[n]
	// Records beyond the length are zero, see Truncate and Reset: so no pointer is written, which would cost a write barrier.
	r.Timestamp, r.Partition, r.OriginalPartition, r.Offset, r.OriginalOffset = NoTimestamp, NoPartition, NoPartition, NoOffset, NoOffset
	return r
}

func (b *Batch) grow() {
	next := make([]Record, len(b.records), min(max(64, 2*cap(b.records)), max(b.maxRecords, len(b.records)+1)))
	copy(next, b.records)
	b.records = next
}

// AddBytes counts n bytes of data towards the bound. A source calls it with the size of what it read for a record; an
// estimate is good enough, but zero is not: it is what keeps memory bounded.
func (b *Batch) AddBytes(n int) { b.bytes += n }

// Full reports whether the batch has reached either bound.
func (b *Batch) Full() bool { return len(b.records) >= b.maxRecords || b.bytes >= b.maxBytes }

// Remaining returns how many more records and bytes fit; never negative.
func (b *Batch) Remaining() (records, bytes int) {
	return max(0, b.maxRecords-len(b.records)), max(0, b.maxBytes-b.bytes)
}

// Len returns the number of records.
func (b *Batch) Len() int { return len(b.records) }

// Size returns the bytes counted so far.
func (b *Batch) Size() int { return b.bytes }

// Records returns the records. Their fields may be changed in place.
func (b *Batch) Records() []Record { return b.records }

// Truncate keeps the first n records.
func (b *Batch) Truncate(n int) {
	clear(b.records[n:])
	b.records = b.records[:n]
}

// Reset empties the batch and gives its memory back for reuse. Everything that pointed into it is invalid.
func (b *Batch) Reset() {
	clear(b.records) // what they point to must not outlive them
	b.records = b.records[:0]
	b.bytes = 0
	b.Arena.Reset()
}
