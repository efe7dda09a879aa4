package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/functions/kafkaevent"
)

// commitTime bounds a commit, also that of a mapping that ends.
const commitTime = 10 * time.Second

// Why records are given up, in Lambda's words.
const (
	retriesExhausted  = "RetriesExhausted"
	recordAgeExceeded = "RecordAgeExceeded"
)

// batch is the records of one event, or of the events into which it is taken apart.
type batch struct {
	items []*item
	ctx   context.Context    //nolint:containedctx // ends its retries
	stop  context.CancelFunc // ends ctx
	done  chan struct{}      // closed when its partitions are free again
}

// outcome is what came of an invocation.
type outcome struct {
	status    int
	requestID string
	failed    []*item // those that are not done with
	function  bool    // they failed because of the function, not of Lambda: it counts
}

// run carries a batch out. What is not done with in the end, because the mapping pauses or ends, is pending again.
func (m *Mapping) run(b *batch) {
	m.process(b, b.items)
	b.stop()
	m.mu.Lock()
	for n, p := range m.parts {
		if p.batch != b {
			continue
		}
		var left []*item
		for _, it := range b.items {
			if it.record.Partition == n && !it.done {
				left = append(left, it)
			}
		}
		p.pending, p.batch = append(left, p.pending...), nil
	}
	m.mu.Unlock()
	close(b.done)
	m.look()
}

// process invokes the function with items until they are done with, given up, or the batch is stopped.
func (m *Mapping) process(b *batch, items []*item) {
	for retries := 0; ; {
		if items = m.young(b, items, retries); len(items) == 0 {
			return
		}
		out := m.invoke(items)
		m.finish(b, items, out.failed)
		if items = out.failed; len(items) == 0 {
			return
		}
		if out.function {
			if m.Provisioned.BisectBatchOnFunctionError && len(items) > 1 {
				m.process(b, items[:len(items)/2])
				if b.ctx.Err() == nil {
					m.process(b, items[len(items)/2:])
				}
				return
			}
			if retries++; m.Provisioned.MaximumRetryAttempts >= 0 && retries > m.Provisioned.MaximumRetryAttempts {
				m.giveUp(b, items, retriesExhausted, retries, out)
				return
			}
		}
		if !rest(b.ctx, m.RetryPause(max(retries, 1))) {
			return
		}
	}
}

// rest waits, and reports whether the batch goes on afterwards.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// young gives up the items that have become too old, and returns the rest.
func (m *Mapping) young(b *batch, items []*item, invoked int) []*item {
	limit := m.Provisioned.MaximumRecordAge
	if limit == 0 {
		return items
	}
	var old, young []*item
	for _, it := range items {
		if time.Since(it.record.Timestamp) > limit {
			old = append(old, it)
		} else {
			young = append(young, it)
		}
	}
	if len(old) > 0 && !m.giveUp(b, old, recordAgeExceeded, invoked, outcome{}) {
		return nil
	}
	return young
}

// invoke makes one invocation with items.
func (m *Mapping) invoke(items []*item) outcome {
	broken := outcome{failed: items}
	payload := m.event(items)
	req, err := http.NewRequest(http.MethodPost, m.lambda.URL()+"/2015-03-31/functions/"+m.Function+"/invocations", bytes.NewReader(payload))
	if err != nil {
		m.failed(err)
		return broken
	}
	resp, err := m.http.Do(req)
	if err != nil {
		return broken // nobody knows whether the function ran
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return broken
	}
	out := outcome{status: resp.StatusCode, requestID: resp.Header.Get("X-Amzn-RequestId"), failed: items}
	switch {
	case resp.StatusCode == http.StatusRequestEntityTooLarge:
		out.function = true // it will be too large the next time too
	case resp.StatusCode != http.StatusOK: // throttled, or there is no such function now
	case resp.Header.Get("X-Amz-Function-Error") != "":
		out.function = true
	case m.Provisioned.ReportBatchItemFailures:
		out.failed = reported(items, m.Topic, answer)
		out.function = true
	default:
		out.failed = nil
	}
	return out
}

// event writes items into an event. Those of a partition are one after the other, as take puts them.
func (m *Mapping) event(items []*item) []byte {
	head := kafkaevent.Event{EventSource: kafkaevent.SelfManaged, EventSourceARN: m.EventSourceARN, BootstrapServers: strings.Join(m.BootstrapServers, ",")}
	if m.EventSourceARN != "" {
		head.EventSource = kafkaevent.MSK
	}
	text, _ := json.Marshal(head) // of three strings, and of records that are null
	text = append(bytes.TrimSuffix(text, []byte("null}")), '{')
	for i, it := range items {
		switch p := it.record.Partition; {
		case i == 0:
			text = append(text, `"`+kafkaevent.TopicPartition(m.Topic, p)+`":[`...)
		case items[i-1].record.Partition != p:
			text = append(text, `],"`+kafkaevent.TopicPartition(m.Topic, p)+`":[`...)
		default:
			text = append(text, ',')
		}
		text = append(text, it.text...)
	}
	return append(text, "]}}"...)
}

