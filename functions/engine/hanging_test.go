package engine

import (
	"slices"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// forgetful makes the broker answer the next EndTxn of a transactional id as if it was carried out, and say so when it is asked,
// while the partitions never hear of it: what brokers of Kafka 4.3 do when they die at that moment (see txn.Last).
func (b *broker) forgetful(state string) {
	var mu sync.Mutex
	var hanging *kmsg.EndTxnRequest
	forgot := false
	b.cluster.ControlKey(int16(kmsg.EndTxn), func(req kmsg.Request) (kmsg.Response, error, bool) {
		mu.Lock()
		defer mu.Unlock()
		b.cluster.KeepControl()
		end := req.(*kmsg.EndTxnRequest)
		if hanging = nil; forgot {
			return nil, nil, false
		}
		hanging, forgot = end, true
		resp := end.ResponseKind().(*kmsg.EndTxnResponse)
		resp.ProducerID, resp.ProducerEpoch = end.ProducerID, end.ProducerEpoch
		return resp, nil, true
	})
	b.cluster.ControlKey(int16(kmsg.DescribeTransactions), func(req kmsg.Request) (kmsg.Response, error, bool) {
		mu.Lock()
		defer mu.Unlock()
		b.cluster.KeepControl()
		if hanging == nil {
			return nil, nil, false
		}
		s := kmsg.NewDescribeTransactionsResponseTransactionState()
		s.TransactionalID, s.State, s.ProducerID, s.ProducerEpoch = hanging.TransactionalID, state, hanging.ProducerID, hanging.ProducerEpoch+1
		resp := req.ResponseKind().(*kmsg.DescribeTransactionsResponse)
		resp.TransactionStates = append(resp.TransactionStates, s)
		return resp, nil, true
	})
	b.cluster.ControlKey(int16(kmsg.InitProducerID), func(req kmsg.Request) (kmsg.Response, error, bool) {
		mu.Lock()
		defer mu.Unlock()
		b.cluster.KeepControl()
		if hanging == nil {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.InitProducerIDResponse)
		resp.ProducerID, resp.ProducerEpoch = hanging.ProducerID, hanging.ProducerEpoch
		return resp, nil, true
	})
}

func TestATransactionOfASourceThatHangsIsEndedAsItWasDecided(t *testing.T) { // I4
	for _, state := range []string{"PrepareCommit", "CompleteCommit", "CompleteAbort"} {
		t.Run(state, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				// given a batch that was committed, as its broker says, and that nobody sees
				b.forgetful(state)
				u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}
				if facts, err := Run(t.Context(), b.task(u.class(), nil)); err != nil || facts.RecordsOut != 10 || len(b.values("out")) != 0 {
					t.Fatalf("%s, %v, a reader sees %v", asJSON(facts), err, b.values("out"))
				}
				// when the next invocation has more to write
				u.lines["a"] = count("a", 15)
				facts, err := Run(t.Context(), b.task(u.class(), nil))
				// then everything is there once
				if values := b.values("out"); err != nil || !slices.Equal(values, count("a", 15)) {
					t.Errorf("%s, %v, a reader sees %v", asJSON(facts), err, values)
				}
				if want := map[bool]int64{true: 15, false: 5}[state == "CompleteAbort"]; facts.RecordsOut != want {
					t.Errorf("wrote %d records, want %d", facts.RecordsOut, want)
				}
			})
		})
	}
}

func TestATransactionOfASinkThatHangsIsEndedAsItWasDecided(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		// given an offset that was committed, as its broker says, and that the group never got
		b.fill("in", 0, "a", 10)
		d := new(downstream)
		if facts, err := Run(t.Context(), b.task(d.class(), topics("in"))); err != nil {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		b.forgetful("CompleteCommit")
		b.fill("in", 0, "b", 10)
		if facts, err := Run(t.Context(), b.task(d.class(), topics("in"))); err != nil || b.committed("connect-c", "in", 0) != 10 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		// when the next invocation takes over
		facts, err := Run(t.Context(), b.task(d.class(), topics("in")))
		// then it goes on where the last one ended
		if c := b.committed("connect-c", "in", 0); err != nil || c != 20 || len(d.values()) != 20 {
			t.Errorf("%s, %v, committed %d, put %v", asJSON(facts), err, c, d.values())
		}
	})
}
