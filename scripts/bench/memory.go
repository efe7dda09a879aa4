package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/localstack/lambda/cell"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

// cellBytes is the memory of the smallest Lambda function.
const cellBytes = 128 << 20

// memory runs the engine in a process of its own inside a memory cgroup of 128 MiB, against topics that are hard on memory:
// 50 partitions, zstd, small and large records, with JSON and its schemas decoded or as bytes. The peak counts; being killed
// fails.
func memory(ctx context.Context, b *broker, registry *connect.Registry) ([]row, error) {
	r := row{Metric: "peak memory in a 128 MB limit", Unit: " MB", Gate: 96, Goal: 64}
	limited, err := cell.New("bench", cellBytes)
	if err != nil {
		r.Skipped = "no memory cgroup can be made here: " + err.Error()
		return []row{r}, nil
	}
	defer limited.Close()
	envelopes, err := encoded(registry, jsonsWorkload, 1<<16)
	if err != nil {
		return nil, err
	}
	var detail []string
	for _, c := range []struct {
		name  string
		n     int
		value func(i uint64) []byte
		kind  workload
	}{
		{"200 B", 500_000, func(i uint64) []byte { return records.NewRecord(i).AppendJSON(nil)[:200] }, bytesWorkload},
		{"JSON+schemas", 200_000, func(i uint64) []byte { return envelopes[i%uint64(len(envelopes))] }, jsonsWorkload},
		{"100 kB", 3_000, lines, bytesWorkload},
	} {
		topic := "cell-" + strconv.Itoa(len(detail))
		if err := b.fill(ctx, topic, 50, c.n, kgo.ZstdCompression(), c.value); err != nil {
			return nil, err
		}
		peak, err := runCell(ctx, limited.Path(), b.addr, topic, c.kind.name, c.n)
		if err != nil {
			return nil, fmt.Errorf("sink of %s in the cell: %w", c.name, err)
		}
		r.Value = max(r.Value, peak)
		detail = append(detail, fmt.Sprintf("%s: %.0f", c.name, peak))
	}
	r.Detail = "sinks of 50 partitions, zstd; " + strings.Join(detail, ", ")
	return []row{r}, nil
}

// lines returns 100 kB of JSON lines.
func lines(i uint64) []byte {
	const size = 100_000
	value := make([]byte, 0, size+1000)
	for j := i * 1000; len(value) < size; j++ {
		value = append(records.NewRecord(j).AppendJSON(value), '\n')
	}
	return value
}

// runCell runs this program's cell command inside the group and returns its peak in MB.
func runCell(ctx context.Context, group, addr, topic, kind string, n int) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "cell", group, addr, topic, kind, strconv.Itoa(n))
	cmd.Env = append(os.Environ(), "GOMEMLIMIT="+strconv.Itoa(cellBytes*3/4))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, err
	}
	kib, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return kib / 1024, err
}

// peakMemory returns the most resident memory this process ever had, in KiB. A parent cannot ask for it by wait4: there the
// child's peak begins with the parent's own.
func peakMemory() (string, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "", err
	}
	return peakIn(status)
}

// peakIn finds the peak in what /proc tells of a process, in KiB.
func peakIn(status []byte) (string, error) {
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), nil
		}
	}
	return "", fmt.Errorf("the status of the process has no VmHWM")
}

// serveCell is the process inside the cell: it enters the group, runs the sink and prints its peak.
func serveCell(registry *connect.Registry, group, addr, topic, kind string, n int) error {
	limited, err := cell.Open(group)
	if err == nil {
		err = limited.Enter(os.Getpid())
	}
	if err != nil {
		return err
	}
	b := &broker{addr: addr}
	w := bytesWorkload
	if kind == jsonsWorkload.name {
		w = jsonsWorkload
	}
	task, err := newTask(registry, b.seeds(), "bench.NullSink", w)
	if err != nil {
		return err
	}
	task.Connector, task.TransactionalID = topic, topic
	task.Config["topics"] = topic
	task.Budget.MemoryBytes, task.Budget.BatchRecords = cellBytes, 0
	if err := runTask(task, n); err != nil {
		return err
	}
	peak, err := peakMemory()
	fmt.Println(peak)
	return err
}
