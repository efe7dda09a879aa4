package lambda

import (
	"slices"
	"sync"
)

// pool is the sandboxes of one function.
type pool struct {
	function *function

	mu      sync.Mutex
	all     []*sandbox
	idle    []*sandbox // the one used last at the end
	changed chan struct{}
	retired bool // the function was replaced
	closed  bool // nothing runs any more
}

// acquire takes the sandbox that was used last, or one that has still to be started. It is nil when the function is
// throttled; freed is closed when that may have changed.
func (p *pool) acquire() (s *sandbox, freed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, p.changed
	}
	if n := len(p.idle); n > 0 {
		s, p.idle = p.idle[n-1], p.idle[:n-1]
		return s, nil
	}
	if limit := p.function.Concurrency; limit > 0 && len(p.all) >= limit {
		return nil, p.changed
	}
	s = newSandbox(p.function)
	p.all = append(p.all, s)
	return s, nil
}

// release gives a sandbox back that waits for the next event.
func (p *pool) release(s *sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired || !slices.Contains(p.all, s) { // the process may have ended meanwhile
		s.kill()
		return
	}
	p.idle = append(p.idle, s)
	p.notify()
}

// remove forgets a sandbox whose process is gone.
func (p *pool) remove(s *sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	same := func(other *sandbox) bool { return other == s }
	p.all, p.idle = slices.DeleteFunc(p.all, same), slices.DeleteFunc(p.idle, same)
	p.notify()
}

func (p *pool) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// retire kills what is idle now, and the rest when it becomes idle.
func (p *pool) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
	for _, s := range p.idle {
		s.kill()
	}
}

// close kills all.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired, p.closed = true, true
	for _, s := range p.all {
		s.kill()
	}
}

func (p *pool) list() []Sandbox {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Sandbox
	for _, s := range p.all {
		if pid := s.pid(); pid > 0 {
			list = append(list, Sandbox{ID: s.id, PID: pid, Busy: !slices.Contains(p.idle, s)})
		}
	}
	return list
}

func (p *pool) kill(id string) bool {
	p.mu.Lock()
	i := slices.IndexFunc(p.all, func(s *sandbox) bool { return s.id == id })
	if i < 0 {
		p.mu.Unlock()
		return false
	}
	s := p.all[i]
	p.mu.Unlock()
	s.kill()
	<-s.gone
	return true
}
