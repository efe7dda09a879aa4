package broker

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// mend ends the transactions that were open when the last process over the folder died, as Kafka's transaction coordinator
// does when it comes back: it writes the markers that are missing to the logs, before kfake reads them.
//
// kfake alone takes a transaction without a marker for aborted, but writes no marker. That goes wrong in two ways. After
// the next commit of the same producer and one more crash, that commit's marker is the first one after the aborted records, which
// are then taken for committed. And of a transaction whose markers were just being written, one partition is committed and
// another aborted.
//
// A transaction is committed if any partition has its commit marker, since markers are written when the decision is made;
// else it is aborted. It is known by producer id and epoch, which is new for each transaction of clients since Kafka 4.0
// (KIP-890). An older client uses one epoch for all of its transactions, and may find a transaction committed that it had not
// ended.
func mend(folder string) error {
	dirs, err := filepath.Glob(filepath.Join(folder, "partitions", "*-*"))
	if err != nil {
		return fmt.Errorf("list the partitions: %w", err)
	}
	logs := make([]*partitionLog, len(dirs))
	committed := make(map[producer]bool)
	for i, dir := range dirs {
		if logs[i], err = readLog(dir, committed); err != nil {
			return fmt.Errorf("read %s: %w", dir, err)
		}
	}
	for _, l := range logs {
		if err := l.end(committed); err != nil {
			return fmt.Errorf("end transactions in %s: %w", l.dir, err)
		}
	}
	return nil
}

// producer is who wrote a transaction, and which.
type producer struct {
	id    int64
	epoch int16
}

// partitionLog is what mend needs to know of the log of one partition.
type partitionLog struct {
	dir  string
	base int64      // of the last segment; -1 without any
	size int64      // of the whole batches in the last segment
	next int64      // the next offset
	time int64      // of the last batch
	flat []bool     // for each batch in the last segment, whether it is data of a transaction
	open []producer // transactions without a marker, in their order
}

// readLog reads a partition's segments, and notes in committed the transactions that have a commit marker there.
func readLog(dir string, committed map[producer]bool) (*partitionLog, error) {
	l := &partitionLog{dir: dir, base: -1}
	bases, err := segments(dir)
	if err != nil {
		return nil, err
	}
	for _, base := range bases {
		text, err := os.ReadFile(l.path(base, ".dat"))
		if err != nil {
			return nil, err
		}
		l.base, l.size, l.flat = base, 0, nil
		for b := (kmsg.RecordBatch{}); nextBatch(text[l.size:], &b); {
			l.see(&b, committed)
			l.size += int64(b.Length) + 12
		}
	}
	return l, nil
}

func segments(dir string) ([]int64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var bases []int64
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".dat"); ok {
			if base, err := strconv.ParseInt(name, 10, 64); err == nil {
				bases = append(bases, base)
			}
		}
	}
	slices.Sort(bases)
	return bases, nil
}

func (l *partitionLog) path(base int64, ending string) string {
	return filepath.Join(l.dir, strconv.FormatInt(base, 10)+ending)
}

// nextBatch parses the batch that text begins with; false when there is no whole one.
func nextBatch(text []byte, b *kmsg.RecordBatch) bool {
	if len(text) < 61 { // an empty batch
		return false
	}
	length := int64(binary.BigEndian.Uint32(text[8:])) + 12
	if length < 61 || length > int64(len(text)) || crc32.Checksum(text[21:length], castagnoli()) != binary.BigEndian.Uint32(text[17:]) {
		return false
	}
	*b = kmsg.RecordBatch{}
	return b.ReadFrom(text[:length]) == nil
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// Attributes of a batch.
const (
	transactional = 1 << 4
	control       = 1 << 5
)

func (l *partitionLog) see(b *kmsg.RecordBatch, committed map[producer]bool) {
	l.next, l.time = b.FirstOffset+int64(b.LastOffsetDelta)+1, b.MaxTimestamp
	p := producer{b.ProducerID, b.ProducerEpoch}
	data := b.Attributes&(transactional|control) == transactional
	l.flat = append(l.flat, data)
	switch {
	case data && !slices.Contains(l.open, p):
		l.open = append(l.open, p)
	case b.Attributes&control != 0:
		if i := slices.Index(l.open, p); i >= 0 {
			l.open = slices.Delete(l.open, i, i+1)
		}
		var r kmsg.Record
		var key kmsg.ControlRecordKey
		if r.ReadFrom(b.Records) == nil && key.ReadFrom(r.Key) == nil && key.Type == kmsg.ControlRecordKeyTypeCommit {
			committed[p] = true
		}
	}
}

// end appends the missing markers to the last segment, and what is missing in its index, which has an entry for each batch.
func (l *partitionLog) end(committed map[producer]bool) error {
	if l.base < 0 {
		return nil
	}
	var markers []byte
	for _, p := range l.open {
		markers = append(markers, marker(p, l.next, l.time, committed[p])...)
		l.next++
		l.flat = append(l.flat, false)
	}
	if err := appendAt(l.path(l.base, ".dat"), l.size, markers); err != nil {
		return err
	}
	index := l.path(l.base, ".idx")
	info, err := os.Stat(index)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	have := 0
	if err == nil {
		have = min(int(info.Size()/indexEntry), len(l.flat))
	}
	var entries []byte
	for _, data := range l.flat[have:] {
		entries = append(entries, entry(data)...)
	}
	return appendAt(index, int64(have)*indexEntry, entries)
}

// appendAt cuts a file to a size and appends to it.
func appendAt(path string, size int64, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	err = f.Truncate(size)
	if err == nil {
		_, err = f.WriteAt(text, size)
	}
	return cmp.Or(err, f.Close())
}

// indexEntry is the size of an entry of kfake's index: version, checksum, leader epoch, a timestamp that is not used, and
// whether the batch is data of a transaction.
const indexEntry = 15

func entry(data bool) []byte {
	e := make([]byte, indexEntry)
	e[0] = 1
	if data {
		e[indexEntry-1] = 1
	}
	e[1] = byte(crc32.Checksum(e[2:], castagnoli()))
	return e
}

// marker is the batch that ends a transaction.
func marker(p producer, offset, time int64, commit bool) []byte {
	key := kmsg.ControlRecordKey{Type: kmsg.ControlRecordKeyTypeAbort}
	if commit {
		key.Type = kmsg.ControlRecordKeyTypeCommit
	}
	r := kmsg.Record{Key: key.AppendTo(nil), Value: new(kmsg.EndTxnMarker).AppendTo(nil)}
	r.Length = int32(len(r.AppendTo(nil)) - 1) // the length itself takes one byte
	b := kmsg.RecordBatch{
		FirstOffset: offset, Magic: 2, Attributes: transactional | control, FirstTimestamp: time, MaxTimestamp: time,
		ProducerID: p.id, ProducerEpoch: p.epoch, FirstSequence: -1, NumRecords: 1, Records: r.AppendTo(nil),
	}
	text := b.AppendTo(nil)
	binary.BigEndian.PutUint32(text[8:], uint32(len(text)-12))
	binary.BigEndian.PutUint32(text[17:], crc32.Checksum(text[21:], castagnoli()))
	return text
}
