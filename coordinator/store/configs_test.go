package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func connector(t *testing.T, s *Store, name string) *Connector {
	t.Helper()
	must(t, s.Configs().Sync(t.Context()))
	return s.Configs().Snapshot().Connectors[name]
}

func TestWhatPutConnectorAnsweredSurvivesACrash(t *testing.T) {
	c := cluster(t)
	for i := range 3 {
		// given a store that never closes: its process is killed after the answer
		crashed, err := Open(t.Context(), options(c))
		must(t, err)
		t.Cleanup(crashed.Close)
		state := Paused
		must(t, crashed.Configs().PutConnector(t.Context(), "c", props("n", fmt.Sprint(i)), &state))
		// then a new store reads it
		conn := connector(t, open(t, options(c)), "c")
		if conn == nil || conn.Config.Map()["n"] != fmt.Sprint(i) || conn.Config.Map()["name"] != "c" || conn.Target != Paused {
			t.Fatalf("read %+v", conn)
		}
	}
}

func TestAFencedWriterDecidesAnewUnderAClaimOfItsOwn(t *testing.T) {
	c := cluster(t)
	fencing(t, options(c))
}

func fencing(t *testing.T, o Options) {
	ctx := t.Context()
	a, b := open(t, o), open(t, o)
	must(t, a.Configs().PutConnector(ctx, "c", props("by", "a"), nil))
	for round := range 3 {
		// given a writer that has decided, when another writes
		var seen []string
		must(t, a.Configs().Update(ctx, func(tx *Tx) error {
			by := tx.Snapshot.Connectors["c"].Config.Map()["by"]
			if seen = append(seen, by); len(seen) == 1 {
				must(t, b.Configs().PutConnector(ctx, "c", props("by", fmt.Sprint("b", round)), nil))
			}
			return tx.PutConnector("c", props("by", by+", then a"), nil)
		}))
		// then the first decision is void, and the second is made of what the other wrote
		if len(seen) != 2 || seen[1] != fmt.Sprint("b", round) {
			t.Fatalf("the writer decided on %q", seen)
		}
		if conn := connector(t, b, "c"); conn.Config.Map()["by"] != seen[1]+", then a" {
			t.Fatalf("the topic says %+v", conn)
		}
	}
}

// Two processes that change one configuration by what they read of it lose no change, whoever claims from whom.
func TestNoUpdateIsLostBetweenProcesses(t *testing.T) { losesNone(t, options(cluster(t))) }

