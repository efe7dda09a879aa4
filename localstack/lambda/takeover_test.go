package lambda_test

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

// BenchmarkTakeOver kills a task in the middle of its work, with leases of four seconds that are renewed, and measures how
// long it takes until another invocation has committed something. A pass is made five times a second, as the local
// command makes one when a lease ends; on Lambda it comes with the schedule.
func BenchmarkTakeOver(b *testing.B) {
	d := newDeployment(b)
	env := d.environment(d.tasks.url)
	env["FERRY_LEASE_SECONDS"] = "4"
	deploy(b, d.lambda, lambda.Function{
		Name: "ferry-file", Bootstrap: build(b, "github.com/ferry-connect/ferry/functions/task/file"), Timeout: time.Minute, Memory: 512, Env: env,
	})
	var total, late time.Duration
	n := 0
	for b.Loop() {
		topic := []string{"a", "b", "c"}[n%3] // of a connector of its own: three crashes in a row are no accident
		n++
		path := filepath.Join(b.TempDir(), "in.txt")
		appendLines(b, path, numbered(topic, 0, 1_000_000))
		config := detour(400)
		maps.Copy(config, map[string]string{"connector.class": fileSource, "file": path, "topic": topic})
		begin := d.committed(topic)
		d.create(topic, config)
		d.awaitCommitted(b, topic, begin+1)
		held := d.item(topic)
		busy := slices.DeleteFunc(d.lambda.Sandboxes("ferry-file"), func(s lambda.Sandbox) bool { return !s.Busy })
		if len(busy) != 1 || !d.lambda.Kill("ferry-file", busy[0].ID) {
			b.Fatalf("%d tasks were at work", len(busy))
		}
		killed, before := time.Now(), d.committed(topic)
		d.awaitCommitted(b, topic, before+1)
		total, late = max(total, time.Since(killed)), max(late, time.Since(held.Until))
		if status, answer := d.rest("DELETE", "/connectors/"+topic, nil); status != 204 {
			b.Fatalf("%d %s", status, answer)
		}
		settled(b, d.lambda)
	}
	b.ReportMetric(total.Seconds(), "worst-s")
	b.ReportMetric(late.Seconds(), "worst-s-after-lease")
}

// awaitCommitted makes passes until a topic has so many committed records.
func (d *deployment) awaitCommitted(b *testing.B, topic string, records int64) {
	b.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(time.Minute); d.committed(topic) < records; {
		if time.Now().After(limit) {
			b.Fatalf("%s has %d committed records", topic, d.committed(topic))
		}
		d.call("ferry-coordinator", map[string]string{"connector": topic})
		<-tick.C
	}
}

// BenchmarkHandOver moves a backlog by a chain of invocations, and measures the longest time without a record: no hand-over took longer.
func BenchmarkHandOver(b *testing.B) {
	d := newDeployment(b)
	var worst time.Duration
	hops, n := int64(0), 0
	for b.Loop() {
		topic := []string{"a", "b", "c"}[n%3]
		n++
		path := filepath.Join(b.TempDir(), "in.txt")
		appendLines(b, path, numbered(topic, 0, 1_000_000))
		config := detour(400)
		maps.Copy(config, map[string]string{"connector.class": fileSource, "file": path, "topic": topic})
		d.create(topic, config)
		settled(b, d.lambda)
		hops += d.item(topic).Epoch - 1
		_, gap := d.readWithGap(topic)
		worst = max(worst, gap)
	}
	if hops == 0 {
		b.Fatal("nothing was handed over")
	}
	b.ReportMetric(worst.Seconds(), "worst-s")
	b.ReportMetric(float64(hops)/float64(n), "hops/op")
}
