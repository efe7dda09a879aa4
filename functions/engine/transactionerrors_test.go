package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// movers are a source and a sink that have something to move, on a broker with the topics in and out.
func movers(b *broker) map[string]Task {
	return map[string]Task{
		"source": b.task((&upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}).class(), nil),
		"sink":   b.task(new(downstream).class(), topics("in")),
	}
}

// lackingRequests is a broker that knows all requests but some.
func lackingRequests(keys ...kmsg.Key) kfake.Opt {
	v, all := new(kversion.Versions), kversion.Stable()
	all.EachMaxKeyVersion(func(key, version int16) {
		if !slices.ContainsFunc(keys, func(k kmsg.Key) bool { return k.Int16() == key }) {
			v.SetMaxKeyVersion(key, version)
		}
	})
	return kfake.MaxVersions(v)
}

func TestBrokersWithoutTransactionsAreNamedAndNotWorkedAround(t *testing.T) {
	for _, missing := range [][]kmsg.Key{
		{kmsg.InitProducerID, kmsg.AddPartitionsToTxn, kmsg.AddOffsetsToTxn, kmsg.EndTxn, kmsg.TxnOffsetCommit},
		{kmsg.InitProducerID}, {kmsg.AddPartitionsToTxn}, {kmsg.EndTxn},
	} {
		for _, kind := range []string{"source", "sink"} {
			t.Run(fmt.Sprint(kind, " without ", missing[0].Name(), " and ", len(missing)-1, " more"), func(t *testing.T) {
				inBubble(t, map[string]int32{"in": 1, "out": 1}, func(t *testing.T, b *broker) {
					b.fill("in", 0, "a", 10)
					start := time.Now()
					facts, err := Run(t.Context(), movers(b)[kind])
					if facts.End != EndFailed || connect.KindOf(err) != connect.KindFatal || !strings.Contains(err.Error(), missing[0].Name()) || !strings.Contains(err.Error(), "Kafka 2.5") {
						t.Errorf("%s, %v", asJSON(facts), err)
					}
					if hints := strings.Contains(err.Error(), "exactly.once.source.support=disabled"); hints != (kind == "source") {
						t.Errorf("a %s: %v", kind, err)
					}
					if took := time.Since(start); took > 15*time.Second {
						t.Errorf("took %v", took)
					}
					if got := b.values("out"); len(got) > 0 || b.committed("connect-c", "in", 0) > 0 {
						t.Errorf("a reader sees %v", got)
					}
					if left := b.leftovers(); len(left) > 0 {
						t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
					}
					if kind == "source" { // the way out is one
						task := movers(b)[kind]
						task.AtLeastOnce = off
						if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 10 {
							t.Errorf("at least once: %s, %v", asJSON(facts), err)
						}
					}
				}, lackingRequests(missing...))
			})
		}
	}
}

func TestAPermissionThatIsMissingIsNamedWithWhatToDo(t *testing.T) {
	for _, c := range []struct {
		kind  string
		key   kmsg.Key
		code  *kerr.Error
		hints []string
	}{
		{"source", kmsg.InitProducerID, kerr.TransactionalIDAuthorizationFailed, []string{"transactional id g-c-0", "exactly.once.source.support=disabled"}},
		{"source", kmsg.EndTxn, kerr.TransactionalIDAuthorizationFailed, []string{"transactional id g-c-0", "exactly.once.source.support=disabled"}},
		{"source", kmsg.InitProducerID, kerr.ClusterAuthorizationFailed, []string{"IdempotentWrite on the cluster"}},
		{"source", kmsg.InitProducerID, kerr.InvalidTransactionTimeout, []string{"transaction.timeout.ms"}},
		{"sink", kmsg.InitProducerID, kerr.TransactionalIDAuthorizationFailed, []string{"transactional id g-c-0"}},
		{"sink", kmsg.TxnOffsetCommit, kerr.TransactionalIDAuthorizationFailed, []string{"transactional id g-c-0"}},
		{"sink", kmsg.TxnOffsetCommit, kerr.GroupAuthorizationFailed, []string{"connect-c", "read the group"}},
	} {
		t.Run(fmt.Sprint(c.kind, " ", c.key.Name(), " ", c.code.Message), func(t *testing.T) {
			inBubble(t, map[string]int32{"in": 1, "out": 1}, func(t *testing.T, b *broker) {
				b.fill("in", 0, "a", 10)
				asked := 0
				b.cluster.ControlKey(c.key.Int16(), func(q kmsg.Request) (kmsg.Response, error, bool) {
					b.cluster.KeepControl()
					asked++
					return refusal(q, c.code.Code), nil, true
				})
				start := time.Now()
				facts, err := Run(t.Context(), movers(b)[c.kind])
				if facts.End != EndFailed || connect.KindOf(err) == connect.KindRetriable {
					t.Fatalf("%s, %v", asJSON(facts), err)
				}
				for _, hint := range c.hints {
					if !strings.Contains(err.Error(), hint) {
						t.Errorf("%q is not in: %v", hint, err)
					}
				}
				if c.kind == "sink" && strings.Contains(err.Error(), "exactly.once.source.support") {
					t.Errorf("a sink has no such way out: %v", err)
				}
				if took := time.Since(start); asked > 3 || took > 10*time.Second {
					t.Errorf("asked %d times in %v", asked, took)
				}
				if got := b.values("out"); len(got) > 0 || b.committed("connect-c", "in", 0) > 0 {
					t.Errorf("a reader sees %v", got)
				}
			})
		})
	}
}

// refusal answers a request with an error.
func refusal(q kmsg.Request, code int16) kmsg.Response {
	switch p := q.ResponseKind().(type) {
	case *kmsg.InitProducerIDResponse:
		p.ErrorCode, p.ProducerID, p.ProducerEpoch = code, -1, -1
		return p
	case *kmsg.EndTxnResponse:
		p.ErrorCode = code
		return p
	case *kmsg.TxnOffsetCommitResponse:
		for _, t := range q.(*kmsg.TxnOffsetCommitRequest).Topics {
			rt := kmsg.NewTxnOffsetCommitResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for _, tp := range t.Partitions {
				rp := kmsg.NewTxnOffsetCommitResponseTopicPartition()
				rp.Partition, rp.ErrorCode = tp.Partition, code
				rt.Partitions = append(rt.Partitions, rp)
			}
			p.Topics = append(p.Topics, rt)
		}
		return p
	}
	return nil
}
