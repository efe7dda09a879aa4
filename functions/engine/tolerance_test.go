package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// records of the tests below: two of ten are bad.
func withBad() []string {
	v := count("v", 10)
	v[3], v[7] = "bad-3", "bad-7"
	return v
}

func good(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.HasPrefix(v, "bad") })
}

func TestABadRecordOfASourceStopsOrPassesByItsPolicy(t *testing.T) { // I7
	for _, stage := range []map[string]string{
		{"value.converter": "test.TextConverter"},
		{"transforms": "f", "transforms.f.type": "test.Fail", "transforms.f.text": "bad"},
	} {
		t.Run(fmt.Sprint(stage), func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"a": withBad()}}
				facts, err := Run(t.Context(), b.task(u.class(), stage))
				if facts.End != EndFailed || connect.KindOf(err) != connect.KindData || !strings.Contains(err.Error(), "Tolerance exceeded") || !strings.Contains(err.Error(), "file=a") {
					t.Errorf("none: %s, %v", asJSON(facts), err)
				}
				// What came before is moved, so the next run fails at the very same record.
				if got := b.values("out"); !slices.Equal(got, withBad()[:3]) || u.acked["a"] != 3 {
					t.Errorf("none: %v, acknowledged %v", got, u.acked)
				}
				config := maps.Clone(stage)
				config["errors.tolerance"] = "all"
				facts, err = Run(t.Context(), b.task(u.class(), config))
				if err != nil || facts.RecordsSkipped != 2 || facts.RecordsOut != 5 || u.acked["a"] != 10 {
					t.Errorf("all: %s, %v, acknowledged %v", asJSON(facts), err, u.acked)
				}
				if got := b.values("out"); !slices.Equal(got, good(withBad())) {
					t.Errorf("all: %v", got)
				}
			})
		})
	}
}

func TestABadRecordOfASinkStopsOrPassesByItsPolicy(t *testing.T) { // I7
	for name, stage := range map[string]map[string]string{
		"converter": {"value.converter": "test.TextConverter"},
		"transform": {"transforms": "f", "transforms.f.type": "test.Fail", "transforms.f.text": "bad"},
		"put":       {},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
				for _, v := range withBad() {
					b.produce(&kgo.Record{Topic: "in", Value: []byte(v)})
				}
				d := new(downstream)
				if name == "put" {
					d.putErr = badValues
				}
				config := maps.Clone(stage)
				config["topics"] = "in"
				facts, err := Run(t.Context(), b.task(d.class(), config))
				if facts.End != EndFailed || connect.KindOf(err) != connect.KindData || !strings.Contains(err.Error(), "in-0 at offset 3") {
					t.Errorf("none: %s, %v", asJSON(facts), err)
				}
				if c := b.committed("connect-c", "in", 0); c > 3 {
					t.Errorf("none: committed %d, above the bad record", c)
				}
				config["errors.tolerance"] = "all"
				d.rows = nil
				if facts, err = Run(t.Context(), b.task(d.class(), config)); err != nil || facts.RecordsSkipped != 2 || b.committed("connect-c", "in", 0) != 10 {
					t.Errorf("all: %s, %v, committed %d", asJSON(facts), err, b.committed("connect-c", "in", 0))
				}
				if got := d.values(); !slices.Equal(got[max(0, len(got)-5):], []string{"v-4", "v-5", "v-6", "v-8", "v-9"}) {
					t.Errorf("all: %v", got)
				}
			})
		})
	}
}

func badValues(_ int, b *connect.Batch) error {
	failed := new(connect.BatchError)
	for i := range b.Records() {
		if v := b.Records()[i].Value.Bytes(); bytes.HasPrefix(v, []byte("bad")) {
			failed.Failed = append(failed.Failed, connect.RecordError{Index: i, Err: connect.DataError("no such column")})
		}
	}
	if len(failed.Failed) == 0 {
		return nil
	}
	return failed
}

