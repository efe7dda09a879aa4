package datagen

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

func TestSourceConformance(t *testing.T) {
	// Datagen has no place to put data in: here a task may make as many records as were seeded so far.
	made := make(map[string]*atomic.Int64)
	class := *Classes()[0]
	newSource := class.Source
	class.Source = func() connect.Source { return &limited{Source: newSource().(*Source), made: made} }
	connecttest.Source(t, connecttest.SourceHarness{
		Class: &class,
		Config: func(testing.TB) map[string]string {
			topic := "t" + strconv.Itoa(len(made))
			made[topic] = new(atomic.Int64)
			return map[string]string{"kafka.topic": topic, "quickstart": "orders", "max.interval": "0", "random.seed": "42"}
		},
		Seed: func(_ testing.TB, config map[string]string, n int) int {
			made[config["kafka.topic"]].Add(int64(n))
			return n
		},
	})
}

// limited makes no more records than were seeded.
type limited struct {
	*Source
	made map[string]*atomic.Int64
}

func (l *limited) Poll(ctx context.Context, b *connect.Batch) error {
	if l.iterations = l.made[l.topic].Load(); l.iterations == 0 {
		return nil
	}
	return l.Source.Poll(ctx, b)
}

type fixedOffset connect.Value

func (o fixedOffset) Offset(context.Context, *connect.SourcePartition) (connect.Value, error) {
	return connect.Value(o), nil
}

// open starts a task; from is its committed offset.
func open(t testing.TB, config map[string]string, from connect.Value) *Source {
	t.Helper()
	s := Classes()[0].Source().(*Source)
	rt := &connect.SourceRuntime{Config: config, Offsets: fixedOffset(from), Log: slog.New(slog.DiscardHandler)}
	if err := s.Open(t.Context(), rt); err != nil {
		t.Fatalf("open: %v", err)
	}
	return s
}

// take polls for n records and returns a batch that holds them.
func take(t testing.TB, s *Source, n int) *connect.Batch {
	t.Helper()
	b := connect.NewBatch(n, 1<<30)
	if err := s.Poll(t.Context(), b); err != nil {
		t.Fatalf("poll: %v", err)
	}
	return b
}

func values(b *connect.Batch) []string {
	texts := make([]string, b.Len())
	for i, r := range b.Records() {
		texts[i] = r.Value.String()
	}
	return texts
}

func fast(quickstart string) map[string]string {
	return map[string]string{"kafka.topic": "t", "quickstart": quickstart, "max.interval": "0", "random.seed": "7"}
}

func TestEveryQuickstartMakesValidRecords(t *testing.T) {
	for _, q := range quickstarts {
		t.Run(q.name, func(t *testing.T) {
			s := open(t, fast(q.name), connect.Null())
			distinct := make(map[string]bool)
			for _, r := range take(t, s, 200).Records() {
				if err := connect.ValidateValue("value", r.ValueSchema, r.Value); err != nil {
					t.Fatalf("%s: %v", r.Value, err)
				}
				if r.Key.IsNull() {
					t.Fatalf("no key: %s", r.Value)
				}
				if err := connect.ValidateValue("key", r.KeySchema, r.Key); err != nil {
					t.Fatalf("%s: %v", r.Key, err)
				}
				distinct[r.Value.String()] = true
			}
			if len(distinct) < 20 {
				t.Fatalf("200 records, but only %d different ones", len(distinct))
			}
		})
	}
}

func TestQuickstartNamesIgnoreCase(t *testing.T) {
	take(t, open(t, fast("USERS"), connect.Null()), 1)
}

func TestTheSameSeedMakesTheSameRecordsForEver(t *testing.T) {
	got := values(take(t, open(t, fast("users"), connect.Null()), 3))
	want := []string{
		"Struct{registertime=1687681865726,userid=User_4,regionid=Region_9,gender=MALE}",
		"Struct{registertime=1673761481391,userid=User_1,regionid=Region_3,gender=MALE}",
		"Struct{registertime=1681766398956,userid=User_5,regionid=Region_1,gender=MALE}",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("record %d: got %s, want %s", i, got[i], want[i])
		}
	}
}

func TestTasksAndSeedsDiffer(t *testing.T) {
	config := fast("users")
	seen := make(map[string]string)
	for _, seed := range []string{"7", "8", "-7"} {
		for _, task := range []string{"0", "1", "2"} {
			config["random.seed"], config["task.id"] = seed, task
			text := strings.Join(values(take(t, open(t, config, connect.Null()), 20)), "\n")
			if other, ok := seen[text]; ok {
				t.Errorf("seed %s task %s makes what %s makes", seed, task, other)
			}
			seen[text] = "seed " + seed + " task " + task
		}
	}
}

