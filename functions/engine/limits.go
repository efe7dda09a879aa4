package engine

import (
	"math"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

const (
	defaultCheckEvery   = 2 * time.Second
	defaultMemory       = 512 << 20
	defaultBatchRecords = 8192

	// putRecords bounds one Put of a sink.
	putRecords = 2048
	// scratchRecords is how many records of a source use the chain's memory before it is taken back: so few that it stays in the
	// processor's cache.
	scratchRecords = 32

	// closeTimeout bounds Close of a connector and the abort of a transaction: what happens after the decision to end.
	closeTimeout = 5 * time.Second
	// fenceTimeout bounds InitProducerID, which waits for the predecessor's transaction to be aborted.
	fenceTimeout = 60 * time.Second
	// commitTimeout bounds EndTxn and the requests around it.
	commitTimeout = 30 * time.Second

	// unstableTime is how long offsets of a group may be unsettled after a fence, which takes milliseconds, before they are taken to
	// hang.
	unstableTime = 2 * time.Second

	minTransactionTimeout = 10 * time.Second
	maxTransactionTimeout = 60 * time.Second

	// fillTime bounds how long a batch is filled by further polls, so that a source which trickles does not hold back what
	// it already gave.
	fillTime = 500 * time.Millisecond
	// emptyPoll is how long a sink waits for a fetch before it calls the poll empty.
	emptyPoll = 500 * time.Millisecond
	// slowFetch is how long a sink waits for data that is known to be there.
	slowFetch = 5 * time.Second
	// Pauses between polls that found nothing.
	minPollPause = 20 * time.Millisecond
	maxPollPause = 500 * time.Millisecond
)

// batchBytes is the part of the memory that the data of one batch may take: a batch exists up to four times, as the
// source's, decoded, converted, and in the client's buffers.
func batchBytes(memory int64) int { return int(clamp(memory/32, 256<<10, 16<<20)) }

// fetchBytes bounds a fetch: in total a 128th of the memory, since data may be compressed ten times, one fetch is worked on
// while the next arrives, and a record costs 200 bytes beside its data; a partition a 512th. 128 MiB of memory: 1 MiB and
// 256 KiB, with which a zstd topic of JSON with schemas peaked at 62 MiB, and with 2 MiB at 97.
func fetchBytes(memory int64) (total, partition int32) {
	return int32(clamp(memory/128, 256<<10, 32<<20)), int32(clamp(memory/512, 64<<10, 1<<20))
}

// concurrentFetches bounds the brokers that are fetched from at once.
func concurrentFetches(memory int64) int { return int(clamp(memory/(256<<20), 1, 16)) }

// transactionTimeoutKey is the producer's setting that takes the place of maxTransactionTimeout.
const transactionTimeoutKey = "transaction.timeout.ms"

// transactionTimeout is that of the task's transactions. The producer's transaction.timeout.ms bounds it, by default a minute.
func (t *Task) transactionTimeout(now time.Time) (time.Duration, error) {
	most, err := t.client(kafkaclient.Producer).Number(transactionTimeoutKey, maxTransactionTimeout.Milliseconds(), 1, math.MaxInt32)
	if err != nil {
		return 0, err
	}
	return transactionTimeout(&t.Budget, now, time.Duration(most)*time.Millisecond), nil
}

// transactionTimeout is how long the broker keeps a transaction of an invocation that vanished, which is also how long it
// can hold up readers of its topics if nobody takes over: no longer than the invocation could have lived, and not beyond
// its lease.
func transactionTimeout(b *Budget, now time.Time, most time.Duration) time.Duration {
	timeout := most
	if !b.Deadline.IsZero() {
		timeout = clamp(b.Deadline.Sub(now)+minTransactionTimeout, min(minTransactionTimeout, most), most)
	}
	if b.Lease > 0 {
		timeout = min(timeout, b.Lease)
	}
	return timeout
}

func clamp[T int64 | time.Duration](v, low, high T) T { return min(max(v, low), high) }
