// Package txntest makes an embedded broker fail as real ones do when they end transactions.
package txntest

import (
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Forget makes the broker answer the next EndTxn as if it was carried out, and say that its transaction is in the given state, such as
// CompleteCommit, while the partitions never hear of it: see txn.Last. Until
// another EndTxn of its id comes, InitProducerID of that id gives the same producer.
func Forget(c *kfake.Cluster, state string) {
	f := &forgetful{cluster: c, state: state}
	for key, answer := range map[kmsg.Key]func(kmsg.Request) kmsg.Response{
		kmsg.EndTxn: f.end, kmsg.DescribeTransactions: f.describe, kmsg.InitProducerID: f.init,
	} {
		c.ControlKey(int16(key), func(req kmsg.Request) (kmsg.Response, error, bool) {
			f.mu.Lock()
			defer f.mu.Unlock()
			c.KeepControl()
			resp := answer(req)
			return resp, nil, resp != nil
		})
	}
}

type forgetful struct {
	cluster *kfake.Cluster
	state   string

	mu      sync.Mutex
	forgot  bool
	hanging *kmsg.EndTxnRequest // that was forgotten, nil before and after
}

// Each of these returns nil to let the broker answer.

func (f *forgetful) end(req kmsg.Request) kmsg.Response {
	end := req.(*kmsg.EndTxnRequest)
	if f.forgot {
		if f.hanging != nil && f.hanging.TransactionalID == end.TransactionalID {
			f.hanging = nil
		}
		return nil
	}
	f.forgot, f.hanging = true, end
	resp := req.ResponseKind().(*kmsg.EndTxnResponse)
	resp.ProducerID, resp.ProducerEpoch = f.hanging.ProducerID, f.hanging.ProducerEpoch
	return resp
}

func (f *forgetful) describe(req kmsg.Request) kmsg.Response {
	if f.hanging == nil || !slices.Equal(req.(*kmsg.DescribeTransactionsRequest).TransactionalIDs, []string{f.hanging.TransactionalID}) {
		return nil
	}
	s := kmsg.NewDescribeTransactionsResponseTransactionState()
	s.TransactionalID, s.State = f.hanging.TransactionalID, f.state
	s.ProducerID, s.ProducerEpoch = f.hanging.ProducerID, f.hanging.ProducerEpoch+1
	resp := req.ResponseKind().(*kmsg.DescribeTransactionsResponse)
	resp.TransactionStates = append(resp.TransactionStates, s)
	return resp
}

func (f *forgetful) init(req kmsg.Request) kmsg.Response {
	if id := req.(*kmsg.InitProducerIDRequest).TransactionalID; f.hanging == nil || id == nil || *id != f.hanging.TransactionalID {
		return nil
	}
	resp := req.ResponseKind().(*kmsg.InitProducerIDResponse)
	resp.ProducerID, resp.ProducerEpoch = f.hanging.ProducerID, f.hanging.ProducerEpoch
	return resp
}