func TestBadRecordsOfASinkAreInTheDeadLettersBeforeOffsetsMove(t *testing.T) { // I7
	for name, set := range map[string]func(*downstream, map[string]string){
		"VALUE_CONVERTER": func(_ *downstream, c map[string]string) { c["value.converter"] = "test.TextConverter" },
		"TRANSFORMATION": func(_ *downstream, c map[string]string) {
			maps.Copy(c, map[string]string{"transforms": "f", "transforms.f.type": "test.Fail", "transforms.f.text": "bad"})
		},
		"TASK_PUT": func(d *downstream, _ map[string]string) { d.putErr = badValues },
		"Report":   func(d *downstream, _ map[string]string) { d.report = []string{"bad-3", "bad-7"} },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
				for _, v := range withBad() {
					b.produce(&kgo.Record{Topic: "in", Key: []byte("k"), Value: []byte(v), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("x")}}})
				}
				config := map[string]string{"topics": "in", "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dlq",
					"errors.deadletterqueue.topic.replication.factor": "1", "errors.deadletterqueue.context.headers.enable": "true"}
				d := new(downstream)
				set(d, config)
				task := b.task(d.class(), config)
				task.Progress = func(Facts) {
					if c, n := b.committed("connect-c", "in", 0), len(b.read("dlq")); c > 3 && n == 0 || c > 7 && n < 2 {
						t.Errorf("committed %d with %d dead letters", c, n)
					}
				}
				facts, err := Run(t.Context(), task)
				if err != nil || facts.RecordsSkipped != 2 || facts.DeadLetters != 2 || !slices.Equal(d.values(), good(withBad())) {
					t.Fatalf("%s, %v, %v", asJSON(facts), err, d.values())
				}
				letters := b.read("dlq")
				if len(letters) != 2 || string(letters[0].Value) != "bad-3" || string(letters[1].Value) != "bad-7" || string(letters[0].Key) != "k" {
					t.Fatalf("dead letters: %v", letters)
				}
				headers := make(map[string]string)
				for _, h := range letters[1].Headers {
					headers[h.Key] = string(h.Value)
				}
				stage := name
				if name == "Report" {
					stage = "TASK_PUT"
				}
				if headers["h"] != "x" || headers["__connect.errors.offset"] != "7" || headers["__connect.errors.stage"] != stage || headers["__connect.errors.topic"] != "in" {
					t.Errorf("headers: %v", headers)
				}
				if left := b.leftovers(); len(left) > 0 {
					t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
				}
			})
		})
	}
}

func TestADeadLetterThatCannotBeWrittenHoldsTheOffsetBack(t *testing.T) { // I7
	inBubble(t, map[string]int32{"in": 1, "dlq": 1}, func(t *testing.T, b *broker) {
		huge := "bad" + strings.Repeat("x", 2<<20) // larger than the producer's max.request.size
		b.produce(&kgo.Record{Topic: "in", Value: []byte("v")}, &kgo.Record{Topic: "in", Value: []byte(huge)})
		config := map[string]string{"topics": "in", "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dlq", "value.converter": "test.TextConverter"}
		facts, err := Run(t.Context(), b.task(new(downstream).class(), config))
		if facts.End != EndFailed || err == nil || !strings.Contains(err.Error(), "dead-letter topic dlq") || b.committed("connect-c", "in", 0) > 1 {
			t.Errorf("%s, %v, committed %d", asJSON(facts), err, b.committed("connect-c", "in", 0))
		}
	})
}

func TestReportFailsWithoutToleranceAndSerialisesAgainWhatIsGone(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1, "dlq": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 3)
		config := map[string]string{"topics": "in", "errors.deadletterqueue.topic.name": "dlq"}
		d := &downstream{report: []string{"a-1"}}
		if _, err := Run(t.Context(), b.task(d.class(), config)); connect.KindOf(err) != connect.KindData || !strings.Contains(err.Error(), "duplicate key") {
			t.Errorf("none: %v", err)
		}
		config["errors.tolerance"] = "all"
		late := &lateReporter{}
		if facts, err := Run(t.Context(), b.task(&connect.Class{Name: "test.Sink", Sink: func() connect.Sink { return late }}, config)); err != nil || facts.RecordsSkipped != 1 {
			t.Errorf("late: %s, %v", asJSON(facts), err)
		}
		if got := b.values("dlq"); !slices.Equal(got, []string{"a-1", "a-0"}) {
			t.Errorf("dead letters %v", got)
		}
	})
}

// lateReporter keeps the first record it is given and reports it when it is flushed for the second time.
type lateReporter struct {
	rt      *connect.SinkRuntime
	first   *connect.Record
	flushes int
}

func (s *lateReporter) Open(_ context.Context, rt *connect.SinkRuntime) error { s.rt = rt; return nil }
func (s *lateReporter) Put(_ context.Context, b *connect.Batch) error {
	if s.first == nil && b.Len() > 0 {
		r := b.Records()[0]
		r.Value = r.Value.Clone(nil)
		s.first = &r
	}
	return nil
}
func (s *lateReporter) Flush(ctx context.Context) (connect.Offsets, error) {
	if s.flushes++; s.flushes == 2 {
		return nil, s.rt.Report(ctx, s.first, errors.New("rejected"))
	}
	return connect.Offsets{}, nil
}
func (s *lateReporter) Close(context.Context) error { return nil }

