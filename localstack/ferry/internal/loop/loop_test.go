package loop_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/loop"
)

// passes is a coordinator that writes down when it was called, and does what a test tells it.
type passes struct {
	mu      sync.Mutex
	start   time.Time
	at      map[string][]time.Duration
	gone    map[string]bool
	running int
	most    int
	pass    func(ctx context.Context, name string) (time.Time, error)
}

func (p *passes) Pass(ctx context.Context, name string) (time.Time, error) {
	p.mu.Lock()
	p.at[name] = append(p.at[name], time.Since(p.start))
	p.running++
	p.most = max(p.most, p.running)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.running--
		p.mu.Unlock()
	}()
	if p.pass == nil {
		return time.Time{}, nil
	}
	return p.pass(ctx, name)
}

func (p *passes) Exists(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.gone[name]
}

func (p *passes) times(name string) []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Duration(nil), p.at[name]...)
}

// run calls scenario with a running loop, in virtual time, and checks that all goroutines end with the loop.
func run(t *testing.T, o loop.Options, p *passes, scenario func(t *testing.T, l *loop.Loop)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p.start, p.at = time.Now(), map[string][]time.Duration{}
		o.Pass, o.Exists, o.Log = p.Pass, p.Exists, slog.New(slog.DiscardHandler)
		l := loop.New(o)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { l.Run(ctx); close(ended) }()
		synctest.Wait()
		scenario(t, l)
		cancel()
		<-ended
	})
}

// after lets virtual time pass.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestAChangeLeadsToAPassAtOnce(t *testing.T) {
	p := &passes{}
	run(t, loop.Options{}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("a")
		synctest.Wait()
		if got := p.times("a"); len(got) != 1 || got[0] != 0 {
			t.Errorf("passes at %v, want one at once", got)
		}
	})
}

func TestManyTriggersDuringAPassLeadToOneMore(t *testing.T) {
	p := &passes{pass: func(ctx context.Context, _ string) (time.Time, error) {
		<-time.After(time.Second)
		return time.Time{}, ctx.Err()
	}}
	run(t, loop.Options{}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("a")
		after(100 * time.Millisecond)
		for range 50 {
			l.Trigger("a")
		}
		after(10 * time.Second)
		if got := p.times("a"); len(got) != 2 || got[1] != time.Second {
			t.Errorf("passes at %v, want two, the second when the first ended", got)
		}
	})
}

func TestAnInvocationThatLeftNothingIsFollowedAfterTheIdleTime(t *testing.T) {
	p := &passes{}
	run(t, loop.Options{Idle: time.Second}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("a")
		after(time.Second)
		l.Ended("a")
		l.Ended("a") // of another task
		after(3 * time.Second)
		got := p.times("a")
		if len(got) != 2 || got[1] < 1800*time.Millisecond || got[1] > 2200*time.Millisecond {
			t.Errorf("passes at %v, want the second about a second after the end", got)
		}
	})
}

func TestAPassSaysWhenTheNextIsDue(t *testing.T) {
	p := &passes{}
	p.pass = func(context.Context, string) (time.Time, error) {
		if len(p.times("a")) == 1 {
			return time.Now().Add(7 * time.Second), nil
		}
		return time.Time{}, nil
	}
	run(t, loop.Options{Watchdog: time.Minute}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("a")
		after(50 * time.Second)
		if got := p.times("a"); len(got) != 2 || got[1] != 7*time.Second {
			t.Errorf("passes at %v, want the second after 7s", got)
		}
	})
}

func TestALostEventOnlyDelays(t *testing.T) {
	p := &passes{}
	run(t, loop.Options{Watchdog: 30 * time.Second}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("a")
		after(31 * time.Second)
		if got := p.times("a"); len(got) != 2 || got[1] != 30*time.Second {
			t.Errorf("passes at %v, want the second after 30s", got)
		}
	})
}

