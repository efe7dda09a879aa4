package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

func mapping(pairs ...any) connect.Value {
	var slots []connect.Value
	for i := 0; i < len(pairs); i += 2 {
		slots = append(slots, connect.String(pairs[i].(string)))
		switch v := pairs[i+1].(type) {
		case string:
			slots = append(slots, connect.String(v))
		case int:
			slots = append(slots, connect.Int32(int32(v)))
		}
	}
	return connect.NewMap(slots).Value()
}

func at(n int) connect.Value { return mapping("position", n) }

func table(name string) *connect.SourcePartition {
	return connect.SourcePartitionOf(mapping("server", "s", "table", name))
}

// offsetRecord is what a task writes.
func offsetRecord(t *testing.T, topic, connector string, p *connect.SourcePartition, offset connect.Value) *kgo.Record {
	t.Helper()
	key, err := offsets.AppendKey(nil, connector, p)
	must(t, err)
	value, err := offsets.AppendValue(nil, offset)
	must(t, err)
	return &kgo.Record{Topic: topic, Key: key, Value: value}
}

// text is an offset as JSON.
func text(t *testing.T, v connect.Value) string {
	t.Helper()
	b, err := offsets.AppendValue(nil, v)
	must(t, err)
	return string(b)
}

func read(t *testing.T, r *Reader, p *connect.SourcePartition) string {
	t.Helper()
	v, err := r.Offset(t.Context(), p)
	must(t, err)
	return text(t, v)
}

func TestAReaderIsRightWhateverTheHint(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	random := rand.New(rand.NewPCG(1, 2))
	want := make(map[string]string) // by connector and table
	var last []Hint
	for i := range 60 {
		name, tab := fmt.Sprint("c", random.IntN(3)), fmt.Sprint("t", random.IntN(4))
		offset := at(i)
		if random.IntN(5) == 0 {
			offset = connect.Null()
		}
		r := offsetRecord(t, "connect-offsets", name, table(tab), offset)
		produce(t, c, r)
		want[name+tab] = text(t, offset)
		last = append(last, Hint{Partition: r.Partition, Offset: r.Offset})
	}
	hints := []*Hint{nil, {Partition: 99, Offset: 1}, {Partition: -1, Offset: -1}, {Partition: 0, Offset: 1 << 40}, {Topic: "elsewhere", Partition: 1}}
	for _, h := range last {
		hints = append(hints, &h, &Hint{Partition: h.Partition, Offset: h.Offset + 1}, &Hint{Partition: h.Partition, Offset: 0})
	}
	for _, h := range hints {
		for name := range 4 {
			reader := s.Offsets().Reader(fmt.Sprint("c", name), "", h)
			for tab := range 5 {
				key := fmt.Sprintf("c%dt%d", name, tab)
				if got := read(t, reader, table(fmt.Sprint("t", tab))); got != want[key] {
					t.Fatalf("hint %+v: %s is %s, want %s", h, key, got, want[key])
				}
			}
		}
	}
}

func TestARightHintReadsOnlyTheTail(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	r := offsetRecord(t, "connect-offsets", "c", table("t"), at(1))
	produce(t, c, r)
	r = offsetRecord(t, "connect-offsets", "c", table("t"), at(2))
	produce(t, c, r)
	var mu sync.Mutex
	var fetched []string
	c.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		mu.Lock()
		defer mu.Unlock()
		c.KeepControl()
		for _, topic := range req.(*kmsg.FetchRequest).Topics {
			for _, p := range topic.Partitions {
				fetched = append(fetched, fmt.Sprintf("%d from %d", p.Partition, p.FetchOffset))
			}
		}
		return nil, nil, false
	})
	if got := read(t, s.Offsets().Reader("c", "", &Hint{Partition: r.Partition, Offset: r.Offset}), table("t")); got != `{"position":2}` {
		t.Fatalf("read %s", got)
	}
	if want := fmt.Sprintf("%d from %d", r.Partition, r.Offset); strings.Join(fetched, ", ") != want {
		t.Errorf("fetched %s, want %s", fetched, want)
	}
}