func TestRetriableStepsAreTriedAgainAndTheChainIsNotAppliedTwice(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "nowhere", lines: map[string][]string{"a": count("a", 5)}}
		task := b.task(u.class(), map[string]string{"transforms": "f,r,g", "transforms.f.type": "test.Flaky", "transforms.g.type": "test.Flaky",
			"transforms.r.type": "test.Route", "transforms.r.topic": "out"})
		facts, err := Run(t.Context(), task)
		if err != nil || facts.RecordsOut != 5 || facts.Retries != 20 || !slices.Equal(b.values("out"), count("a", 5)) {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
	})
}

func TestErrorsAreLoggedInKafkaConnectsWords(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.produce(&kgo.Record{Topic: "in", Value: []byte("secret bad")})
		var log bytes.Buffer
		config := map[string]string{"topics": "in", "errors.tolerance": "all", "errors.log.enable": "true", "value.converter": "test.TextConverter"}
		task := b.task(new(downstream).class(), config)
		task.Log = slog.New(slog.NewTextHandler(&log, nil))
		if _, err := Run(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(log.String(), "Error encountered in task c-0. Executing stage 'VALUE_CONVERTER' with class 'test.TextConverter'.") || strings.Contains(log.String(), "secret") {
			t.Error(log.String())
		}
	})
}

func TestAPanicOfAPluginFailsItsTaskOnly(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}, atOnce: 4}
		u.onPoll = func(_ context.Context, poll int) {
			if poll == 2 {
				panic("index out of range")
			}
		}
		facts, err := Run(t.Context(), b.task(u.class(), nil))
		if facts.End != EndFailed || err == nil || !strings.Contains(err.Error(), "index out of range") || u.closed != 1 {
			t.Errorf("%s, %v, closed %d times", asJSON(facts), err, u.closed)
		}
		if left := b.leftovers(); len(left) > 0 {
			t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
		}
	})
}

func TestConvertersAreTheConnectorsWithItsKeysOrTheWorkersWithTheWorkers(t *testing.T) {
	for _, c := range []struct {
		name   string
		config map[string]string
		want   string
	}{
		{"the worker's", map[string]string{}, "worker-x"},
		{"the worker's is not configured by the connector", map[string]string{"value.converter.prefix": "connector-"}, "worker-x"},
		{"the connector's inherits nothing", map[string]string{"value.converter": "test.TextConverter"}, "x"},
		{"the connector's", map[string]string{"value.converter": "test.TextConverter", "value.converter.prefix": "connector-"}, "connector-x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			task := Task{Config: c.config, Plugins: registry(t), Worker: map[string]string{
				"key.converter": byteArrayConverter, "value.converter": "test.TextConverter", "value.converter.prefix": "worker-"}}
			conv, err := newConverters(&task)
			if err != nil {
				t.Fatal(err)
			}
			got, err := conv.value.AppendData([]byte{}, "t", nil, connect.String("x"))
			if err != nil || string(got) != c.want {
				t.Errorf("%q, %v", got, err)
			}
			if typ := conv.value.(*textConverter).config["converter.type"]; typ != "value" {
				t.Errorf("converter.type %q", typ)
			}
		})
	}
}

func TestMistakesOfTheConfigurationNameTheirKey(t *testing.T) {
	for config, want := range map[string]string{
		"value.converter=nope":                "value.converter of the connector",
		"header.converter=nope":               "header.converter of the connector",
		"transforms=a,a":                      "transforms: Duplicate alias provided.",
		"transforms=a transforms.a.type=nope": "transforms.a.type",
		"transforms=a transforms.a.type=test.Drop transforms.a.negate=true": "Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a predicate to be negated.",
		"transforms=a transforms.a.type=test.Drop transforms.a.predicate=p": "the predicate 'p' is not listed in 'predicates'",
		"errors.tolerance=some":                  "errors.tolerance",
		"errors.retry.timeout=soon":              "errors.retry.timeout",
		"errors.log.enable=perhaps":              "errors.log.enable",
		"producer.override.compression.type=zip": "producer.override.compression.type",
		"producer.override.max.request.size=0":   "producer.override.max.request.size",
		"predicates=p transforms=a transforms.a.type=test.Drop transforms.a.predicate=p predicates.p.type=nope": "predicate",
	} {
		t.Run(config, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *broker) {
				m := make(map[string]string)
				for kv := range strings.FieldsSeq(config) {
					k, v, _ := strings.Cut(kv, "=")
					m[k] = v
				}
				_, err := Run(t.Context(), b.task((&upstream{}).class(), m))
				if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), want) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}
