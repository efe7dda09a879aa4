package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// cellBytes is the memory of the smallest Lambda function.
const cellBytes = 128 << 20

// memory runs the engine in a process of its own inside a memory cgroup of 128 MiB, against topics that are hard on memory:
// 50 partitions, zstd, small and large records; and a source of large records. The peak counts; being killed fails.
func memory(ctx context.Context, b *broker) ([]row, error) {
	r := row{Metric: "peak memory in a 128 MB limit", Unit: " MB", Gate: 96, Goal: 64}
	group, err := newCell()
	if err != nil {
		r.Skipped = "no memory cgroup can be made here: " + err.Error()
		return []row{r}, nil
	}
	defer os.Remove(group) //nolint:errcheck // an empty control group
	var detail []string
	for _, c := range []struct {
		topic   string
		size, n int
	}{{"cell-small", 200, 500_000}, {"cell-large", 100_000, 3_000}} {
		value := compressible(c.size)
		if err := b.fill(ctx, c.topic, 50, c.n, kgo.ZstdCompression(), func(uint64) []byte { return value }); err != nil {
			return nil, err
		}
		peak, err := runCell(ctx, group, b.addr, c.topic, c.n)
		if err != nil {
			return nil, fmt.Errorf("sink of %s in the cell: %w", c.topic, err)
		}
		r.Value = max(r.Value, peak)
		detail = append(detail, fmt.Sprintf("50 partitions zstd of %d B: %.0f", c.size, peak))
	}
	r.Detail = strings.Join(detail, ", ")
	return []row{r}, nil
}

// compressible returns a value that zstd makes about ten times smaller.
func compressible(size int) []byte {
	value := make([]byte, size)
	for i := range value {
		value[i] = byte('a' + i*i%7)
		if i%10 == 0 {
			value[i] = byte(i * 7919 >> 3)
		}
	}
	return value
}

// newCell makes a memory control group of 128 MiB, of either version.
func newCell() (string, error) {
	for _, c := range []struct{ root, limit string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"},
	} {
		group := filepath.Join(c.root, "ferry-bench-"+strconv.Itoa(os.Getpid()))
		if err := os.Mkdir(group, 0o755); err != nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(group, c.limit), []byte(strconv.Itoa(cellBytes)), 0o644); err == nil {
			return group, nil
		}
		_ = os.Remove(group)
	}
	return "", fmt.Errorf("/sys/fs/cgroup is not writable")
}

// runCell runs this program's cell command inside the group and returns its peak in MB.
func runCell(ctx context.Context, group, addr, topic string, n int) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "cell", group, addr, topic, strconv.Itoa(n))
	cmd.Env = append(os.Environ(), "GOMEMLIMIT="+strconv.Itoa(cellBytes*3/4))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return 0, err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, fmt.Errorf("this system does not account for a process's memory")
	}
	return float64(usage.Maxrss) / 1024, nil
}

// serveCell is the process inside the cell: it enters the group and runs the sink.
func serveCell(registry *connect.Registry, group, addr, topic string, n int) error {
	if err := os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		return fmt.Errorf("enter the control group: %w", err)
	}
	b := &broker{addr: addr}
	task, err := newTask(registry, b.seeds(), "bench.NullSink", bytesWorkload)
	if err != nil {
		return err
	}
	task.Connector, task.TransactionalID = topic, topic
	task.Config["topics"] = topic
	task.Budget.MemoryBytes, task.Budget.BatchRecords = cellBytes, 0
	return runTask(task, n)
}
