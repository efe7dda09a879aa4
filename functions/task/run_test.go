package task_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

func TestARunMovesRecordsUnderItsLeaseAndReports(t *testing.T) {
	var during lease.Item
	var f *function
	progress := func(o *task.Options) {
		o.Progress = func(*invoke.Request, engine.Facts) { during = f.item("c") }
	}
	inBubble(t, progress, func(t *testing.T, function *function) {
		f = function
		f.raise("c", 1, generation)
		f.table.takeWrites()
		resp := f.Handle(t.Context(), request("c", map[string]string{
			"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\ntwo\n"),
		}))
		if resp.Error != nil {
			t.Fatalf("the run failed: %+v", resp.Error)
		}
		if got := f.values("out"); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("the topic has %q", got)
		}
		if !strings.HasPrefix(during.Owner, "instance/") || during.Epoch != 1 || time.Until(during.Until) <= 0 {
			t.Errorf("while it ran, the lease was %+v", during)
		}
		after := f.item("c")
		if after.Owner != "" || after.Released != 1 || after.Attempts != 0 || after.LastError != "" {
			t.Errorf("after the run, the lease is %+v", after)
		}
		if writes := f.table.takeWrites(); writes != 2 {
			t.Errorf("the run wrote its lease %d times", writes)
		}
		report, facts := f.report("c")
		if report.Failure != nil || report.Replan || facts.RecordsOut != 2 || facts.End != engine.EndIdle || facts.Hint == nil {
			t.Errorf("it reported %+v, %+v", report, facts)
		}
		if string(report.Facts) != string(resp.Facts) || resp.Backlog {
			t.Errorf("it answered %s, backlog %v, and stored %s", resp.Facts, resp.Backlog, report.Facts)
		}
	})
}

func TestTheNextRunGoesOnFromTheHint(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		path := f.write("in.txt", "one\n")
		req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": path})
		f.Handle(t.Context(), req)
		f.write("in.txt", "one\ntwo\n")
		f.Handle(t.Context(), req)
		// A run that writes nothing keeps the hint.
		f.Handle(t.Context(), req)
		f.write("in.txt", "one\ntwo\nthree\n")
		f.Handle(t.Context(), req)
		if got := f.values("out"); !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("the topic has %q", got)
		}
		if len(f.hints) != 4 || f.hints[0] != nil || f.hints[1] == nil || f.hints[2] == nil || *f.hints[2] != *f.hints[3] {
			t.Errorf("the hints were %v", f.hints)
		}
		if got := f.item("c"); got.Epoch != 4 || got.Released != 4 {
			t.Errorf("after four runs, the lease is %+v", got)
		}
	})
}

func TestARunOfASinkMovesRecordsUnderItsLease(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("s", 1, generation)
		f.produce("in", "one", "two")
		path := f.folder + "/out.txt"
		req := request("s", map[string]string{"connector.class": fileSink, "topics": "in", "file": path})
		for _, want := range []string{"one\ntwo\n", "one\ntwo\nthree\n"} {
			if resp := f.Handle(t.Context(), req); resp.Error != nil {
				t.Fatalf("the run failed: %+v", resp.Error)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != want {
				t.Fatalf("the file has %q, %v", got, err)
			}
			f.produce("in", "three")
		}
		_, facts := f.report("s")
		if facts.RecordsOut != 1 || len(facts.Positions) != 1 {
			t.Errorf("it reported %+v", facts)
		}
	})
}

func TestASecondDeliveryOfARequestDoesNothing(t *testing.T) {
	var f *function
	var second *invoke.Response
	var req *invoke.Request
	progress := func(o *task.Options) {
		o.Progress = func(*invoke.Request, engine.Facts) {
			if second == nil {
				second = f.Handle(context.Background(), req)
			}
		}
	}
	inBubble(t, progress, func(t *testing.T, function *function) {
		f = function
		f.raise("c", 1, generation)
		req = request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")})
		first := f.Handle(t.Context(), req)
		if first.Error != nil || second == nil || second.Error != nil || second.Facts != nil || second.Backlog {
			t.Fatalf("the first answered %+v, the second %+v", first, second)
		}
		if got := f.values("out"); !slices.Equal(got, []string{"one"}) {
			t.Errorf("the topic has %q", got)
		}
		if got := f.item("c"); got.Epoch != 1 || got.Released != 1 {
			t.Errorf("the lease is %+v", got)
		}
	})
}

func TestARequestThatIsNotDueDoesNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(f *function, req *invoke.Request) error
	}{
		{"an older generation", func(_ *function, req *invoke.Request) error { req.Generation--; return nil }},
		{"a generation that was not raised yet", func(_ *function, req *invoke.Request) error { req.Generation++; return nil }},
		{"a task that does not exist", func(_ *function, req *invoke.Request) error { req.Task, req.Tasks = 1, 2; return nil }},
		{"a retired task", func(f *function, _ *invoke.Request) error {
			return f.leases.Raise(f.t.Context(), "c", 0, generation+1)
		}},
		{"a task that waits", func(f *function, req *invoke.Request) error {
			return f.leases.Postpone(f.t.Context(), lease.Key{Connector: "c"}, generation, time.Now().Add(time.Minute), 1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, f *function) {
				f.raise("c", 1, generation)
				req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")})
				if err := c.prepare(f, req); err != nil {
					t.Fatal(err)
				}
				before := f.item("c")
				if resp := f.Handle(t.Context(), req); resp.Error != nil || resp.Facts != nil {
					t.Errorf("it answered %+v", resp)
				}
				if after := f.item("c"); after.Rev != before.Rev {
					t.Errorf("it changed the lease: %+v", after)
				}
				if got := f.values("out"); len(got) > 0 {
					t.Errorf("it wrote %q", got)
				}
			})
		})
	}
}

func TestAWaitingTaskRunsWhenItsTimeHasCome(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		if err := f.leases.Postpone(t.Context(), lease.Key{Connector: "c"}, generation, time.Now().Add(time.Minute), 1); err != nil {
			t.Fatal(err)
		}
		pass(t, time.Minute)
		req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")})
		if resp := f.Handle(t.Context(), req); resp.Facts == nil {
			t.Errorf("it answered %+v", resp)
		}
	})
}

func TestAFailureWaitsLongerEachTimeAndASuccessForgetsIt(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		path := f.write("in.txt", "one\ntwo\n")
		req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": path})
		f.Handle(t.Context(), req)
		f.write("in.txt", "") // what was read is gone
		for n, wait := range []time.Duration{2, 6, 12, 20, 30, 42, 56, 60, 60} {
			wait *= time.Minute
			resp := f.Handle(t.Context(), req)
			item := f.item("c")
			if resp.Error == nil || resp.Error.Kind != connect.KindConfig || !strings.Contains(resp.Error.Trace, "truncated or replaced") {
				t.Fatalf("attempt %d answered %+v", n+1, resp)
			}
			if item.Owner != "" || item.Attempts != n+1 || item.LastError != resp.Error.Message {
				t.Fatalf("after attempt %d the lease is %+v", n+1, item)
			}
			if left := time.Until(item.NotBefore); left != wait {
				t.Fatalf("after attempt %d it waits %v, want %v", n+1, left, wait)
			}
			if report, _ := f.report("c"); report.Failure == nil || report.Failure.Trace != resp.Error.Trace {
				t.Fatalf("attempt %d reported %+v", n+1, report)
			}
			pass(t, wait)
		}
		f.write("in.txt", "one\ntwo\nthree\n")
		if resp := f.Handle(t.Context(), req); resp.Error != nil {
			t.Fatalf("it still fails: %+v", resp.Error)
		}
		report, _ := f.report("c")
		if item := f.item("c"); item.Attempts != 0 || item.LastError != "" || !item.NotBefore.IsZero() || report.Failure != nil {
			t.Errorf("after a success the lease is %+v, the report %+v", item, report)
		}
		if got := f.values("out"); !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("the topic has %q", got)
		}
	})
}

func TestWhatMayPassByItselfIsTriedAgainWithinSeconds(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		req := request("c", map[string]string{"connector.class": "test.UnavailableSource"})
		for n, wait := range []time.Duration{2, 4, 8, 16, 32, 60, 60} {
			wait *= time.Second
			resp := f.Handle(t.Context(), req)
			if resp.Error == nil || resp.Error.Kind != connect.KindRetriable {
				t.Fatalf("attempt %d answered %+v", n+1, resp)
			}
			if left := time.Until(f.item("c").NotBefore); left != wait {
				t.Fatalf("after attempt %d it waits %v, want %v", n+1, left, wait)
			}
			pass(t, wait)
		}
	})
}

// endless is a source that never runs dry: a record every few milliseconds.
func endless() map[string]string {
	return map[string]string{
		"connector.class": dataGen, "kafka.topic": "out", "quickstart": "users", "max.interval": "20", "random.seed": "1",
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "task.id": "0",
	}
}

