package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/scripts/bench/records"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

var kafka servers.SharedKafka

func TestMain(m *testing.M) { os.Exit(kafka.Main(m)) }

const jsonConverter = `"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": `

func TestAContenderMovesTheRecordsOfTheProtocolBothWays(t *testing.T) {
	const n = 20_000
	for _, c := range []struct {
		workload, kind, converter string
		value                     func(i uint64) string // a part of each value
	}{
		{"bytes", "bytes", `"value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter"`, func(i uint64) string { return string(records.AppendBytes(nil, i)) }},
		{"json", "record", jsonConverter + "false", jsonOf},
		{"jsons", "record", jsonConverter + `"true"`, jsonOf},
		{"smt", "record", jsonConverter + `false, "transforms": "f,o", "transforms.f.type": "org.apache.kafka.connect.transforms.ReplaceField$Value",
			"transforms.f.renames": "note:comment", "transforms.f.exclude": "tags", "transforms.o.type": "org.apache.kafka.connect.transforms.InsertField$Value",
			"transforms.o.static.field": "origin", "transforms.o.static.value": "bench"`, func(uint64) string { return `,"origin":"bench"}` }},
	} {
		t.Run(c.workload, func(t *testing.T) {
			broker := kafka.Broker(t)
			topic := "contender-" + c.workload

			contend(t, broker.Addr, "a."+c.workload, topic, n, fmt.Sprintf(`"connector.class": "bench.BenchSource", "topic": "replaced", "bench.kind": %q, "bench.n": %d, "bench.batch": 1000, %s`, c.kind, n, c.converter))

			got := read(t, broker.Addr, topic, n)
			for i, v := range got {
				if !strings.Contains(string(v), c.value(uint64(i))) {
					t.Fatalf("record %d is %q, want it to contain %q", i, v, c.value(uint64(i)))
				}
			}

			contend(t, broker.Addr, "b."+c.workload, topic, n, fmt.Sprintf(`"connector.class": "bench.NullSink", "topics": "replaced", %s`, strings.ReplaceAll(c.converter, "note:comment", "comment:note")))

			if committed := offset(t, broker.Addr, "connect-b."+c.workload, topic); committed < n {
				t.Errorf("the sink committed offset %d of %d records", committed, n)
			}
		})
	}
}

func jsonOf(i uint64) string { return string(records.NewRecord(i).AppendJSON(nil)) }

// contend runs a contender and checks its marks.
func contend(t *testing.T, addr, workload, topic string, n int, config string) {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{
		"BENCH_CONFIG": filepath.Join(dir, "connector.json"), "BENCH_BOOTSTRAP": addr, "BENCH_WORKLOAD": workload, "BENCH_TOPIC": topic,
		"BENCH_N": fmt.Sprint(n), "BENCH_STEP": "5000", "BENCH_OUT": filepath.Join(dir, "marks"),
	}
	if err := os.WriteFile(env["BENCH_CONFIG"], fmt.Appendf(nil, `{"name": %q, "config": {%s}}`, workload, config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), func(name string) string { return env[name] }, time.Now()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(env["BENCH_OUT"])
	if err != nil {
		t.Fatal(err)
	}
	var last mark
	var names []string
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		before := last
		if err := json.Unmarshal(s.Bytes(), &last); err != nil {
			t.Fatalf("%s: %v", s.Bytes(), err)
		}
		if last.Records < before.Records || last.CPU < before.CPU || last.Wall < before.Wall {
			t.Errorf("%+v comes after %+v", last, before)
		}
		names = append(names, last.Mark)
	}
	if len(names) < 3 || names[0] != "first" || names[1] != "mark" || last.Mark != "done" || last.Records != int64(n) {
		t.Errorf("the marks are\n%s", text)
	}
}

// read returns the values of the first n records of a topic of one partition.
func read(t *testing.T, addr, topic string, n int) (values [][]byte) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	for len(values) < n {
		fetches := cl.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for _, r := range fetches.Records() {
			if r.Key != nil {
				t.Fatalf("record %d has the key %q", r.Offset, r.Key)
			}
			values = append(values, r.Value)
		}
	}
	return values
}

func offset(t *testing.T, addr, group, topic string) int64 {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	offsets, err := kadm.NewClient(cl).FetchOffsets(kadm.RequireStable(t.Context()), group)
	if err != nil {
		t.Fatal(err)
	}
	o, _ := offsets.Lookup(topic, 0)
	return o.At
}

func TestAJobNamesWhatIsMissing(t *testing.T) {
	env := map[string]string{"BENCH_CONFIG": "/nowhere.json", "BENCH_BOOTSTRAP": "b:1", "BENCH_N": "10"}
	for _, c := range []struct{ unset, value, want string }{
		{"BENCH_CONFIG", "", "BENCH_CONFIG"}, {"BENCH_BOOTSTRAP", "", "BENCH_BOOTSTRAP"}, {"BENCH_N", "", "BENCH_N"},
		{"BENCH_N", "many", `BENCH_N is "many"`}, {"BENCH_STEP", "0", `BENCH_STEP is "0"`}, {"", "", "BENCH_CONFIG: open /nowhere.json"},
	} {
		_, err := readJob(func(name string) string {
			if name == c.unset {
				return c.value
			}
			return env[name]
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%q: the error is %v, and should contain %q", c.unset, c.value, err, c.want)
		}
	}
}