func TestAReaderSeesCommittedOffsetsOnly(t *testing.T) {
	committedOnly(t, cluster(t).ListenAddrs()...)
}

func committedOnly(t *testing.T, servers ...string) {
	s := open(t, optionsAt(servers...))
	write := func(id string, n int) *kgo.Client {
		cl := clientAt(t, servers, kgo.TransactionalID(id))
		must(t, cl.BeginTransaction())
		must(t, cl.ProduceSync(t.Context(), offsetRecord(t, "connect-offsets", "c", table("t"), at(n))).FirstErr())
		return cl
	}
	must(t, write("a", 1).EndTransaction(t.Context(), kgo.TryCommit))
	must(t, write("a", 2).EndTransaction(t.Context(), kgo.TryAbort))
	write("b", 3) // stays open, until b's successor fences it, as every task does before it reads
	_, _, err := clientAt(t, servers, kgo.TransactionalID("b")).ProducerID(t.Context())
	must(t, err)
	if got := read(t, s.Offsets().Reader("c", "", nil), table("t")); got != `{"position":1}` {
		t.Fatalf("read %s", got)
	}
	must(t, write("c", 4).EndTransaction(t.Context(), kgo.TryCommit))
	if got := read(t, s.Offsets().Reader("c", "", nil), table("t")); got != `{"position":4}` {
		t.Fatalf("then read %s", got)
	}
}

func TestAlterUsesTheKeyThatIsThere(t *testing.T) {
	c := cluster(t)
	s, ctx := open(t, options(c)), t.Context()
	// given a key with an order of entries that no Java map would have, and another of the same meaning
	for _, key := range []string{`["c",{"table":"t","server":"s"}]`, `["c", {"server":"s","table":"t"}]`} {
		produce(t, c, &kgo.Record{Topic: "connect-offsets", Key: []byte(key), Value: []byte(`{"position":1}`)})
	}
	must(t, s.Offsets().Alter(ctx, "c", "", []connect.SourceOffset{
		{Partition: table("t"), Offset: at(5)}, {Partition: table("u"), Offset: at(6)}, {Partition: table("t"), Offset: at(7)},
	}))
	values := make(map[string]string)
	for _, r := range contents(t, c, "connect-offsets") {
		values[string(r.Key)] = string(r.Value)
	}
	want := map[string]string{
		`["c",{"table":"t","server":"s"}]`: `{"position":7}`, `["c", {"server":"s","table":"t"}]`: `{"position":7}`, `["c",{"server":"s","table":"u"}]`: `{"position":6}`,
	}
	if fmt.Sprint(values) != fmt.Sprint(want) {
		t.Fatalf("got  %v\nwant %v", values, want)
	}
	if all, err := s.Offsets().All(ctx, "c", ""); err != nil || len(all) != 2 {
		t.Errorf("listed %v, %v", all, err)
	}
	key, err := s.Offsets().Reader("c", "", nil).Key(ctx, table("t"))
	if err != nil || want[string(key)] != `{"position":7}` {
		t.Errorf("the key to write is %s, %v", key, err)
	}
	must(t, s.Offsets().Alter(ctx, "c", "", []connect.SourceOffset{{Partition: table("t")}}))
	if got := read(t, s.Offsets().Reader("c", "", nil), table("t")); got != "" {
		t.Errorf("after the reset it is %s", got)
	}
}

func TestAlterRefusesWhatCannotBeWritten(t *testing.T) {
	s := open(t, options(cluster(t)))
	nested := connect.NewMap([]connect.Value{connect.String("a"), connect.NewMap(nil).Value()}).Value()
	for _, so := range []connect.SourceOffset{{Partition: table("t"), Offset: nested}, {Partition: connect.SourcePartitionOf(nested), Offset: at(1)}} {
		err := s.Offsets().Alter(t.Context(), "c", "", []connect.SourceOffset{{Partition: table("ok"), Offset: at(1)}, so})
		if e, ok := errors.AsType[*connect.Error](err); !ok || e.SimpleClass() != "DataException" {
			t.Errorf("the error is %v", err)
		}
	}
	if all, err := s.Offsets().All(t.Context(), "c", ""); err != nil || len(all) != 0 {
		t.Errorf("something was written: %v, %v", all, err)
	}
}