// atBatch calls do once, after the n-th commit of a run.
func atBatch(n int64, do func()) func(*task.Options) {
	return func(o *task.Options) {
		o.Limits.Idle = time.Hour
		o.Progress = func(_ *invoke.Request, facts engine.Facts) {
			if facts.Batches == n {
				do()
			}
		}
	}
}

// everythingCommitted compares what the run says with what readers see.
func everythingCommitted(t *testing.T, f *function, facts engine.Facts) {
	t.Helper()
	if got := f.values("out"); int64(len(got)) != facts.RecordsOut || facts.RecordsOut != facts.RecordsIn || facts.RecordsOut == 0 {
		t.Errorf("%d records were read, %d written, readers see %d", facts.RecordsIn, facts.RecordsOut, len(got))
	}
}

func TestADrainCommitsWhatIsDoneAndEnds(t *testing.T) {
	drain := make(chan struct{})
	var asked time.Time
	change := atBatch(3, func() { asked = time.Now(); close(drain) })
	inBubble(t, func(o *task.Options) { change(o); o.Drain = drain }, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", endless()))
		if took := time.Since(asked); asked.IsZero() || took > checkEvery+time.Second {
			t.Errorf("it ended %v after it was asked to", took)
		}
		_, facts := f.report("c")
		if resp.Error != nil || facts.End != engine.EndStopped {
			t.Errorf("it ended as %q with %+v", facts.End, resp.Error)
		}
		everythingCommitted(t, f, facts)
		if item := f.item("c"); item.Owner != "" || item.Released != item.Epoch {
			t.Errorf("the lease is %+v", item)
		}
	})
}

func TestANewGenerationEndsARunningTaskWithinTheCheckInterval(t *testing.T) {
	var f *function
	var asked time.Time
	change := atBatch(3, func() { asked = time.Now(); f.raise("c", 1, generation+1) })
	inBubble(t, change, func(t *testing.T, function *function) {
		f = function
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", endless()))
		if took := time.Since(asked); asked.IsZero() || took > checkEvery+time.Second {
			t.Errorf("it ended %v after the generation was raised", took)
		}
		_, facts := f.report("c")
		if resp.Error != nil || facts.End != engine.EndStopped {
			t.Errorf("it ended as %q with %+v", facts.End, resp.Error)
		}
		everythingCommitted(t, f, facts)
		if item := f.item("c"); item.Owner != "" || item.Generation != generation+1 {
			t.Errorf("the lease is %+v", item)
		}
	})
}

func TestTheSoftDeadlineEndsARunInTimeForItsRelease(t *testing.T) {
	for _, c := range []struct{ timeout, within time.Duration }{{time.Minute, 51 * time.Second}, {6 * time.Second, 5 * time.Second}} {
		t.Run(c.timeout.String(), func(t *testing.T) {
			inBubble(t, func(o *task.Options) { o.Limits.Idle = time.Hour }, func(t *testing.T, f *function) {
				f.raise("c", 1, generation)
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				resp := f.Handle(ctx, request("c", endless()))
				if took := time.Since(began); took > c.within || took < c.timeout/3 {
					t.Errorf("it took %v", took)
				}
				_, facts := f.report("c")
				if resp.Error != nil || facts.End != engine.EndDeadline {
					t.Errorf("it ended as %q with %+v", facts.End, resp.Error)
				}
				everythingCommitted(t, f, facts)
			})
		})
	}
}

func TestALostLeaseEndsTheRunAndIsLeftAlone(t *testing.T) {
	var f *function
	change := atBatch(3, func() {
		// Whoever has a fast clock takes over early.
		fast := lease.New(f.table, lease.Options{Clock: ahead(time.Hour)})
		if _, err := fast.Acquire(context.Background(), lease.Key{Connector: "c"}, "thief", generation, time.Now()); err != nil {
			f.t.Error(err)
		}
	})
	inBubble(t, change, func(t *testing.T, function *function) {
		f = function
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", endless()))
		var facts engine.Facts
		decode(t, resp.Facts, &facts)
		if resp.Error != nil || facts.End != engine.EndLost {
			t.Errorf("it ended as %q with %+v", facts.End, resp.Error)
		}
		if item := f.item("c"); item.Owner != "thief" || item.Released != 0 || item.Facts != nil || item.Hint != nil {
			t.Errorf("the thief's lease is %+v", item)
		}
		if strings.Contains(f.log.String(), "could not release") {
			t.Errorf("it warns of what is ordinary: %s", f.log)
		}
	})
}

