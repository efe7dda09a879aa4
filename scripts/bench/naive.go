package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/scripts/bench/records"
)

// The naive loop is what one writes in Go without thinking of speed: a record is a map, JSON is encoding/json. Measured
// beside it, a warm worker of Kafka Connect costs about a third of it for JSON with schemas; so it stands in for the JVM on
// a machine that has none.

func naiveRecord(i uint64) map[string]any {
	r := records.NewRecord(i)
	return map[string]any{
		"id": r.ID, "seq": r.Seq, "name": r.Name, "email": r.Email, "active": r.Active,
		"balance": r.Balance, "score": r.Score, "created": r.Created, "tags": r.Tags, "note": r.Note,
	}
}

// naiveSource makes maps, marshals them in their envelope, and produces them in transactions.
func naiveSource(b *broker, schema map[string]any) func(int) error {
	values := make([][]byte, transactionRecords)
	return produceLoop(b, "naive", func(first, size int) ([][]byte, error) {
		for i := range size {
			var err error
			values[i], err = json.Marshal(map[string]any{"schema": schema, "payload": naiveRecord(uint64(first + i))})
			if err != nil {
				return nil, err
			}
		}
		return values[:size], nil
	})
}

// naiveSink unmarshals each record with its envelope into maps and looks at one field.
func naiveSink(b *broker, topic string) func(int) error {
	return func(n int) error {
		cl, err := kgo.NewClient(append(b.seeds(), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))...)
		if err != nil {
			return err
		}
		defer cl.Close()
		for got := 0; got < n; {
			fetches := cl.PollFetches(context.Background())
			if err := fetches.Err(); err != nil {
				return err
			}
			for _, r := range fetches.Records() {
				var record map[string]any
				if err := json.Unmarshal(r.Value, &record); err != nil {
					return err
				}
				if payload, ok := record["payload"].(map[string]any); !ok || payload["id"] == nil {
					return fmt.Errorf("record %d has no id", got)
				}
				got++
			}
		}
		return nil
	}
}