func TestAConnectorsOwnTopicCountsMore(t *testing.T) {
	c := cluster(t)
	s, ctx := open(t, options(c)), t.Context()
	const own = "own-offsets"
	produce(t, c, offsetRecord(t, "connect-offsets", "c", table("both"), at(1)), offsetRecord(t, "connect-offsets", "c", table("worker"), at(2)))
	must(t, s.Offsets().Alter(ctx, "c", own, []connect.SourceOffset{{Partition: table("both"), Offset: at(3)}}))
	if n := len(c.PartitionInfos(own)); n != 25 {
		t.Fatalf("the connector's own topic has %d partitions", n)
	}
	produce(t, c, offsetRecord(t, "connect-offsets", "c", table("both"), at(1))) // a worker whose copy is old
	reader := s.Offsets().Reader("c", own, nil)
	for tab, want := range map[string]string{"both": `{"position":3}`, "worker": `{"position":2}`, "none": ""} {
		if got := read(t, reader, table(tab)); got != want {
			t.Errorf("%s is %s, want %s", tab, got, want)
		}
	}
	if all, err := s.Offsets().All(ctx, "c", own); err != nil || len(all) != 2 {
		t.Errorf("listed %v, %v", all, err)
	}
	must(t, s.Offsets().Alter(ctx, "c", own, []connect.SourceOffset{{Partition: table("both")}}))
	if got := read(t, s.Offsets().Reader("c", own, nil), table("both")); got != "" {
		t.Errorf("after the reset it is %s", got)
	}
}

func TestAResetInTheOwnTopicShowsTheWorkersTopic(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	topic(t, c, "own", 25)
	r := offsetRecord(t, "own", "c", table("t"), connect.Null())
	produce(t, c, r, offsetRecord(t, "connect-offsets", "c", table("t"), at(9)))
	for _, h := range []*Hint{nil, {Topic: "own", Partition: r.Partition, Offset: r.Offset}} {
		if got := read(t, s.Offsets().Reader("c", "own", h), table("t")); got != `{"position":9}` {
			t.Errorf("hint %+v: %s", h, got)
		}
	}
}

func TestAHintInTheOwnTopicIsUsed(t *testing.T) {
	c := cluster(t)
	s := open(t, options(c))
	topic(t, c, "own", 25)
	r := offsetRecord(t, "own", "c", table("t"), at(1))
	produce(t, c, r)
	produce(t, c, offsetRecord(t, "connect-offsets", "c", table("t"), at(9)))
	for _, h := range []*Hint{nil, {Topic: "own", Partition: r.Partition, Offset: r.Offset}, {Partition: r.Partition, Offset: r.Offset}} {
		if got := read(t, s.Offsets().Reader("c", "own", h), table("t")); got != `{"position":1}` {
			t.Errorf("hint %+v: %s", h, got)
		}
	}
}

// A broker that goes away while a task looks up where to go on is back in seconds. A failure that is not retriable would keep the
// task waiting for minutes, as one that needs a person.
func TestABrokenLineToTheOffsetsTopicIsRetriable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			_ = conn.Close() // as a load balancer without a broker behind it does
		}
	}()
	o, err := OpenOffsets(Options{Kafka: []kgo.Opt{kgo.SeedBrokers(listener.Addr().String())}, OffsetTopic: "offsets", GroupID: "g"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	for _, hint := range []*Hint{nil, {Partition: 0, Offset: 1}} {
		_, err := o.Reader("c", "", hint).Offset(t.Context(), table("a"))
		if connect.KindOf(err) != connect.KindRetriable {
			t.Errorf("with hint %v: %v is of kind %v", hint, err, connect.KindOf(err))
		}
	}
}
