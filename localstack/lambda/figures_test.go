package lambda_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/functions/engine"
)

// cpu is how long the threads of a process have run. It knows nothing of those that have ended, which a Go program has few of.
func cpu(b *testing.B, pid int) time.Duration {
	b.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		b.Skipf("this machine does not tell how long process %d ran: %v", pid, err)
	}
	var total time.Duration
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		var ran int64
		if _, err := fmt.Sscan(string(text), &ran); err != nil {
			b.Fatal(err)
		}
		total += time.Duration(ran)
	}
	return total
}

// idleTask deploys a source that has nothing to do, and returns a function that invokes it once.
func idleTask(b *testing.B) (d *deployment, run func() engine.Facts) {
	d = newDeployment(b)
	if status, body := d.rest("GET", "/connectors", nil); status != 200 { // it creates the internal topics
		b.Fatalf("%d %s", status, body)
	}
	path := filepath.Join(b.TempDir(), "empty")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := lease.New(d.table, lease.Options{}).Raise(b.Context(), "idle", 1, 1); err != nil {
		b.Fatal(err)
	}
	config := map[string]string{"connector.class": fileSource, "file": path, "topic": "lines"}
	req := invoke.Request{Op: invoke.OpRun, Connector: "idle", Config: config, TaskConfig: config, Tasks: 1, Generation: 1}
	return d, func() engine.Facts {
		var resp invoke.Response
		if err := json.Unmarshal(d.call("ferry-file", req), &resp); err != nil || resp.Error != nil {
			b.Fatalf("%+v, %v", resp.Error, err)
		}
		var facts engine.Facts
		if err := json.Unmarshal(resp.Facts, &facts); err != nil || facts.EmptyPolls != 1 {
			b.Fatalf("%s, %v", resp.Facts, err)
		}
		settled(b, d.lambda)
		return facts
	}
}

// BenchmarkColdStart starts a task function for each invocation and lets it find nothing to do.
func BenchmarkColdStart(b *testing.B) {
	d, run := idleTask(b)
	var toPoll, spent time.Duration
	for b.Loop() {
		for _, s := range d.lambda.Sandboxes("ferry-file") {
			d.lambda.Kill("ferry-file", s.ID)
		}
		began := time.Now()
		toPoll += run().PolledAt.Sub(began)
		spent += cpu(b, d.lambda.Sandboxes("ferry-file")[0].PID)
	}
	b.ReportMetric(float64(toPoll.Microseconds())/1e3/float64(b.N), "ms-to-first-poll/op")
	b.ReportMetric(float64(spent.Microseconds())/1e3/float64(b.N), "cpu-ms/op")
}

// BenchmarkEmptyInvocation invokes a warm task function that finds nothing to do.
func BenchmarkEmptyInvocation(b *testing.B) {
	d, run := idleTask(b)
	run()
	pid := d.lambda.Sandboxes("ferry-file")[0].PID
	d.tasks.take(b)
	before := cpu(b, pid)
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64((cpu(b, pid)-before).Microseconds())/1e3/float64(b.N), "cpu-ms/op")
	reads, writes := d.tasks.take(b)
	b.ReportMetric(float64(reads)/float64(b.N), "dynamodb-reads/op")
	b.ReportMetric(float64(writes)/float64(b.N), "dynamodb-writes/op")
}
