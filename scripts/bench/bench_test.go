package main

import (
	"os"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/scripts/bench/benchconn"
)

// TestMain lets the test binary be the broker process too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "broker" {
		if err := run(os.Args[1:]); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// BenchmarkThroughput runs what make bench compares, one contender at a time, for go test's profiles.
func BenchmarkThroughput(b *testing.B) {
	const n = 1 << 18
	registry, err := benchconn.Registry()
	if err != nil {
		b.Fatal(err)
	}
	for _, w := range []workload{bytesWorkload, jsonWorkload, jsonsWorkload} {
		values, err := encoded(registry, w, 2*transactionRecords)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(w.name, func(b *testing.B) {
			keep, forget := testBroker(b, false), testBroker(b, true)
			if err := keep.fill(b.Context(), "sink", 1, n, kgo.NoCompression(), func(i uint64) []byte { return values[i%uint64(len(values))] }); err != nil {
				b.Fatal(err)
			}
			for _, c := range []contender{
				{"source/engine", n, engineReplay(forget, registry, w)},
				{"source/made", n, engineSource(forget, registry, w)},
				{"source/raw", n, rawSource(forget, values)},
				{"sink/engine", n, engineSink(keep, registry, w, "sink")},
				{"sink/raw", n, rawSink(keep, "sink")},
			} {
				b.Run(c.name, func(b *testing.B) {
					start := cpuTime()
					for b.Loop() {
						if err := c.run(c.n); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(cpuTime()-start)/float64(b.N*c.n), "cpu-ns/record")
				})
			}
		})
	}
}

func testBroker(b *testing.B, forget bool) *broker {
	b.Helper()
	br, err := startBroker(b.Context(), forget)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(br.close)
	return br
}
