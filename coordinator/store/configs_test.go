package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

func TestAFencedWriterWritesNothingUntilItClaimsAgain(t *testing.T) {
	c := cluster(t)
	fencing(t, options(c))
}

func fencing(t *testing.T, o Options) {
	ctx := t.Context()
	a, b := open(t, o), open(t, o)
	must(t, a.Configs().PutConnector(ctx, "c", props("by", "a"), nil))
	// when b claims
	must(t, b.Configs().Claim(ctx))
	// then a is fenced, and stays so
	for range 2 {
		if err := a.Configs().PutConnector(ctx, "c", props("by", "a, late"), nil); !errors.Is(err, ErrFenced) {
			t.Fatalf("the write of a fenced writer: %v", err)
		}
	}
	must(t, b.Configs().PutTarget(ctx, "c", Paused))
	// when a claims again it sees what b wrote
	must(t, a.Configs().Claim(ctx))
	if conn := a.Configs().Snapshot().Connectors["c"]; conn.Target != Paused || conn.Config.Map()["by"] != "a" {
		t.Fatalf("a sees %+v", conn)
	}
	must(t, a.Configs().PutTarget(ctx, "c", Started))
	if err := b.Configs().DeleteConnector(ctx, "c"); !errors.Is(err, ErrFenced) {
		t.Fatalf("the write of the other fenced writer: %v", err)
	}
	if conn := connector(t, b, "c"); conn == nil || conn.Target != Started {
		t.Fatalf("b sees %+v", conn)
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
	must(t, b.Configs().Claim(t.Context()))
	must(t, b.Configs().PutTarget(t.Context(), "left", Paused))
	// then the open write is gone, and hides nothing
	if conn := connector(t, b, "left"); conn.Config.Map()["n"] != "1" || conn.Target != Paused {
		t.Fatalf("read %+v", conn)
	}
}

func TestAFailedWriteIsInvisibleAndCostsTheClaim(t *testing.T) {
	for key, code := range map[kmsg.Key]*kerr.Error{kmsg.Produce: kerr.MessageTooLarge, kmsg.EndTxn: kerr.ProducerFenced} {
		t.Run(key.Name(), func(t *testing.T) {
			c := cluster(t)
			s := open(t, options(c))
			must(t, s.Configs().PutConnector(t.Context(), "c", props("n", "1"), nil))
			fail(c, key, code.Code)
			if err := s.Configs().PutConnector(t.Context(), "c", props("n", "2"), nil); err == nil || errors.Is(err, ErrFenced) != (key == kmsg.EndTxn) {
				t.Fatalf("the failed write: %v", err)
			}
			if err := s.Configs().PutTarget(t.Context(), "c", Paused); !errors.Is(err, ErrFenced) {
				t.Fatalf("a write without claim: %v", err)
			}
			must(t, s.Configs().Claim(t.Context()))
			must(t, s.Configs().PutTarget(t.Context(), "c", Paused))
			if conn := connector(t, s, "c"); conn.Config.Map()["n"] != "1" || conn.Target != Paused {
				t.Fatalf("read %+v", conn)
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