func losesNone(t *testing.T, o Options) {
	const processes, callers, rounds = 3, 2, 5
	must(t, open(t, o).Configs().PutConnector(t.Context(), "c", props("n", "0"), nil))
	var done sync.WaitGroup
	for range processes {
		s := open(t, o)
		for range callers {
			done.Go(func() {
				for range rounds {
					if err := add(t.Context(), s.Configs()); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	done.Wait()
	if n := connector(t, open(t, o), "c").Config.Map()["n"]; n != fmt.Sprint(processes*callers*rounds) {
		t.Errorf("after %d additions of one the number is %s", processes*callers*rounds, n)
	}
}

// add adds one to a number in a configuration. Being fenced again and again is an answer, too: then it asks once more.
func add(ctx context.Context, configs *Configs) error {
	for {
		err := configs.Update(ctx, func(tx *Tx) error {
			n, err := strconv.Atoi(tx.Snapshot.Connectors["c"].Config.Map()["n"])
			return errors.Join(err, tx.PutConnector("c", props("n", strconv.Itoa(n+1)), nil))
		})
		if !errors.Is(err, ErrFenced) {
			return err
		}
	}
}

func TestAClaimAbortsWhatItsPredecessorLeftOpen(t *testing.T) {
	abortsOpen(t, cluster(t).ListenAddrs()...)
}

func abortsOpen(t *testing.T, servers ...string) {
	a := open(t, optionsAt(servers...))
	must(t, a.Configs().PutConnector(t.Context(), "left", props("n", "1"), nil))
	// given a writer that dies within its transaction
	dying := clientAt(t, servers, kgo.TransactionalID("connect-cluster-ferry"))
	must(t, dying.BeginTransaction())
	r := connectorRecord("left", props("n", "2"))
	r.Topic = "connect-configs"
	must(t, dying.ProduceSync(t.Context(), r).FirstErr())
	// when another claims and writes
	b := open(t, optionsAt(servers...))
	must(t, b.Configs().PutTarget(t.Context(), "left", Paused))
	// then the open write is gone, and hides nothing
	if conn := connector(t, b, "left"); conn.Config.Map()["n"] != "1" || conn.Target != Paused {
		t.Fatalf("read %+v", conn)
	}
}

func TestAWriteThatABrokerRefusesIsInvisibleAndTheNextGoesOn(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	must(t, s.Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
	fail(c, kmsg.Produce, kerr.MessageTooLarge.Code)
	if err := s.Configs().PutConnector(t.Context(), "c", props("n", "2"), nil); !errors.Is(err, kerr.MessageTooLarge) {
		t.Fatalf("the failed write: %v", err)
	}
	must(t, s.Configs().PutTarget(t.Context(), "c", Paused))
	if conn := connector(t, s, "c"); conn.Config.Map()["n"] != "1" || conn.Target != Paused {
		t.Fatalf("read %+v", conn)
	}
}

// A commit that a broker refuses because of another claim was not made, or it was and the reply was lost, and the refusal is that of the
// repetition. The topic tells, and the answer is true either way.
func TestAfterACommitInDoubtTheTopicTells(t *testing.T) {
	for name, committed := range map[string]bool{"it was not committed": false, "it was committed": true} {
		t.Run(name, func(t *testing.T) {
			c := cluster(t)
			s := open(t, options(c))
			must(t, s.Configs().PutConnector(t.Context(), "c", props("n", "0"), nil))
			if committed {
				refuseAfter(c)
			} else {
				fail(c, kmsg.EndTxn, kerr.ProducerFenced.Code)
			}
			decided := 0
			must(t, s.Configs().Update(t.Context(), func(tx *Tx) error {
				decided++
				return tx.PutConnector("c", props("n", fmt.Sprint(decided)), nil)
			}))
			want := map[bool]int{false: 2, true: 1}[committed]
			if conn := connector(t, open(t, options(c)), "c"); decided != want || conn.Config.Map()["n"] != fmt.Sprint(want) {
				t.Fatalf("after %d decisions the topic says %+v", decided, conn)
			}
		})
	}
}

func TestACancelledWriteLeavesNoTransactionOpen(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	must(t, s.Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
	// given a caller that gives up while its records are on the way
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cancel()
		return nil, nil, false
	})
	err := s.Configs().PutConnector(ctx, "c", props("n", "2"), nil)
	if err == nil {
		t.Fatal("a cancelled write succeeded")
	}
	// then what another process commits later is visible at once
	r := targetRecord("c", Paused)
	r.Topic = "connect-configs"
	produce(t, c, r)
	if conn := connector(t, open(t, options(c)), "c"); conn.Target != Paused {
		t.Fatalf("read %+v", conn)
	}
}

func TestAWriteReturnsOnlyWhenItCanBeReadBack(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	must(t, s.Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
	// given somebody's open transaction, which hides what is committed behind it
	other := client(t, c, kgo.TransactionalID("other"))
	must(t, other.BeginTransaction())
	must(t, other.ProduceSync(t.Context(), &kgo.Record{Topic: "connect-configs", Key: []byte("session-key"), Value: []byte("{}")}).FirstErr())
	// and that it ends only after the end of the topic was asked for a few times
	asked, ended := make(chan struct{}), make(chan error)
	calls := 0
	c.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if calls++; calls == 5 {
			close(asked)
		}
		return nil, nil, false
	})
	go func() {
		<-asked
		ended <- other.EndTransaction(context.WithoutCancel(t.Context()), kgo.TryCommit)
	}()
	must(t, s.Configs().PutConnector(t.Context(), "c", props("n", "2"), nil))
	if n := s.Configs().Snapshot().Connectors["c"].Config.Map()["n"]; n != "2" {
		t.Fatalf("the write returned, and the snapshot says %s", n)
	}
	must(t, <-ended)
}

// refuseAfter lets the next commit happen, and answers it as one that somebody else's claim came before.
func refuseAfter(c *kfake.Cluster) {
	passed := false
	c.ControlKey(int16(kmsg.EndTxn), func(req kmsg.Request) (kmsg.Response, error, bool) {
		if passed {
			return nil, nil, false
		}
		passed = true
		commit := *req.(*kmsg.EndTxnRequest)
		c.KeepControl()
		c.SleepControl(func() { endAs(c, &commit) })
		resp := req.ResponseKind().(*kmsg.EndTxnResponse)
		resp.ErrorCode = kerr.ProducerFenced.Code
		return resp, nil, true
	})
}

// endAs sends a commit from a connection of its own.
func endAs(c *kfake.Cluster, commit *kmsg.EndTxnRequest) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...))
	if err != nil {
		return
	}
	defer cl.Close()
	_, _ = commit.RequestWith(context.Background(), cl)
}

// fail answers the next request of a kind with an error.
func fail(c *kfake.Cluster, key kmsg.Key, code int16) {
	c.ControlKey(int16(key), func(req kmsg.Request) (kmsg.Response, error, bool) {
		switch req := req.(type) {
		case *kmsg.ProduceRequest:
			resp := req.ResponseKind().(*kmsg.ProduceResponse)
			for _, t := range req.Topics {
				rt := kmsg.NewProduceResponseTopic()
				rt.Topic, rt.TopicID = t.Topic, t.TopicID
				for _, p := range t.Partitions {
					rp := kmsg.NewProduceResponseTopicPartition()
					rp.Partition, rp.ErrorCode = p.Partition, code
					rt.Partitions = append(rt.Partitions, rp)
				}
				resp.Topics = append(resp.Topics, rt)
			}
			return resp, nil, true
		case *kmsg.EndTxnRequest:
			resp := req.ResponseKind().(*kmsg.EndTxnResponse)
			resp.ErrorCode = code
			return resp, nil, true
		}
		return nil, nil, false
	})
}

func TestATaskSetCountsFromItsCommitRecord(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	must(t, s.Configs().PutConnector(t.Context(), "c", props("v", "1"), nil))
	must(t, s.Configs().PutTasks(t.Context(), "c", []map[string]string{{"t": "0"}, {"t": "1"}}))
	// given a writer that died between the task configurations and the commit record
	half := []*kgo.Record{taskRecord("c", 0, map[string]string{"t": "new"})}
	half[0].Topic = "connect-configs"
	produce(t, c, half...)
	conn := connector(t, open(t, options(c)), "c")
	if len(conn.Tasks) != 2 || conn.Tasks[0]["t"] != "0" || !conn.Consistent || !conn.PendingFencing {
		t.Fatalf("read %+v", conn)
	}
	// when the set is published after all
	must(t, s.Configs().PutTasks(t.Context(), "c", []map[string]string{{"t": "new"}}))
	must(t, s.Configs().PutFencing(t.Context(), "c", 1))
	conn = connector(t, open(t, options(c)), "c")
	if len(conn.Tasks) != 1 || conn.Tasks[0]["t"] != "new" || conn.PendingFencing || conn.FencedTasks != 1 {
		t.Fatalf("read %+v", conn)
	}
	if want := conn.Config.Map(); !maps.Equal(conn.Applied, want) {
		t.Errorf("applied is %v, want %v", conn.Applied, want)
	}
}

func TestOneStoreMayBeUsedByMany(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	var done sync.WaitGroup
	for i := range 8 {
		done.Go(func() {
			name := fmt.Sprint("c", i)
			if err := errors.Join(
				s.Configs().PutConnector(t.Context(), name, props("n", name), nil),
				s.Configs().PutTasks(t.Context(), name, []map[string]string{{"n": name}}),
				s.Statuses().PutConnector(t.Context(), name, Status{State: StateRunning, WorkerID: "w"}),
			); err != nil {
				t.Error(err)
			}
			if conn := s.Configs().Snapshot().Connectors[name]; conn == nil || len(conn.Tasks) != 1 {
				t.Errorf("after its own write %s is %+v", name, conn)
			}
		})
	}
	done.Wait()
	if n := s.Configs().Snapshot().Names(); len(n) != 8 {
		t.Errorf("connectors %v", n)
	}
}

func TestOnlyRelevantChangesRaiseTheGeneration(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	cfg, ctx := s.Configs(), t.Context()
	must(t, cfg.PutConnector(ctx, "c", props("a", "1"), nil))
	generation := func() int64 { return connector(t, s, "c").Generation }
	last := generation()
	for _, step := range []struct {
		name  string
		raise bool
		do    func() error
	}{
		{"configuration", true, func() error { return cfg.PutConnector(ctx, "c", props("a", "2"), nil) }},
		{"tasks", true, func() error { return cfg.PutTasks(ctx, "c", []map[string]string{{}}) }},
		{"fencing", false, func() error { return cfg.PutFencing(ctx, "c", 1) }},
		{"target", true, func() error { return cfg.PutTarget(ctx, "c", Paused) }},
		{"restart", false, func() error { return cfg.PutRestart(ctx, "c", true, true) }},
		{"logger", false, func() error { return cfg.PutLoggerLevel(ctx, "x", "INFO") }},
		{"another connector", false, func() error { return cfg.PutConnector(ctx, "d", nil, nil) }},
	} {
		must(t, step.do())
		now := generation()
		if now > last != step.raise {
			t.Errorf("%s: generation %d after %d", step.name, now, last)
		}
		if other := connector(t, open(t, options(c)), "c").Generation; other != now {
			t.Errorf("%s: another reader sees generation %d, not %d", step.name, other, now)
		}
		last = now
	}
}

// events builds a config topic from short texts: "connector c", "task c 0", "commit c 1", "target c PAUSED", "-connector c".
func events(t *testing.T, s *configState, list ...string) {
	t.Helper()
	for _, e := range list {
		f := strings.Fields(e)
		n := 0
		_, _ = fmt.Sscan(f[len(f)-1], &n)
		var r *kgo.Record
		switch f[0] {
		case "connector":
			r = connectorRecord(f[1], props("at", fmt.Sprint(s.next)))
		case "-connector":
			r = record(prefixConnector+f[1], nil)
		case "target":
			r = targetRecord(f[1], TargetState(f[2]))
		case "-target":
			r = record(prefixTarget+f[1], nil)
		case "task":
			r = taskRecord(f[1], n, map[string]string{"task": f[2]})
		case "commit":
			r = commitRecord(f[1], n)
		case "fencing":
			r = fencingRecord(f[1], n)
		default:
			t.Fatalf("unknown event %q", e)
		}
		r.Offset = s.next
		if err := s.apply(r); err != nil {
			t.Fatalf("%s: %v", e, err)
		}
	}
}

func TestReadingTheConfigTopic(t *testing.T) {
	for _, x := range []struct {
		name   string
		events string
		want   string
	}{
		{"a target state before its connector is remembered", "target c PAUSED, connector c", "PAUSED 0/0 consistent"},
		{"a tombstone of the target state of a live connector starts it", "connector c, target c STOPPED, -target c", "STARTED 0/0 consistent"},
		{"compaction that removed a task makes the set inconsistent", "connector c, task c 1, commit c 2", "STARTED 0/2 inconsistent pending"},
		{"a set published again is consistent", "connector c, task c 1, commit c 2, task c 0, task c 1, commit c 2", "STARTED 2/2 consistent pending"},
		{"more deferred tasks than counted do no harm", "connector c, task c 0, task c 1, commit c 1", "STARTED 1/1 consistent pending"},
		{"a commit of an unknown connector clears leftovers", "task c 0, commit c 1, connector c, commit c 1", "STARTED 0/1 inconsistent pending"},
		{"an empty set is consistent", "connector c, task c 0, commit c 1, commit c 0", "STARTED 0/0 consistent pending"},
		{"a deleted connector loses its tasks", "connector c, task c 0, commit c 1, -connector c, connector c", "STARTED 0/0 consistent pending"},
		{"a deleted connector is gone", "connector c, target c PAUSED, -connector c, -target c", "none"},
		{"a fencing record ends what is pending", "connector c, task c 0, commit c 1, fencing c 1", "STARTED 1/1 consistent fenced 1"},
		{"names with dashes", "connector c-1, task c-1 0, commit c-1 1, connector c", "STARTED 0/0 consistent"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newConfigState()
			events(t, s, strings.Split(x.events, ", ")...)
			got := "none"
			if c := s.snapshot().Connectors["c"]; c != nil {
				got = fmt.Sprintf("%s %d/%d", c.Target, len(c.Tasks), c.TaskCount)
				got += map[bool]string{true: " consistent", false: " inconsistent"}[c.Consistent]
				if c.PendingFencing {
					got += " pending"
				}
				if c.FencedTasks > 0 {
					got += fmt.Sprint(" fenced ", c.FencedTasks)
				}
			}
			if got != x.want {
				t.Errorf("got %s, want %s", got, x.want)
			}
		})
	}
}

func TestMalformedConfigRecordsAreSkipped(t *testing.T) {
	for key, value := range map[string]string{
		"connector-c": `{"properties":5}`, "task-c-x": `{"properties":{}}`, "task-c-": `{"properties":{}}`, "commit-c": `{"tasks":"two"}`,
		"target-state-c": `{"state":"SLEEPING"}`, "tasks-fencing-c": `{}`, "restart-connector-c": `[`, "logger-cluster-x": `5`, "whatever": `{}`,
	} {
		s := newConfigState()
		events(t, s, "connector c")
		before := fmt.Sprintf("%+v", *s.snapshot().Connectors["c"])
		err := s.apply(&kgo.Record{Key: []byte(key), Value: []byte(value), Offset: 7})
		if after := fmt.Sprintf("%+v", *s.snapshot().Connectors["c"]); err == nil || after != before {
			t.Errorf("%s = %s: error %v, state %s after %s", key, value, err, after, before)
		}
	}
}