// reported returns the items that a function says are not done with: in each partition those from the first failure on. An
// answer that cannot be understood, or names a record that was not sent, is about all.
func reported(items []*item, topic string, answer []byte) []*item {
	if len(bytes.TrimSpace(answer)) == 0 {
		return nil
	}
	var r kafkaevent.Response
	if err := json.Unmarshal(answer, &r); err != nil {
		return items
	}
	sent := make(map[kafkaevent.Identifier]*item, len(items))
	for _, it := range items {
		sent[kafkaevent.Identifier{Partition: kafkaevent.TopicPartition(topic, it.record.Partition), Offset: it.record.Offset}] = it
	}
	first := make(map[int32]int64)
	for _, f := range r.BatchItemFailures {
		it := sent[f.ItemIdentifier]
		if it == nil {
			return items
		}
		p := it.record.Partition
		if offset, ok := first[p]; !ok || it.record.Offset < offset {
			first[p] = it.record.Offset
		}
	}
	var failed []*item
	for _, it := range items {
		if offset, ok := first[it.record.Partition]; ok && it.record.Offset >= offset {
			failed = append(failed, it)
		}
	}
	return failed
}

// finish notes that items are done with but for those that failed, and commits.
func (m *Mapping) finish(b *batch, items, failed []*item) {
	if len(failed) == len(items) {
		return
	}
	for _, it := range items {
		it.done = true
	}
	for _, it := range failed {
		it.done = false
	}
	m.commit(b)
}

// commit commits of each partition of a batch the records before the first that is not done with, unless the partition is
// another's by now: its commit must not be undone.
func (m *Mapping) commit(b *batch) {
	offsets := make(map[int32]kgo.EpochOffset)
	open := make(map[int32]bool)
	for _, it := range b.items {
		n := it.record.Partition
		if open[n] = open[n] || !it.done; !open[n] {
			offsets[n] = kgo.EpochOffset{Epoch: it.record.LeaderEpoch, Offset: it.record.Offset + 1}
		}
	}
	m.mu.Lock()
	for n := range offsets {
		if p := m.parts[n]; p == nil || p.batch != b {
			delete(offsets, n)
		}
	}
	m.mu.Unlock()
	if len(offsets) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), commitTime)
	defer cancel()
	m.kafka.CommitOffsetsSync(ctx, map[string]map[int32]kgo.EpochOffset{m.Topic: offsets}, m.committed)
}

// committed notes a commit that failed. Its records come again.
func (m *Mapping) committed(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
	if err == nil {
		for _, t := range resp.Topics {
			for _, p := range t.Partitions {
				err = errors.Join(err, kerr.ErrorForCode(p.ErrorCode))
			}
		}
	}
	if err != nil {
		m.failed(fmt.Errorf("commit offsets of %s: %w", m.Topic, err))
	}
}

// giveUp writes items to the destination for failures, if there is one, and notes that they are done with. It is false when the
// batch was stopped before it could: the items are still to be done.
func (m *Mapping) giveUp(b *batch, items []*item, why string, invoked int, out outcome) bool {
	if topic := m.Provisioned.OnFailureTopic; topic != "" {
		records := make([]*kgo.Record, len(items))
		for i, it := range items {
			records[i] = &kgo.Record{Topic: topic, Key: it.record.Key, Value: m.failure(it, why, invoked, out)}
		}
		for {
			err := m.kafka.ProduceSync(b.ctx, records...).FirstErr()
			if err == nil {
				break
			}
			if b.ctx.Err() == nil {
				m.failed(fmt.Errorf("write failures to %s: %w", topic, err))
			}
			if !rest(b.ctx, m.RetryPause(1)) {
				return false
			}
		}
	}
	m.finish(b, items, nil)
	return true
}

// failure is what is written of a record that was given up.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html
func (m *Mapping) failure(it *item, why string, invoked int, out outcome) []byte {
	const layout = "2006-01-02T15:04:05.000Z"
	payload := m.event([]*item{it})
	unknown := Function{Name: m.Function}
	record := map[string]any{
		"requestContext": map[string]any{
			"requestId": out.requestID, "functionArn": unknown.arn() + ":$LATEST", "condition": why, "approximateInvokeCount": invoked,
		},
		"responseContext": nil, "version": "1.0", "timestamp": time.Now().UTC().Format(layout),
		"KafkaBatchInfo": map[string]any{
			"batchSize": 1, "eventSourceArn": m.EventSourceARN, "bootstrapServers": strings.Join(m.BootstrapServers, ","), "payloadSize": len(payload),
			"recordInfo": map[string]any{"offset": strconv.FormatInt(it.record.Offset, 10), "timestamp": it.record.Timestamp.UTC().Format(layout)},
		},
		"payload": json.RawMessage(payload),
	}
	if out.status == http.StatusOK {
		record["responseContext"] = map[string]any{"statusCode": out.status, "executedVersion": "$LATEST", "functionError": "Unhandled"}
	}
	text, _ := json.Marshal(record) // of strings, numbers and the event above
	return text
}
