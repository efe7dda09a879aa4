package lambda

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// stopTime bounds how long the threads of a process may take to stop. They stop when the kernel next looks at them, which is at
// once unless the machine is in trouble.
const stopTime = 10 * time.Second

// Freeze stops a sandbox's processes with SIGSTOP, as they stand, and returns when no thread of its process runs any more.
// What its process has sent by then has been sent. A sandbox that is frozen already stays so.
//
// The time limit of its invocation runs on, unless Options.FrozenClock: at the deadline the caller gets its timeout, but the
// sandbox is not killed, which is what a host does that stalls and comes back. After Thaw it is a zombie, whose answer is
// discarded: it is killed when it gives one, when it asks for another event, or when it has had the function's timeout once
// more.
//
// An idle sandbox can be frozen too: the next event may go to it, and waits.
func (l *Lambda) Freeze(name, id string) error {
	if _, err := os.Stat("/proc/self/task"); err != nil {
		return fmt.Errorf("freeze a sandbox: only Linux tells whether it has stopped: %w", err)
	}
	s, err := l.sandbox(name, id)
	if err == nil {
		err = s.freeze()
	}
	if err == nil {
		err = s.stopped()
	}
	if err != nil {
		return fmt.Errorf("freeze sandbox %s of %s: %w", id, name, err)
	}
	return nil
}

// Thaw continues a frozen sandbox with SIGCONT. It fails when the sandbox is gone or is not frozen.
func (l *Lambda) Thaw(name, id string) error {
	s, err := l.sandbox(name, id)
	if err == nil {
		err = s.thaw()
	}
	if err != nil {
		return fmt.Errorf("thaw sandbox %s of %s: %w", id, name, err)
	}
	return nil
}

// clock is the time limit of what a sandbox does now: of its start, then of its invocation. The sandbox's mu guards it.
type clock struct {
	timer *time.Timer // nil when there is no limit
	due   time.Time
	left  time.Duration // while it stands still
}

// limit starts a time limit; unlimit ends it.
func (s *sandbox) limit(d time.Duration) *time.Timer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = clock{timer: time.NewTimer(d), due: time.Now().Add(d), left: d}
	if s.frozen && s.function.lambda.opts.FrozenClock {
		s.timer.Stop()
	}
	return s.timer
}

func (s *sandbox) unlimit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Stop()
	s.clock = clock{}
}

// freeze decides against the deadline under one lock with expire: either the process was killed at its deadline, and freeze
// fails, or it is stopped, and the deadline finds it so.
func (s *sandbox) freeze() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cmd == nil:
		return errors.New("its process has not started yet")
	case s.killed || s.ended:
		return errors.New("its process has ended")
	case s.frozen:
		return nil
	}
	if err := s.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	s.frozen = true
	if s.function.lambda.opts.FrozenClock && s.timer != nil {
		s.timer.Stop()
		s.left = time.Until(s.due)
	}
	return nil
}

func (s *sandbox) thaw() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.killed || s.ended:
		return errors.New("its process has ended")
	case !s.frozen:
		return errors.New("it is not frozen")
	}
	s.frozen = false
	if s.function.lambda.opts.FrozenClock && s.timer != nil {
		s.timer.Reset(s.left)
		s.due = time.Now().Add(s.left)
	}
	if s.zombie {
		s.function.lambda.wg.Go(s.lastCall)
	}
	return s.signal(syscall.SIGCONT)
}

// lastCall kills a zombie that has had its time a second time, unless it is frozen again: the next Thaw gives it another.
func (s *sandbox) lastCall() {
	timer := time.NewTimer(s.function.Timeout)
	defer timer.Stop()
	select {
	case <-timer.C:
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.frozen {
			s.end()
		}
	case <-s.gone:
	}
}

// expire ends an invocation whose time is up: its process is killed, or it is frozen and outlives it. It reports false when
// the time is not up after all, because the clock was stopped before its last tick was heard.
func (s *sandbox) expire(inv *invocation, format string, args ...any) bool {
	s.mu.Lock()
	if s.frozen && s.function.lambda.opts.FrozenClock {
		s.mu.Unlock()
		return false
	}
	zombie := s.frozen
	if s.zombie = zombie; !zombie {
		s.endGently()
	}
	s.mu.Unlock()
	if zombie {
		s.function.pool.abandon(s) // first: a caller that tries again at once finds room
	}
	inv.finish(s.withTail(inv, inv.functionError("Sandbox.Timedout", format, args...)))
	if !zombie {
		<-s.gone
	}
	return true
}

// state says whether the sandbox is frozen, and whether it outlives its invocation.
func (s *sandbox) state() (frozen, zombie bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frozen, s.zombie
}

// stopped waits until all threads of the process have stopped.
func (s *sandbox) stopped() error {
	patience := time.NewTimer(stopTime)
	defer patience.Stop()
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for {
		all, err := threadsStopped(s.pid())
		if err != nil || all {
			return err
		}
		select {
		case <-tick.C:
		case <-s.gone:
			return errors.New("its process ended before it stopped")
		case <-patience.C:
			return fmt.Errorf("its process still runs %v after SIGSTOP", stopTime)
		}
	}
}

// threadsStopped reads the states of a process's threads. Each has a line "id (name) state …"; the name may contain anything.
func threadsStopped(pid int) (bool, error) {
	folder := filepath.Join("/proc", strconv.Itoa(pid), "task")
	threads, err := os.ReadDir(folder)
	if err != nil {
		return false, err
	}
	for _, thread := range threads {
		text, err := os.ReadFile(filepath.Join(folder, thread.Name(), "stat"))
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // the thread has ended
		}
		if err != nil {
			return false, err
		}
		if i := bytes.LastIndexByte(text, ')'); i < 0 || i+2 >= len(text) || text[i+2] != 'T' {
			return false, nil
		}
	}
	return true, nil
}
