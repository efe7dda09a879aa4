package lambda

import (
	"fmt"

	"github.com/ferry-connect/ferry/localstack/lambda/cell"
)

// MemoryEnforced says whether sandboxes are limited to their function's memory. Where this machine lets nobody make memory
// control groups they are not, and their REPORT lines have no Max Memory Used.
func (l *Lambda) MemoryEnforced() bool { return l.cells }

// enforceMemory finds out whether sandboxes can be limited.
func (l *Lambda) enforceMemory() {
	cell.Sweep()
	c, err := cell.New(newUUID(), 128<<20)
	l.cells = err == nil && c.Close() == nil
}

// confine puts the process, which has only just begun, into a cell of its own. The caller holds mu.
func (s *sandbox) confine() error {
	if !s.function.lambda.cells {
		return nil
	}
	c, err := cell.New(s.id, int64(s.function.Memory)<<20)
	if err != nil {
		return err
	}
	s.cell = c
	return c.Enter(s.cmd.Process.Pid)
}

// remember keeps the peak of a process that has ended. The caller holds mu.
func (s *sandbox) remember() {
	if s.cell != nil {
		s.peak, _ = s.cell.Peak() // a figure of a report
	}
}

// release removes the cell of a process that has ended.
func (s *sandbox) release() {
	if s.cell != nil {
		_ = s.cell.Close() // an empty one that is left, the next service sweeps
	}
}

// memoryUsed is the part of the REPORT line that is known where memory is limited.
func (s *sandbox) memoryUsed() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cell == nil {
		return ""
	}
	peak := s.peak
	if !s.ended {
		peak, _ = s.cell.Peak()
	}
	// The kernel counts in batches, so the peak may be a little above the limit.
	return fmt.Sprintf("\tMax Memory Used: %d MB", min((peak+1<<20-1)>>20, int64(s.function.Memory)))
}
