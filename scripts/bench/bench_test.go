package main

import (
	"fmt"
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
	for _, w := range []workload{bytesWorkload, jsonWorkload, jsonsWorkload, chainWorkload()} {
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
				{name: "source/engine", n: n, run: engineReplay(forget, registry, w)},
				{name: "source/made", n: n, run: engineSource(forget, registry, w)},
				{name: "source/raw", n: n, run: rawSource(forget, values)},
				{name: "sink/engine", n: n, run: engineSink(keep, registry, w, "sink")},
				{name: "sink/raw", n: n, run: rawSink(keep, "sink")},
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

// BenchmarkPipeline is what make bench compares with benthos, for go test's profiles.
func BenchmarkPipeline(b *testing.B) {
	registry, err := benchconn.Registry()
	if err != nil {
		b.Fatal(err)
	}
	values, err := encoded(registry, jsonWorkload, transactionRecords)
	if err != nil {
		b.Fatal(err)
	}
	for n := range len(chainOfThree()) + 1 {
		b.Run(fmt.Sprint(n, " transforms"), func(b *testing.B) {
			p, err := newPipeline(registry, chainOfThree()[:n], values)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			if err := p.run(b.N); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkTransforms is the table of transforms, for go test's profiles.
func BenchmarkTransforms(b *testing.B) {
	registry, err := benchconn.Registry()
	if err != nil {
		b.Fatal(err)
	}
	inputs, err := newInputs()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range allCases() {
		for _, in := range c.inputs {
			b.Run(c.name+"/"+string(in), func(b *testing.B) {
				run, err := applied(registry, c.steps, inputs[in])
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				if err := run(b.N); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