func TestATaskResumesWithTheRecordItWouldHaveMade(t *testing.T) {
	config := fast("pizza_orders")
	delete(config, "random.seed") // drawn at the first start, kept by the offset
	whole := take(t, open(t, config, connect.Null()), 50)
	want := values(whole)
	for n, r := range whole.Records() {
		rest := values(take(t, open(t, config, r.SourceOffset), 50-n))[:min(3, 50-n)]
		for i, got := range rest {
			if n+1+i < len(want) && got != want[n+1+i] {
				t.Fatalf("record %d after resuming behind %d: got %s, want %s", n+1+i, n, got, want[n+1+i])
			}
		}
	}
}

func TestOffsetPartitionAndHeadersAreThoseOfTheOriginal(t *testing.T) {
	config := fast("users")
	config["task.id"] = "3"
	first := take(t, open(t, config, connect.Null()), 5).Records()[4]
	if got, want := first.SourcePartition.Value().String(), "{task.id=3}"; got != want {
		t.Errorf("partition: got %s, want %s", got, want)
	}
	if got, want := first.SourceOffset.String(), "{task.generation=1, current.iteration=5, random.seed=7}"; got != want {
		t.Errorf("offset: got %s, want %s", got, want)
	}
	next := take(t, open(t, config, first.SourceOffset), 1).Records()[0]
	headers := ""
	for _, h := range next.Headers {
		headers += h.Key + "=" + h.Value.String() + ":" + h.Schema.Type().String() + " "
	}
	if want := "task.generation=1:INT64 task.id=3:INT64 current.iteration=5:INT64 "; headers != want {
		t.Errorf("headers: got %s, want %s", headers, want)
	}
}

func TestIterationsEndsTheRecordsNotTheTask(t *testing.T) {
	config := fast("users")
	config["iterations"] = "12"
	s := open(t, config, connect.Null())
	if n := take(t, s, 100).Len(); n != 12 {
		t.Fatalf("%d records", n)
	}
	if n := take(t, s, 100).Len(); n != 0 {
		t.Fatalf("%d records too many", n)
	}
}

func TestMaxIntervalSetsTheRateHoweverOftenPollIsCalled(t *testing.T) {
	config := fast("users")
	config["max.interval"] = "1000"
	for _, step := range []time.Duration{10 * time.Millisecond, time.Second, time.Minute} {
		s := Classes()[0].Source().(*Source)
		now := time.UnixMilli(0)
		s.now = func() time.Time { return now }
		err := s.Open(t.Context(), &connect.SourceRuntime{Config: config, Offsets: fixedOffset(connect.Null()), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for end := now.Add(10 * time.Minute); now.Before(end); now = now.Add(step) {
			n += take(t, s, 10_000).Len()
		}
		if n < 1_000 || n > 1_400 { // 1200 expected
			t.Errorf("polling every %v: %d records in ten minutes", step, n)
		}
	}
}

func TestPlanNumbersTheTasks(t *testing.T) {
	tasks, err := Classes()[0].Plan(t.Context(), fast("users"), 3)
	if err != nil || len(tasks) != 3 || tasks[2]["task.id"] != "2" || tasks[0]["quickstart"] != "users" {
		t.Fatalf("got %v, %v", tasks, err)
	}
}

func TestPollAllocatesNothingPerRecord(t *testing.T) {
	for _, name := range []string{"users", "orders", "purchases", "users_", "pizza_orders"} {
		s := open(t, fast(name), connect.Null())
		b := connect.NewBatch(1000, 1<<30)
		perPoll := testing.AllocsPerRun(20, func() {
			b.Reset()
			if err := s.Poll(t.Context(), b); err != nil || b.Len() != 1000 {
				t.Fatalf("%d records, %v", b.Len(), err)
			}
		})
		if perPoll > 30 {
			t.Errorf("%s: %v allocations for 1000 records", name, perPoll)
		}
	}
}

func BenchmarkPoll(b *testing.B) {
	for _, name := range []string{"users", "orders"} {
		b.Run(name, func(b *testing.B) {
			s := open(b, fast(name), connect.Null())
			batch := connect.NewBatch(1000, 1<<30)
			b.ReportAllocs()
			for n := 0; n < b.N; n += batch.Len() {
				batch.Reset()
				if err := s.Poll(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
