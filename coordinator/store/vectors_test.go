package store

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// line is one line of topics.jsonl.
type line struct {
	Scenario, Kind, Topic string
	Step                  int
	// of an action
	Method, Path string
	Body         json.RawMessage
	// of a record
	Partition int32
	Key       json.RawMessage
	KeyHex    string `json:"key_hex"`
	Value     json.RawMessage
	ValueHex  string `json:"value_hex"`
	// of a topic_config
	Partitions   int32
	TopicConfigs map[string]string `json:"topic_configs"`
}

func (l line) at() string { return fmt.Sprintf("%s step %d", l.Scenario, l.Step) }

// record returns the bytes of a record: of a value with a stack trace only the first line was kept.
func (l line) record(t *testing.T) *kgo.Record {
	t.Helper()
	key, err := hex.DecodeString(l.KeyHex)
	if err != nil {
		t.Fatal(err)
	}
	r := &kgo.Record{Topic: l.Topic, Partition: l.Partition, Key: key}
	if l.ValueHex != "" {
		if r.Value, err = hex.DecodeString(l.ValueHex); err != nil {
			t.Fatal(err)
		}
		return r
	}
	if text := vectors.Decode[*string](t, l.Value); text != nil {
		r.Value = []byte(*text)
	}
	return r
}

func transcript(t *testing.T) []line {
	t.Helper()
	var lines []line
	for _, raw := range vectors.Lines(t, "topics.jsonl") {
		if l := vectors.Decode[line](t, raw); l.Topic != "__consumer_offsets" { // of consumer groups, written by the broker
			lines = append(lines, l)
		}
	}
	return lines
}

// TestVectorTopics does to a store what was done to a real Connect worker, and compares what is in the topics afterwards with
// what the worker wrote.
func TestVectorTopics(t *testing.T) {
	replayTopics(t, cluster(t).ListenAddrs()...)
}

func replayTopics(t *testing.T, servers ...string) {
	t.Helper()
	r := &replay{T: t, servers: servers, store: open(t, optionsAt(servers...)), tasks: make(map[string][]map[string]string)}
	var want []*kgo.Record
	for _, l := range transcript(t) {
		switch l.Kind {
		case "action":
			r.act(l)
		case "record":
			rec := l.record(t)
			switch {
			case string(rec.Key) == keySession: // of Java workers
			case l.Topic == "connect-configs":
				r.follow(l, rec)
				want = append(want, rec)
			case l.Topic == "connect-status":
				r.status(l, rec)
			case l.Topic == "connect-offsets":
				r.offset(l, rec)
			default:
				t.Fatalf("a record in topic %s", l.Topic)
			}
		}
	}
	r.topicSettings()
	got := contentsAt(t, "connect-configs", servers...)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			t.Fatalf("%d config records, want %d", len(got), len(want))
		}
		if g, w := describe(got[i]), describe(want[i]); g != w {
			t.Errorf("config record %d\ngot  %s\nwant %s", i, g, w)
		}
	}
	r.sameOffsets()
	t.Logf("topics.jsonl: %d config records, %d statuses, %d offsets", len(want), r.statuses, len(r.offsets))
}

// topicSettings compares how the topics were created.
func (r *replay) topicSettings() {
	r.Helper()
	admin := kadm.NewClient(clientAt(r.T, r.servers))
	for _, l := range transcript(r.T) {
		if l.Kind != "topic_config" {
			continue
		}
		topics, err := admin.ListTopics(r.Context(), l.Topic)
		must(r.T, err)
		configs, err := admin.DescribeTopicConfigs(r.Context(), l.Topic)
		must(r.T, err)
		settings := make(map[string]string)
		for _, c := range configs[0].Configs {
			if c.Source == kmsg.ConfigSourceDynamicTopicConfig {
				settings[c.Key] = c.MaybeValue()
			}
		}
		if n := len(topics[l.Topic].Partitions); n != int(l.Partitions) || !maps.Equal(settings, l.TopicConfigs) {
			r.Errorf("topic %s has %d partitions and %v, want %d and %v", l.Topic, n, settings, l.Partitions, l.TopicConfigs)
		}
	}
}

