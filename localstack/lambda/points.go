package lambda

import (
	"net"
	"slices"
	"sync"
)

// points are the actions that wait for a process to reach a named point.
type points struct {
	mu    sync.Mutex
	armed []*action
}

type action struct {
	point    string
	function string
	do       func(function string, s Sandbox)
}

// At arms an action for the next time that a process of a function reaches a point; an empty function means any. It happens
// once, unless disarm came before. What a point is, whoever calls Reached decides. The action typically is Kill or Freeze; it
// may call all methods of Lambda.
func (l *Lambda) At(point, function string, do func(function string, s Sandbox)) (disarm func()) {
	a := &action{point: point, function: function, do: do}
	l.points.mu.Lock()
	defer l.points.mu.Unlock()
	l.points.armed = append(l.points.armed, a)
	return func() { l.points.disarm(a) }
}

// Reached says that the process whose TCP connection comes from addr has reached a point: an observer between it and a server
// calls this while it holds the bytes back that the process sent, or that it is to receive. It returns when the action that was
// armed for it has been carried out, and reports whether there was one. The error is SandboxOf's; nothing is looked up
// while nothing is armed for the point.
func (l *Lambda) Reached(point string, addr net.Addr) (bool, error) {
	if !l.points.waiting(point) {
		return false, nil
	}
	function, s, err := l.SandboxOf(addr)
	if err != nil {
		return false, err
	}
	a := l.points.take(point, function)
	if a == nil {
		return false, nil
	}
	a.do(function, s)
	return true, nil
}

func (p *points) waiting(point string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.armed, func(a *action) bool { return a.point == point })
}

// take returns the first action armed for a process of the function at the point, and disarms it.
func (p *points) take(point, function string) *action {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := slices.IndexFunc(p.armed, func(a *action) bool {
		return a.point == point && (a.function == "" || a.function == function)
	})
	if n < 0 {
		return nil
	}
	a := p.armed[n]
	p.armed = slices.Delete(p.armed, n, n+1)
	return a
}

func (p *points) disarm(a *action) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = slices.DeleteFunc(p.armed, func(other *action) bool { return other == a })
}