// A was frozen between acquire and fence, thaws after B took over, fences B, looks at the lease and leaves. The lease is
// still B's, which ends, and nobody else may run the task: B must free it.
func TestATaskThatWasFencedFreesTheLeaseThatIsStillItsOwn(t *testing.T) {
	var f *function
	change := atBatch(3, func() { f.fence("g-c-0") })
	inBubble(t, change, func(t *testing.T, function *function) {
		f = function
		f.raise("c", 1, generation)
		if err := f.leases.Postpone(t.Context(), lease.Key{Connector: "c"}, generation, time.Time{}, 4); err != nil {
			t.Fatal(err)
		}
		resp := f.Handle(t.Context(), request("c", endless()))
		var facts engine.Facts
		decode(t, resp.Facts, &facts)
		if resp.Error != nil || facts.End != engine.EndLost {
			t.Errorf("it ended as %q with %+v", facts.End, resp.Error)
		}
		if item := f.item("c"); item.Owner != "" || item.Released != 1 || item.Attempts != 4 || !item.NotBefore.IsZero() {
			t.Errorf("the lease is %+v", item)
		}
		if got := f.values("out"); int64(len(got)) != facts.RecordsOut {
			t.Errorf("%d records are said to be written, readers see %d", facts.RecordsOut, len(got))
		}
	})
}

// A thaws sooner than in the test above, before B has committed anything: then B has lost nothing, and need not wait for its next
// invocation.
func TestATaskThatWasFencedBeforeItsFirstCommitFencesAgainAndGoesOn(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		fenced := 0
		f.table.meddle(func(_ context.Context, write bool) error {
			if acquired := f.item("c").Owner != ""; acquired && !write && fenced == 0 {
				fenced++
				f.fence("g-c-0")
			}
			return nil
		})
		resp := f.Handle(t.Context(), request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\ntwo\n")}))
		if facts := facts(t, resp); resp.Error != nil || facts.End != engine.EndIdle || facts.RecordsOut != 2 || fenced != 1 {
			t.Errorf("fenced %d times, it answered %+v, %+v", fenced, resp.Error, facts)
		}
		if got := f.values("out"); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("the topic has %q", got)
		}
		f.free()
	})
}

func TestAReleaseThatFailsOnlyWarns(t *testing.T) {
	var f *function
	change := func(o *task.Options) {
		o.Progress = func(*invoke.Request, engine.Facts) { f.table.breakWrites(errors.New("no more writes today")) }
	}
	inBubble(t, change, func(t *testing.T, function *function) {
		f = function
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", map[string]string{
			"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n"),
		}))
		if resp.Error != nil || !strings.Contains(string(resp.Facts), `"recordsOut":1`) {
			t.Errorf("it answered %+v", resp)
		}
		if log := f.log.String(); !strings.Contains(log, "could not release") || !strings.Contains(log, "no more writes today") {
			t.Errorf("it logged %s", log)
		}
		item := f.item("c")
		if item.Owner == "" || item.Until.IsZero() {
			t.Fatalf("the lease is %+v", item)
		}
		f.table.breakWrites(nil)
		pass(t, time.Until(item.Until))
		if again := f.Handle(t.Context(), request("c", map[string]string{
			"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\ntwo\n"),
		})); again.Facts == nil {
			t.Errorf("after the lease ran out, a run answered %+v", again)
		}
		if got := f.values("out"); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("the topic has %q", got)
		}
	})
}

func TestALeaseTableThatDoesNotAnswerIsARetriableFailure(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		f.table.breakWrites(fmt.Errorf("busy: %w", lease.ErrThrottled))
		resp := f.Handle(t.Context(), request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": "f"}))
		if resp.Error == nil || resp.Error.Kind != connect.KindRetriable || !strings.Contains(resp.Error.Trace, "acquire the lease") {
			t.Errorf("it answered %+v", resp)
		}
	})
}

func TestAnErrorThatQuotesMuchDoesNotBurstTheLease(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", map[string]string{
			"connector.class": "test.TalkativeSource", "password": strings.Repeat("é", 300<<10),
		}))
		if size := len(f.item("c").Facts) + len(f.item("c").LastError); resp.Error == nil || size > 64<<10 {
			t.Errorf("the item takes %d bytes", size)
		}
	})
}