func describe(r *kgo.Record) string {
	value := "tombstone"
	if r.Value != nil {
		value = string(r.Value)
	}
	return fmt.Sprintf("%d %s = %s", r.Partition, r.Key, value)
}

// replay is the store under test and what the transcript says beside actions.
type replay struct {
	*testing.T
	servers  []string
	store    *Store
	tasks    map[string][]map[string]string // task configurations since the last commit record
	offsets  []*kgo.Record
	statuses int
}

// act does what a REST call does to the topics.
func (r *replay) act(l line) {
	r.Helper()
	u, err := url.Parse(l.Path)
	must(r.T, err)
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	ctx, configs := r.Context(), r.store.Configs()
	switch action := l.Method + " " + strings.Join(append(parts[:1:1], parts[min(2, len(parts)):]...), "/"); action {
	case "POST connectors":
		r.create(l)
	case "DELETE connectors":
		must(r.T, configs.DeleteConnector(ctx, parts[1]))
	case "PUT connectors/stop":
		must(r.T, configs.PutTasks(ctx, parts[1], nil))
		must(r.T, configs.PutTarget(ctx, parts[1], Stopped))
	case "PUT connectors/resume":
		must(r.T, configs.PutTarget(ctx, parts[1], Started))
	case "PATCH connectors/config":
		patch := vectors.Decode[Properties](r.T, l.Body)
		must(r.T, configs.PutConnector(ctx, parts[1], configs.Snapshot().Connectors[parts[1]].Config.Patch(patch), nil))
	case "POST connectors/restart":
		if q := u.Query(); len(q) > 0 {
			must(r.T, configs.PutRestart(ctx, parts[1], q.Get("includeTasks") == "true", q.Get("onlyFailed") == "true"))
		}
	case "POST connectors/tasks/0/restart", "PUT connectors/topics/reset": // write statuses only
	case "PATCH connectors/offsets":
		must(r.T, r.store.Offsets().Alter(ctx, parts[1], "", sourceOffsets(r.T, l.Body)))
	case "DELETE connectors/offsets":
		all, err := r.store.Offsets().All(ctx, parts[1], "")
		must(r.T, err)
		for i := range all {
			all[i].Offset = connect.Null()
		}
		must(r.T, r.store.Offsets().Alter(ctx, parts[1], "", all))
	case "PUT admin/ferry.t12":
		must(r.T, configs.PutLoggerLevel(ctx, "ferry.t12", vectors.Decode[struct{ Level string }](r.T, l.Body).Level))
	default:
		r.Fatalf("%s: unknown action %s", l.at(), action)
	}
}

func (r *replay) create(l line) {
	r.Helper()
	body := vectors.Decode[struct {
		Name         string
		Config       Properties
		InitialState string `json:"initial_state"`
	}](r.T, l.Body)
	var initial *TargetState
	if body.InitialState != "" {
		state := TargetState(strings.ToUpper(body.InitialState))
		if state == "RUNNING" {
			state = Started
		}
		initial = &state
	}
	must(r.T, r.store.Configs().PutConnector(r.Context(), body.Name, body.Config, initial))
}

// follow does what the worker did by itself: publish tasks. Their configurations come in no order of their own.
func (r *replay) follow(l line, rec *kgo.Record) {
	r.Helper()
	key := string(rec.Key)
	if id, ok := strings.CutPrefix(key, prefixTask); ok {
		name, _, err := splitTask(id)
		must(r.T, err)
		p, err := properties(rec.Value)
		must(r.T, err)
		r.tasks[name] = append(r.tasks[name], p.Map())
	}
	if name, ok := strings.CutPrefix(key, prefixCommit); ok && len(r.tasks[name]) > 0 {
		must(r.T, r.store.Configs().PutTasks(r.Context(), name, r.tasks[name]))
		delete(r.tasks, name)
		if conn := r.store.Configs().Snapshot().Connectors[name]; len(conn.Tasks) == 0 || !conn.Consistent || !maps.Equal(conn.Applied, conn.Config.Map()) {
			r.Errorf("%s: after the commit the connector is %+v", l.at(), conn)
		}
	}
}

