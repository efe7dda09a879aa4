package lambda_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

// states are those of a process's threads, as the kernel tells them.
func states(t *testing.T, pid int) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "stat"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		_, state, _ := strings.Cut(string(text), ") ")
		all.WriteString(state[:1])
	}
	return all.String()
}

func freeze(t *testing.T, l *lambda.Lambda, name, id string) {
	t.Helper()
	if err := l.Freeze(name, id); err != nil {
		t.Fatal(err)
	}
}

func thaw(t *testing.T, l *lambda.Lambda, name, id string) {
	t.Helper()
	if err := l.Thaw(name, id); err != nil {
		t.Fatal(err)
	}
}

func TestAFrozenSandboxStandsStillUntilItIsThawed(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute})
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	release := started()
	s := l.Sandboxes("f")[0]

	freeze(t, l, "f", s.ID)
	freeze(t, l, "f", s.ID) // once more changes nothing
	release()
	if got := l.Sandboxes("f")[0]; !got.Frozen || got.Zombie || strings.Trim(states(t, s.PID), "T") != "" {
		t.Errorf("it is %+v, its threads are %s", got, states(t, s.PID))
	}

	thaw(t, l, "f", s.ID)
	if out := wait(); out.FunctionError != nil {
		t.Errorf("it answered %s", out.Payload)
	}
	settled(t, l)
	if d := describe(t, l, "f"); d.PID != s.PID || d.Served != 2 {
		t.Errorf("the next event was number %d of %d", d.Served, d.PID)
	}
}

// The host stalls for longer than the invocation may take, and comes back: what the process does then, it does as a zombie.
func TestASandboxThatIsFrozenAtItsDeadlineGoesOnAsAZombie(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: 2 * time.Second, Concurrency: 1})
	path, started := pipe(t)
	wait := begin(t, l, "f", event("mark", path))
	release := started()
	s := l.Sandboxes("f")[0]
	freeze(t, l, "f", s.ID)

	if kind, message := failure(t, wait()); kind != "Sandbox.Timedout" || !strings.HasSuffix(message, "Task timed out after 2.00 seconds") {
		t.Errorf("its caller got %s: %s", kind, message)
	}
	// Its place is free.
	if d := describe(t, l, "f"); d.PID == s.PID || d.Served != 1 {
		t.Errorf("beside it served %+v", d)
	}
	if got := l.Sandboxes("f"); len(got) != 2 || !got[1].Frozen || !got[1].Zombie || got[1].ID != s.ID {
		t.Errorf("the sandboxes are %+v", got)
	}

	thaw(t, l, "f", s.ID)
	release()
	eventually(t, time.Minute, "the zombie did not do its work", func() bool { _, err := os.Stat(path + ".mark"); return err == nil })
	eventually(t, time.Minute, "the zombie is still there", func() bool { return len(l.Sandboxes("f")) == 1 })
	if err := l.Thaw("f", s.ID); !errors.Is(err, lambda.ErrNoSandbox) {
		t.Errorf("to thaw it afterwards: %v", err)
	}
}

func TestAZombieThatNeverAnswersHasTheTimeoutOnceMore(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: 1500 * time.Millisecond})
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	defer started()()
	s := l.Sandboxes("f")[0]
	freeze(t, l, "f", s.ID)
	failure(t, wait())
	thaw(t, l, "f", s.ID)
	if got := l.Sandboxes("f"); len(got) != 1 || got[0].Frozen || !got[0].Zombie {
		t.Errorf("thawed it is %+v", got)
	}
	eventually(t, time.Minute, "the zombie is still there", func() bool { return len(l.Sandboxes("f")) == 0 })
}

// The deadline comes while the sandbox is frozen and thawed as fast as it goes. Whenever Freeze has returned, the process
// stands still and stays, whichever came first.
func TestFreezeAndTheDeadlineAreDecidedOneAfterTheOther(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Second})
	for range 3 {
		path, started := pipe(t)
		wait := begin(t, l, "f", event("wait", path))
		release := started()
		s := l.Sandboxes("f")[0]
		frozen := 0
		for l.Freeze("f", s.ID) == nil {
			frozen++
			if _, again, err := l.SandboxOfPID(s.PID); err != nil || !again.Frozen || strings.Trim(states(t, s.PID), "T") != "" {
				t.Fatalf("frozen it is %+v, %v, with threads %s", again, err, states(t, s.PID))
			}
			thaw(t, l, "f", s.ID)
		}
		release()
		if kind, _ := failure(t, wait()); kind != "Sandbox.Timedout" || frozen == 0 {
			t.Errorf("after it was frozen %d times, the caller got %s", frozen, kind)
		}
		eventually(t, time.Minute, "the sandbox is still there", func() bool { return len(l.Sandboxes("f")) == 0 })
	}
}

func TestWithAFrozenClockTheDeadlineWaitsToo(t *testing.T) {
	l := startWith(t, lambda.Options{FrozenClock: true})
	for _, name := range []string{"f", "other"} {
		deploy(t, l, lambda.Function{Name: name, Bootstrap: build(t, bootstrap), Timeout: 2 * time.Second})
	}
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	release := started()
	s := l.Sandboxes("f")[0]
	freeze(t, l, "f", s.ID)
	// An invocation that begins now and has as much time ends later than the frozen one would have.
	forever, _ := pipe(t)
	failure(t, request(t, l, "other", event("wait", forever)))
	thaw(t, l, "f", s.ID)
	release()
	if out := wait(); out.FunctionError != nil {
		t.Errorf("it answered %s", out.Payload)
	}
	// The rest of its time is still a limit.
	again, _ := pipe(t)
	if kind, _ := failure(t, request(t, l, "f", event("wait", again))); kind != "Sandbox.Timedout" {
		t.Errorf("afterwards an invocation without an end got %s", kind)
	}
}

func TestAnIdleSandboxThatIsFrozenKeepsItsEventUntilItIsThawed(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute})
	first := describe(t, l, "f")
	settled(t, l)
	s := l.Sandboxes("f")[0]
	freeze(t, l, "f", s.ID)
	wait := begin(t, l, "f", event("echo", "late"))
	eventually(t, time.Minute, "the event was not handed out", func() bool { return l.Sandboxes("f")[0].Busy })
	thaw(t, l, "f", s.ID)
	if out := wait(); string(out.Payload) != `{"text":"late"}` || s.PID != first.PID {
		t.Errorf("it answered %s", out.Payload)
	}
}

func TestAFrozenSandboxCanBeKilled(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute})
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	defer started()()
	s := l.Sandboxes("f")[0]
	if err := l.Thaw("f", s.ID); err == nil || !strings.Contains(err.Error(), "not frozen") {
		t.Errorf("to thaw what is not frozen: %v", err)
	}
	freeze(t, l, "f", s.ID)
	l.Kill("f", s.ID)
	if kind, message := failure(t, wait()); kind != "Runtime.ExitError" || !strings.Contains(message, "signal: killed") {
		t.Errorf("it failed with %s: %s", kind, message)
	}
	if err := l.Freeze("f", s.ID); !errors.Is(err, lambda.ErrNoSandbox) {
		t.Errorf("to freeze it afterwards: %v", err)
	}
}

func TestCloseEndsAlsoWhatIsFrozen(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: 1500 * time.Millisecond})
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	defer started()()
	s := l.Sandboxes("f")[0]
	freeze(t, l, "f", s.ID)
	failure(t, wait())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join("/proc", strconv.Itoa(s.PID))); err == nil {
		t.Errorf("process %d is still there", s.PID)
	}
}
