package connect_test

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestRequestsForTransactionsAreTakenOnceAndInTheOrderOfTheRecords(t *testing.T) {
	c, requests := connect.NewTransactionContext()
	if next := requests.Next(); next != -1 {
		t.Errorf("before any request the next is %d", next)
	}
	c.AbortTransactionAfter(7)
	c.CommitTransactionAfter(2)
	c.CommitTransactionAfter(2)
	c.CommitTransactionAfter(11)
	for _, want := range []struct {
		index   int
		request connect.TransactionRequest
	}{{2, connect.TransactionCommit}, {7, connect.TransactionAbort}, {11, connect.TransactionCommit}, {-1, connect.TransactionGoesOn}} {
		next := requests.Next()
		if got, err := requests.TakeAfter(next); next != want.index || got != want.request || err != nil {
			t.Errorf("after %d: %v, %v, want %v after %d", next, got, err, want.request, want.index)
		}
	}
	c.CommitTransaction()
	for _, want := range []connect.TransactionRequest{connect.TransactionCommit, connect.TransactionGoesOn} {
		if got, err := requests.TakeBatch(); got != want || err != nil {
			t.Errorf("of the batch: %v, %v, want %v", got, err, want)
		}
	}
	c.AbortTransaction()
	c.AbortTransactionAfter(0)
	requests.Forget()
	if got, err := requests.TakeBatch(); requests.Next() != -1 || got != connect.TransactionGoesOn || err != nil {
		t.Errorf("forgotten requests are there: %v, %v", got, err)
	}
}

func TestATransactionCannotBeBothCommittedAndAborted(t *testing.T) {
	c, requests := connect.NewTransactionContext()
	c.CommitTransaction()
	c.AbortTransaction()
	if got, err := requests.TakeBatch(); got != connect.TransactionGoesOn || connect.KindOf(err) != connect.KindFatal {
		t.Errorf("of the batch: %v, %v", got, err)
	}
	c.AbortTransactionAfter(3)
	c.CommitTransactionAfter(3)
	if got, err := requests.TakeAfter(3); got != connect.TransactionGoesOn || connect.KindOf(err) != connect.KindFatal {
		t.Errorf("after a record: %v, %v", got, err)
	}
}