// status reads a status record and writes it again.
func (r *replay) status(l line, rec *kgo.Record) {
	r.Helper()
	r.statuses++
	s := newStatusState()
	if err := s.apply(rec); err != nil {
		r.Errorf("%s: %s: %v", l.at(), rec.Key, err)
		return
	}
	var again *kgo.Record
	key := string(rec.Key)
	switch {
	case rec.Value == nil:
		again = record(key, nil)
	case strings.HasPrefix(key, prefixConnectorStatus):
		for name, status := range s.connectors {
			again = connectorStatusRecord(name, &status)
		}
	case strings.HasPrefix(key, prefixTaskStatus):
		for name, tasks := range s.tasks {
			for task, status := range tasks {
				again = taskStatusRecord(name, task, &status)
			}
		}
	default:
		for _, topics := range s.topics {
			for _, topic := range topics {
				again = topicStatusRecord(topic)
			}
		}
	}
	again.Partition = int32(kgo.StickyKeyPartitioner(nil).ForTopic(l.Topic).Partition(again, 5))
	if got, want := describe(again), describe(rec); got != want {
		r.Errorf("%s:\ngot  %s\nwant %s", l.at(), got, want)
	}
}

// offset remembers a record that altered offsets, and writes again one that a task wrote.
func (r *replay) offset(l line, rec *kgo.Record) {
	r.Helper()
	if l.Scenario == "t05" {
		r.offsets = append(r.offsets, rec)
		return
	}
	name, partition, err := offsets.ParseKey(rec.Key)
	must(r.T, err)
	v, err := offsets.ParseValue(rec.Value)
	must(r.T, err)
	key, err := offsets.AppendKey(nil, name, connect.SourcePartitionOf(partition))
	must(r.T, err)
	value, err := offsets.AppendValue(nil, v)
	must(r.T, err)
	again := &kgo.Record{Key: key, Value: value}
	again.Partition = int32(kgo.StickyKeyPartitioner(nil).ForTopic(l.Topic).Partition(again, 25))
	if got, want := describe(again), describe(rec); got != want {
		r.Errorf("%s:\ngot  %s\nwant %s", l.at(), got, want)
	}
}

// sameOffsets compares partition by partition: that is the order there is.
func (r *replay) sameOffsets() {
	r.Helper()
	byPartition := func(records []*kgo.Record) map[int32]string {
		m := make(map[int32]string)
		for _, rec := range records {
			m[rec.Partition] += describe(rec) + "\n"
		}
		return m
	}
	got, want := byPartition(contentsAt(r.T, "connect-offsets", r.servers...)), byPartition(r.offsets)
	if len(r.offsets) == 0 || !maps.Equal(got, want) {
		r.Errorf("offsets\ngot  %v\nwant %v", got, want)
	}
}

// sourceOffsets reads the body of PATCH /connectors/{name}/offsets. A key and value parse as any JSON does.
func sourceOffsets(t *testing.T, body json.RawMessage) []connect.SourceOffset {
	t.Helper()
	var list []connect.SourceOffset
	for _, o := range vectors.Decode[struct {
		Offsets []struct{ Partition, Offset json.RawMessage }
	}](t, body).Offsets {
		partition, err := offsets.ParseValue(o.Partition)
		must(t, err)
		offset, err := offsets.ParseValue(o.Offset)
		must(t, err)
		list = append(list, connect.SourceOffset{Partition: connect.SourcePartitionOf(partition), Offset: offset})
	}
	return list
}

// TestVectorPatch checks the one group of offsets.jsonl that is about configurations. The vectors compare maps without order;
// the order is in topics.jsonl.
func TestVectorPatch(t *testing.T) {
	vectors.Run(t, vectors.Group(vectors.Read(t, "offsets.jsonl"), "patchConfig"), nil, func(t *testing.T, c vectors.Case) error {
		in := vectors.Decode[struct{ Config, Patch Properties }](t, c.Input)
		got, err := json.Marshal(in.Config.Patch(in.Patch))
		if err != nil {
			return err
		}
		g, w := vectors.Decode[map[string]*string](t, got), vectors.Decode[map[string]*string](t, c.Output)
		if !maps.EqualFunc(g, w, func(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }) {
			return fmt.Errorf("got %s", got)
		}
		return nil
	})
}
