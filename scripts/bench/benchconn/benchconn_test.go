package benchconn

import (
	"bytes"
	"context"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

func TestBenchSourceConformance(t *testing.T) {
	for _, kind := range []string{kindBytes, kindRecord} {
		t.Run(kind, func(t *testing.T) {
			seeded := make(map[string]*atomic.Int64)
			class := *Classes(nil)[0]
			newSource := class.Source
			class.Source = func() connect.Source { return &limited{newSource().(*Source), seeded} }
			connecttest.Source(t, connecttest.SourceHarness{
				Class: &class,
				Config: func(testing.TB) map[string]string {
					topic := "t" + strconv.Itoa(len(seeded))
					seeded[topic] = new(atomic.Int64)
					return map[string]string{"topic": topic, "bench.kind": kind, "bench.n": "0"}
				},
				Seed: func(_ testing.TB, config map[string]string, n int) int {
					seeded[config["topic"]].Add(int64(n))
					return n
				},
			})
		})
	}
}

// limited has as many records as were seeded.
type limited struct {
	*Source
	seeded map[string]*atomic.Int64
}

func (l *limited) Poll(ctx context.Context, b *connect.Batch) error {
	l.count = l.seeded[l.topic].Load()
	return l.Source.Poll(ctx, b)
}

type noOffset struct{}

func (noOffset) Offset(context.Context, *connect.SourcePartition) (connect.Value, error) {
	return connect.Null(), nil
}

func TestBenchSourceMakesTheRecordsOfTheProtocol(t *testing.T) {
	s := Classes(nil)[0].Source()
	config := map[string]string{"topic": "t", "bench.kind": "bytes", "bench.n": "1500", "bench.batch": "1000"}
	if err := s.Open(t.Context(), &connect.SourceRuntime{Config: config, Offsets: noOffset{}}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, want := range []int{1000, 500, 0} {
		b := connect.NewBatch(10_000, 1<<30)
		if err := s.Poll(t.Context(), b); err != nil || b.Len() != want {
			t.Fatalf("%d records, want %d, %v", b.Len(), want, err)
		}
		for _, r := range b.Records() {
			if !bytes.Equal(r.Value.Bytes(), records.AppendBytes(nil, uint64(n))) || !r.Key.IsNull() {
				t.Fatalf("record %d is %x", n, r.Value.Bytes())
			}
			n++
		}
	}
}

func TestNullSinkCounts(t *testing.T) {
	var put atomic.Int64
	s := Classes(&put)[1].Sink()
	b := connect.NewBatch(10, 1000)
	b.Append()
	b.Append()
	for range 2 {
		if err := s.Put(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if put.Load() != 4 {
		t.Fatalf("counted %d", put.Load())
	}
}

func TestBenchSourceDoesNotAllocate(t *testing.T) {
	for _, kind := range []string{kindBytes, kindRecord} {
		s := Classes(nil)[0].Source()
		config := map[string]string{"topic": "t", "bench.kind": kind}
		if err := s.Open(t.Context(), &connect.SourceRuntime{Config: config, Offsets: noOffset{}}); err != nil {
			t.Fatal(err)
		}
		b := connect.NewBatch(1000, 1<<30)
		if n := testing.AllocsPerRun(20, func() {
			b.Reset()
			if err := s.Poll(t.Context(), b); err != nil || b.Len() != 1000 {
				t.Fatalf("%d records, %v", b.Len(), err)
			}
		}); n > 5 {
			t.Errorf("%s: %v allocations for 1000 records", kind, n)
		}
	}
}
