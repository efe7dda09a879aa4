package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"
)

// marks writes how far the run has come, and what it had cost by then. A nil *marks writes nothing. It is used from one
// goroutine at a time.
type marks struct {
	file  *os.File
	w     *bufio.Writer
	step  int64
	next  int64 // the number of records of the next mark
	start time.Time
	err   error
}

type mark struct {
	Mark    string `json:"mark"`
	Records int64  `json:"records"`
	CPU     int64  `json:"cpu_us"`
	Wall    int64  `json:"wall_ms"`
}

// newMarks returns nil without a path. start is when the process began.
func newMarks(path string, step int64, start time.Time) (*marks, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("BENCH_OUT: %w", err)
	}
	return &marks{file: f, w: bufio.NewWriter(f), step: step, start: start}, nil
}

// reached notes that n records are done.
func (m *marks) reached(n int64) {
	if m == nil || n == 0 || n < m.next {
		return
	}
	if m.next == 0 {
		m.write("first", n)
	} else {
		m.write("mark", n)
	}
	m.next = (n/m.step + 1) * m.step
}

// done notes the end.
func (m *marks) done(n int64) {
	if m != nil {
		m.write("done", n)
	}
}

func (m *marks) write(name string, n int64) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	line := mark{Mark: name, Records: n, CPU: (u.Utime.Nano() + u.Stime.Nano()) / 1000, Wall: time.Since(m.start).Milliseconds()}
	if err == nil {
		err = json.NewEncoder(m.w).Encode(line)
	}
	if m.err == nil {
		m.err = err
	}
}

// close returns the first failure to write a mark.
func (m *marks) close() error {
	if m == nil {
		return nil
	}
	err := m.w.Flush()
	if m.err != nil {
		err = m.err
	}
	if closed := m.file.Close(); err == nil {
		err = closed
	}
	return err
}