func TestAFailedPassIsTriedAgainEverLater(t *testing.T) {
	p := &passes{pass: func(context.Context, string) (time.Time, error) {
		return time.Time{}, errors.New("the broker is away")
	}}
	run(t, loop.Options{}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("a")
		after(5 * time.Minute)
		got := p.times("a")
		if len(got) < 12 || len(got) > 24 {
			t.Fatalf("%d passes in five minutes, want a few: %v", len(got), got)
		}
		for i := 2; i < len(got); i++ {
			if gap := got[i] - got[i-1]; gap > 36*time.Second {
				t.Errorf("waited %v before pass %d, want at most 36s", gap, i)
			}
		}
	})
}

func TestASlowConnectorHoldsUpNoOther(t *testing.T) {
	p := &passes{pass: func(_ context.Context, name string) (time.Time, error) {
		if name == "slow" {
			<-time.After(time.Hour)
		}
		return time.Time{}, nil
	}}
	run(t, loop.Options{}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("slow")
		synctest.Wait()
		l.Trigger("quick")
		synctest.Wait()
		if got := p.times("quick"); len(got) != 1 {
			t.Errorf("quick had passes at %v, want one at once", got)
		}
		after(2 * time.Hour)
	})
}

func TestPassesAreBounded(t *testing.T) {
	p := &passes{pass: func(context.Context, string) (time.Time, error) {
		<-time.After(time.Second)
		return time.Time{}, nil
	}}
	run(t, loop.Options{Concurrency: 3}, p, func(t *testing.T, l *loop.Loop) {
		for i := range 20 {
			l.Trigger(fmt.Sprint(i))
		}
		after(10 * time.Second)
		if p.most != 3 {
			t.Errorf("up to %d passes ran at once, want 3", p.most)
		}
	})
}

func TestAConnectorThatIsGoneIsForgottenAndMayComeBack(t *testing.T) {
	p := &passes{gone: map[string]bool{"a": true}}
	run(t, loop.Options{Watchdog: time.Second}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("a")
		after(time.Minute)
		if got := p.times("a"); len(got) != 1 {
			t.Fatalf("passes at %v, want none after the connector was retired", got)
		}
		p.mu.Lock()
		p.gone["a"] = false
		p.mu.Unlock()
		l.Trigger("a")
		after(1500 * time.Millisecond)
		if got := p.times("a"); len(got) != 3 {
			t.Errorf("passes at %v, want two more after it came back", got)
		}
	})
}

func TestAwaitReturnsAfterAPassThatBeganLater(t *testing.T) {
	p := &passes{pass: func(context.Context, string) (time.Time, error) {
		<-time.After(time.Second)
		return time.Time{}, nil
	}}
	run(t, loop.Options{}, p, func(t *testing.T, l *loop.Loop) {
		l.Trigger("a")
		after(500 * time.Millisecond)
		if err := l.Await(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(p.start); waited != 2*time.Second {
			t.Errorf("returned after %v, want 2s: the pass that ran already did not count", waited)
		}
	})
}

func TestAwaitEndsWithItsContextAndWithTheLoop(t *testing.T) {
	p := &passes{pass: func(ctx context.Context, _ string) (time.Time, error) {
		<-ctx.Done()
		return time.Time{}, ctx.Err()
	}}
	var l *loop.Loop
	waiting := make(chan error, 1)
	run(t, loop.Options{}, p, func(t *testing.T, running *loop.Loop) {
		l = running
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Await(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v, want the context's", err)
		}
		outside := context.WithoutCancel(t.Context())
		go func() { waiting <- l.Await(outside, "a") }()
		synctest.Wait()
	})
	if err := <-waiting; err != nil {
		t.Errorf("a waiter got %v when the loop ended", err)
	}
	if err := l.Await(t.Context(), "a"); !errors.Is(err, loop.ErrClosed) {
		t.Errorf("error is %v, want ErrClosed", err)
	}
}
