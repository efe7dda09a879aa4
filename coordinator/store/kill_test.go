package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// victim is the client id of the process that is struck.
const victim = "victim"

// cable is what lies between all processes and the broker, and does to the messages of one of them what a test wants.
type cable struct {
	options Options // of every process

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
	c := cluster(t, kfake.ListenFn(func(network, addr string) (net.Listener, error) {
		inner, _, err := proxy.Listen(network, addr)
		return inner, err
	}))
	l.options = options(c)
	return l
}

// realCables starts a real broker, and returns a way to lay one cable after the other to it, each for a Connect cluster of its own.
func realCables(t *testing.T) func() *cable {
	t.Helper()
	var laid atomic.Pointer[cable]
	laid.Store(&cable{})
	proxy, err := wire.NewKafka(func(ctx context.Context, m wire.Message) wire.Verdict { return laid.Load().tap(ctx, m) })
	must(t, err)
	t.Cleanup(proxy.Close)
	upstream, behind, err := servers.Behind(proxy.Addr())
	must(t, err)
	proxy.Forward(upstream[0])
	servers.Kafka(t, behind)
	n := 0
	return func() *cable {
		n++
		l := &cable{options: optionsAt(proxy.Addr())}
		o := &l.options
		o.OffsetPartitions, o.StatusPartitions = 1, 1
		for _, name := range []*string{&o.GroupID, &o.ConfigTopic, &o.OffsetTopic, &o.StatusTopic} {
			*name += fmt.Sprint("-", n)
		}
		laid.Store(l)
		return l
	}
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
	l.armed, l.strike, l.passed = true, strike, nil
}

func (l *cable) messages() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.passed) // it goes on
}

// victim opens a store whose messages are struck at, once the cable is armed. end is how long it waits for what never comes.
func (l *cable) victim(t *testing.T, end time.Duration) *Store {
	t.Helper()
	o := l.options
	o.Kafka = append(slices.Clone(o.Kafka), kgo.ClientID(victim))
	s := open(t, o)
	s.leader.end = end
	return s
}

// messagesOfAWrite are those of the first write of a process, claim included.
func (l *cable) messagesOfAWrite(t *testing.T) []string {
	t.Helper()
	s := l.victim(t, endTime)
	l.arm(func(int, wire.Message) wire.Verdict { return wire.Verdict{} })
	must(t, s.Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
	return l.messages()
}

// A process that is killed at any message of a write, before the broker has the request or before it has the reply itself, leaves the
// write done or not done: what was answered is there, and the next process is not held up.
func TestAProcessThatIsKilledAtAnyMessageLeavesAWholeWriteOrNone(t *testing.T) {
	messages := newCable(t).messagesOfAWrite(t)
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
				outcome := newCable(t).kill(t, at, patience)
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
func (l *cable) kill(t *testing.T, at int, patience time.Duration) string {
	t.Helper()
	ctx, dies := context.WithCancel(t.Context())
	defer dies()
	survivor := open(t, l.options)
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
	conn := connector(t, open(t, l.options), "c")
	// The next write comes from a process that has claimed before, and from one that starts.
	for _, next := range []*Store{survivor, open(t, l.options)} {
		must(t, next.Configs().Update(t.Context(), func(tx *Tx) error {
			conn = tx.Snapshot.Connectors["c"]
			return tx.PutLoggerLevel("x", "INFO")
		}))
	}
	after := connector(t, open(t, l.options), "c")
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

// killOnReal is the same on a real broker, at the messages that change something there.
func killOnReal(t *testing.T) {
	lay := realCables(t)
	killed := 0
	for at, name := range lay().messagesOfAWrite(t) {
		if !strings.Contains(name, "InitProducerID") && !strings.Contains(name, "Produce") && !strings.Contains(name, "Txn") {
			continue
		}
		killed++
		t.Run(fmt.Sprint(at, " ", name), func(t *testing.T) { t.Log(lay().kill(t, at, 50*time.Millisecond)) })
	}
	if killed < 6 {
		t.Errorf("a write has only %d messages that change something", killed)
	}
}

// A connection that breaks at any message of a write costs nothing but time.
func TestAConnectionThatBreaksAtAnyMessageCostsNoWrite(t *testing.T) {
	for at, name := range newCable(t).messagesOfAWrite(t) {
		t.Run(fmt.Sprint(at, " ", name), func(t *testing.T) {
			t.Parallel()
			l := newCable(t)
			must(t, open(t, l.options).Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
			s := l.victim(t, endTime)
			l.arm(func(n int, _ wire.Message) wire.Verdict { return wire.Verdict{Cut: n == at} })
			must(t, s.Configs().Update(t.Context(), func(tx *Tx) error {
				if n := tx.Snapshot.Connectors["c"].Config.Map()["n"]; n != "1" {
					return errors.New("it is decided anew after it was committed: n is " + n)
				}
				return tx.PutConnector("c", props("n", "2"), nil)
			}))
			if n := connector(t, open(t, l.options), "c").Config.Map()["n"]; n != "2" {
				t.Errorf("the topic says %s", n)
			}
		})
	}
}

// A process is held up when it has sent its commit, and the commit arrives when another has claimed and written. It must not count, and
// the first decides anew on what the other wrote.
func TestACommitThatArrivesLateIsDecidedAnew(t *testing.T) {
	l := newCable(t)
	other := open(t, l.options)
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
	if by := connector(t, open(t, l.options), "c").Config.Map()["by"]; by != "first" {
		t.Errorf("the topic says %s", by)
	}
}
