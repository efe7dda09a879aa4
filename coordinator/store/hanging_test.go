package store

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/txn/txntest"
)

// A broker may call a transaction complete whose records never become visible. Then nothing that is written later does either.
func TestWhoClaimsTheConfigTopicEndsATransactionThatHangs(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	must(t, s.Configs().PutConnector(t.Context(), "before", props("n", "1"), nil))
	// given records that were committed, as the broker says, and that nobody sees
	txntest.Forget(c, "CompleteCommit")
	r := targetRecord("before", Paused)
	r.Topic = "connect-configs"
	must(t, s.leader.write(t.Context(), r))
	if conn := connector(t, open(t, options(c)), "before"); conn.Target == Paused {
		t.Fatal("they are visible")
	}
	// when another process claims the topic and writes
	other := open(t, options(c))
	must(t, other.Configs().PutConnector(t.Context(), "after", props("n", "2"), nil))
	// then all is there
	if conn := connector(t, open(t, options(c)), "before"); conn.Target != Paused {
		t.Errorf("read %+v", conn)
	}
	if conn := connector(t, open(t, options(c)), "after"); conn.Config.Map()["n"] != "2" {
		t.Errorf("read %+v", conn)
	}
}
