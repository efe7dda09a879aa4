package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
)

// victim is the client id of the process that is struck.
const victim = "victim"

// cable is what lies between all processes and the broker, and does to the messages of one of them what a test wants.
type cable struct {
	cluster *kfake.Cluster

	mu     sync.Mutex
	armed  bool
	passed []string // the victim's messages since it was armed
	strike func(n int, m wire.Message) wire.Verdict
}

func newCable(t *testing.T) *cable {
	t.Helper()
	l := &cable{}
	proxy, err := wire.NewKafka(l.tap)
	must(t, err)
	t.Cleanup(proxy.Close)
	l.cluster, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.ListenFn(func(network, addr string) (net.Listener, error) {
		inner, _, err := proxy.Listen(network, addr)
		return inner, err
	}))
	must(t, err)
	t.Cleanup(l.cluster.Close)
	return l
}

func (l *cable) tap(_ context.Context, m wire.Message) wire.Verdict {
	l.mu.Lock()
	if !l.armed || m.Client != victim {
		l.mu.Unlock()
		return wire.Verdict{}
	}
	n, strike := len(l.passed), l.strike
	l.passed = append(l.passed, messageName(m))
	l.mu.Unlock()
	return strike(n, m)
}

func messageName(m wire.Message) string {
	if m.Reply {
		return "reply to " + m.Call
	}
	return m.Call
}

// arm begins to strike at the victim's messages.
func (l *cable) arm(strike func(n int, m wire.Message) wire.Verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed, l.strike = true, strike
}

func (l *cable) messages() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passed
}

// victim opens a store whose messages are struck at, once the cable is armed. end is how long it waits for what never comes.
func (l *cable) victim(t *testing.T, end time.Duration) *Store {
	t.Helper()
	o := options(l.cluster)
	o.Kafka = append(o.Kafka, kgo.ClientID(victim))
	s := open(t, o)
	s.leader.end = end
	return s
}

// messagesOfAWrite are those of the first write of a process, claim included.
func messagesOfAWrite(t *testing.T) []string {
	t.Helper()
	l := newCable(t)
	s := l.victim(t, endTime)
	l.arm(func(int, wire.Message) wire.Verdict { return wire.Verdict{} })
	must(t, s.Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
	return l.messages()
}

// A process that is killed at any message of a write, before the broker has the request or before it has the reply itself, leaves the
// write done or not done: what was answered is there, and the next process is not held up.
func TestAProcessThatIsKilledAtAnyMessageLeavesAWholeWriteOrNone(t *testing.T) {
	messages := messagesOfAWrite(t)
	t.Logf("%d messages: %q", len(messages), messages)
	var mu sync.Mutex
	outcomes := map[string]int{}
	t.Run("at", func(t *testing.T) {
		for at, name := range append(messages, "after the answer") {
			t.Run(fmt.Sprint(at, " ", name), func(t *testing.T) {
				t.Parallel()
				patience := 50 * time.Millisecond
				if at == len(messages) {
					at, patience = math.MaxInt, endTime
				}
				outcome := kill(t, at, patience)
				mu.Lock()
				defer mu.Unlock()
				outcomes[outcome]++
			})
		}
	})
	t.Logf("outcomes: %v", outcomes)
	for _, outcome := range []string{"nothing is there", "it is there, and nobody was told", "it is there, as was told"} {
		if outcomes[outcome] == 0 {
			t.Errorf("no kill led to: %s", outcome)
		}
	}
}

// kill kills a process at one message of its write, and returns what became of that.
func kill(t *testing.T, at int, patience time.Duration) string {
	t.Helper()
	ctx, dies := context.WithCancel(t.Context())
	defer dies()
	l := newCable(t)
	survivor := open(t, options(l.cluster))
	must(t, survivor.Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
	s := l.victim(t, patience)
	l.arm(func(n int, _ wire.Message) wire.Verdict {
		if n >= at {
			dies()
		}
		return wire.Verdict{Cut: n >= at} // what is dead says and hears nothing any more
	})
	state := Paused
	told := s.Configs().PutConnector(ctx, "c", props("n", "2"), &state)
	conn := connector(t, open(t, options(l.cluster)), "c")
	// The next write comes from a process that has claimed before, and from one that starts.
	for _, next := range []*Store{survivor, open(t, options(l.cluster))} {
		must(t, next.Configs().Update(t.Context(), func(tx *Tx) error {
			conn = tx.Snapshot.Connectors["c"]
			return tx.PutLoggerLevel("x", "INFO")
		}))
	}
	after := connector(t, open(t, options(l.cluster)), "c")
	there := after.Config.Map()["n"] == "2"
	if there != (after.Target == Paused) || there != (conn.Config.Map()["n"] == "2") {
		t.Errorf("the topic says %+v, and before the next write %+v", after, conn)
	}
	switch {
	case told == nil && !there:
		t.Error("it was told that it is there, and it is not")
		return ""
	case told == nil:
		return "it is there, as was told"
	case there:
		return "it is there, and nobody was told"
	}
	return "nothing is there"
}

// A connection that breaks at any message of a write costs nothing but time.
func TestAConnectionThatBreaksAtAnyMessageCostsNoWrite(t *testing.T) {
	for at, name := range messagesOfAWrite(t) {
		t.Run(fmt.Sprint(at, " ", name), func(t *testing.T) {
			t.Parallel()
			l := newCable(t)
			must(t, open(t, options(l.cluster)).Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
			s := l.victim(t, endTime)
			l.arm(func(n int, _ wire.Message) wire.Verdict { return wire.Verdict{Cut: n == at} })
			must(t, s.Configs().Update(t.Context(), func(tx *Tx) error {
				if n := tx.Snapshot.Connectors["c"].Config.Map()["n"]; n != "1" {
					return errors.New("it is decided anew after it was committed: n is " + n)
				}
				return tx.PutConnector("c", props("n", "2"), nil)
			}))
			if n := connector(t, open(t, options(l.cluster)), "c").Config.Map()["n"]; n != "2" {
				t.Errorf("the topic says %s", n)
			}
		})
	}
}

// A process is held up when it has sent its commit, and the commit arrives when another has claimed and written. It must not count, and
// the first decides anew on what the other wrote.
func TestACommitThatArrivesLateIsDecidedAnew(t *testing.T) {
	l := newCable(t)
	other := open(t, options(l.cluster))
	must(t, other.Configs().PutConnector(t.Context(), "c", props("by", "nobody"), nil))
	s := l.victim(t, endTime)
	held := false
	l.arm(func(_ int, m wire.Message) wire.Verdict {
		if m.Call == "EndTxn" && !held {
			held = true
			if err := other.Configs().PutConnector(t.Context(), "c", props("by", "other"), nil); err != nil {
				t.Error(err)
			}
		}
		return wire.Verdict{}
	})
	var seen []string
	must(t, s.Configs().Update(t.Context(), func(tx *Tx) error {
		seen = append(seen, tx.Snapshot.Connectors["c"].Config.Map()["by"])
		return tx.PutConnector("c", props("by", "first"), nil)
	}))
	if len(seen) != 2 || seen[1] != "other" {
		t.Errorf("it was decided on %q", seen)
	}
	if by := connector(t, open(t, options(l.cluster)), "c").Config.Map()["by"]; by != "first" {
		t.Errorf("the topic says %s", by)
	}
}
