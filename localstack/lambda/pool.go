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
	zombies []*sandbox // frozen at their deadline: they are not counted, and get no event
	retired bool       // the function was replaced
	closed  bool       // nothing runs any more
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
		s.shutdown()
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
	p.all, p.idle, p.zombies = slices.DeleteFunc(p.all, same), slices.DeleteFunc(p.idle, same), slices.DeleteFunc(p.zombies, same)
	p.notify()
}

// abandon forgets a sandbox that outlives its invocation, as far as events and concurrency go.
func (p *pool) abandon(s *sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := slices.Index(p.all, s)
	if n < 0 { // its process was killed meanwhile
		return
	}
	p.all, p.zombies = slices.Delete(p.all, n, n+1), append(p.zombies, s)
	p.notify()
}

func (p *pool) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// retire shuts down what is idle now, and the rest when it becomes idle.
func (p *pool) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
	for _, s := range p.idle {
		s.shutdown()
	}
}

// close shuts down what is idle and kills the rest.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired, p.closed = true, true
	for _, s := range p.idle {
		s.shutdown()
	}
	for _, s := range slices.Concat(p.all, p.zombies) {
		if !slices.Contains(p.idle, s) {
			s.kill()
		}
	}
}

func (p *pool) list() []Sandbox {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Sandbox
	for _, s := range slices.Concat(p.all, p.zombies) {
		if pid := s.pid(); pid > 0 {
			d := Sandbox{ID: s.id, PID: pid, Busy: !slices.Contains(p.idle, s)}
			d.Frozen, d.Zombie = s.state()
			list = append(list, d)
		}
	}
	return list
}

// find returns the sandbox of that id, nil if there is none.
func (p *pool) find(id string) *sandbox {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range slices.Concat(p.all, p.zombies) {
		if s.id == id {
			return s
		}
	}
	return nil
}
