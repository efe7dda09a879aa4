package task

import (
	"maps"
	"sync"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/functions/engine"
)

// sessions are what this process keeps of tasks between their invocations: of the few that ran last, since each holds
// connections to brokers. The zero value keeps none.
type sessions struct {
	limit int

	mu   sync.Mutex
	kept []keptSession // that of the last invocation at the end
}

// keptSession is a session, and what must not have changed for it to be used again.
type keptSession struct {
	held               lease.Held
	config, taskConfig map[string]string // with secrets: a client may have been configured with them
	session            *engine.Session
}

// take returns the session of the invocation before, if nobody else can have held the lease since: its epoch is the next,
// its generation the same, and the holder before released. Otherwise it returns a new one.
func (s *sessions) take(held lease.Held, w *work) *engine.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, k := range s.kept {
		if k.held.Key != held.Key {
			continue
		}
		s.kept = append(s.kept[:i], s.kept[i+1:]...)
		if held.Epoch == k.held.Epoch+1 && held.Generation == k.held.Generation && !held.TakenOver &&
			maps.Equal(k.config, w.config) && maps.Equal(k.taskConfig, w.taskConfig) {
			return k.session
		}
		k.session.Close()
		break
	}
	return new(engine.Session)
}

// keep stores the session of an invocation that ended, and closes the oldest of too many.
func (s *sessions) keep(held lease.Held, w *work, session *engine.Session) {
	if !session.Open() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, keptSession{held, w.config, w.taskConfig, session})
	for len(s.kept) > s.limit {
		s.kept[0].session.Close()
		s.kept = append(s.kept[:0], s.kept[1:]...)
	}
}

// close closes all of them.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.kept {
		k.session.Close()
	}
	s.kept = nil
}
