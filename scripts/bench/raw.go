package main

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// transactionRecords is how many records one transaction of the raw loops holds: what the engine puts into one batch.
const transactionRecords = 8192

// rawSource is the floor for a source: a franz-go loop that writes the same bytes in transactions of the same size, from
// records that are already there.
func rawSource(b *broker, values [][]byte) func(int) error {
	return produceLoop(b, "raw", func(first, size int) ([][]byte, error) {
		first %= len(values) - size + 1
		return values[first : first+size], nil
	})
}

// produceLoop writes n records in transactions, as batch makes them: size values from the first on.
func produceLoop(b *broker, id string, batch func(first, size int) ([][]byte, error)) func(int) error {
	return func(n int) error {
		ctx := context.Background()
		cl, err := kgo.NewClient(append(b.seeds(), kgo.TransactionalID(id), kgo.ProducerLinger(0),
			kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.MaxBufferedRecords(2*transactionRecords), kgo.ProducerBatchMaxBytes(1<<20))...)
		if err != nil {
			return err
		}
		defer cl.Close()
		slab := make([]kgo.Record, transactionRecords)
		for done := 0; done < n; {
			values, err := batch(done, min(transactionRecords, n-done))
			if err != nil {
				return err
			}
			if err := rawTransaction(ctx, cl, slab[:len(values)], values); err != nil {
				return err
			}
			done += len(values)
		}
		return nil
	}
}

func rawTransaction(ctx context.Context, cl *kgo.Client, slab []kgo.Record, values [][]byte) error {
	if err := cl.BeginTransaction(); err != nil {
		return err
	}
	var pending atomic.Int64
	pending.Store(int64(len(slab)))
	var failed error
	done := make(chan struct{})
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			failed = err
		}
		if pending.Add(-1) == 0 {
			close(done)
		}
	}
	for i := range slab {
		slab[i] = kgo.Record{Topic: sourceTopic, Value: values[i]}
		cl.Produce(ctx, &slab[i], promise)
	}
	<-done
	if failed != nil {
		return failed
	}
	return cl.EndTransaction(ctx, kgo.TryCommit)
}

// rawSink is the floor for a sink: a franz-go loop that reads a topic to its end and looks at each value's length.
func rawSink(b *broker, topic string) func(int) error {
	return func(n int) error {
		cl, err := kgo.NewClient(append(b.seeds(), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxBytes(8<<20), kgo.FetchMaxPartitionBytes(1<<20),
			kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))...)
		if err != nil {
			return err
		}
		defer cl.Close()
		got, size := 0, 0
		for got < n {
			fetches := cl.PollFetches(context.Background())
			if err := fetches.Err(); err != nil {
				return err
			}
			fetches.EachRecord(func(r *kgo.Record) {
				got++
				size += len(r.Value)
			})
		}
		if size == 0 {
			return fmt.Errorf("the topic %s has no data", topic)
		}
		return nil
	}
}
