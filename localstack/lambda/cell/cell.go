// Package cell limits the memory of processes with a control group of Linux, of version 1 or 2, where this process may make
// one. A process that uses more is killed by the kernel.
package cell

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// layout is where a version of control groups has what is needed here.
type layout struct {
	root  string
	limit string // of memory
	swap  string // the limit that keeps memory from being swapped out; it may be absent
	peak  string
}

func layouts() []layout {
	return []layout{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max_usage_in_bytes"},
		{"/sys/fs/cgroup", "memory.max", "memory.swap.max", "memory.peak"},
	}
}

// prefix begins the names of all cells. The id of the process that made one comes next, so that it can be told whether
// somebody still needs it.
const prefix = "ferry-"

// removeTime bounds how long Close waits for the kernel to let go of processes that have ended.
const removeTime = 2 * time.Second

// Cell is a control group.
type Cell struct {
	path string
	layout
}

// New makes a cell with a limit in bytes. The name must be this process's only one of that name. The error says why this
// machine has no cells.
func New(name string, limit int64) (*Cell, error) {
	var errs []error
	for _, l := range layouts() {
		c := &Cell{path: filepath.Join(l.root, prefix+strconv.Itoa(os.Getpid())+"-"+name), layout: l}
		if err := os.Mkdir(c.path, 0o755); err != nil {
			errs = append(errs, err)
			continue
		}
		if err := c.write(l.limit, limit); err != nil {
			errs = append(errs, err, os.Remove(c.path))
			continue
		}
		swap := int64(0) // of version 2; version 1 limits memory and swap together
		if l.root != "/sys/fs/cgroup" {
			swap = limit
		}
		_ = c.write(l.swap, swap) // a machine without swap may not have it
		return c, nil
	}
	return nil, fmt.Errorf("make a memory control group: %w", errors.Join(errs...))
}

// Open finds a cell that another process made, by its Path.
func Open(path string) (*Cell, error) {
	for _, l := range layouts() {
		if filepath.Dir(path) != l.root {
			continue
		}
		if _, err := os.Stat(filepath.Join(path, l.limit)); err != nil {
			return nil, fmt.Errorf("open a memory control group: %w", err)
		}
		return &Cell{path: path, layout: l}, nil
	}
	return nil, fmt.Errorf("open a memory control group: %s is in none of their folders", path)
}

func (c *Cell) write(file string, value int64) error {
	f, err := os.OpenFile(filepath.Join(c.path, file), os.O_WRONLY, 0) // never creates: a folder that is no control group has none
	if err != nil {
		return err
	}
	_, err = f.WriteString(strconv.FormatInt(value, 10))
	return errors.Join(err, f.Close())
}

// Path is where the cell is.
func (c *Cell) Path() string { return c.path }

// Enter puts a process into the cell. What it has used by then does not count; what it starts is in the cell too.
func (c *Cell) Enter(pid int) error {
	if err := c.write("cgroup.procs", int64(pid)); err != nil {
		return fmt.Errorf("enter a memory control group: %w", err)
	}
	return nil
}

// Peak is the most memory that was used at a time, in bytes, cached files included.
func (c *Cell) Peak() (int64, error) {
	text, err := os.ReadFile(filepath.Join(c.path, c.peak))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}

// Close removes the cell. Its processes must have ended.
func (c *Cell) Close() error {
	patience := time.NewTimer(removeTime)
	defer patience.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		err := os.Remove(c.path)
		if err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
		select {
		case <-tick.C:
		case <-patience.C:
			return fmt.Errorf("remove a memory control group: %w", err)
		}
	}
}

// Sweep removes the cells of processes that have ended without doing so.
func Sweep() {
	for _, l := range layouts() {
		all, err := filepath.Glob(filepath.Join(l.root, prefix+"*-*"))
		if err != nil {
			continue
		}
		for _, path := range all {
			pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), prefix), "-")
			if _, err := os.Stat(filepath.Join("/proc", pid)); errors.Is(err, os.ErrNotExist) {
				_ = os.Remove(path) // it may have processes still, or another sweeper was quicker
			}
		}
	}
}
