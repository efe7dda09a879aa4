package simulation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
)

const (
	sourceParts = 3 // partitions of every upstream and of every topic
	grace       = 3 * time.Second
	schedule    = 8 * time.Second // between the passes over a connector
	planTime    = 2 * time.Minute // for which a coordinator takes the right to plan
)

// world is all there is, made from one seed. What its actors decide by chance each of them draws from a generator of its own, so
// that the choices of one do not depend on when another makes its own.
type world struct {
	history
	seed   uint64
	known  *catalog.Catalog
	limits task.Limits
	worker *worker.Config

	calm        bool // no faults: only the first connector is changed all the time
	clocks      bool // they are wrong by more than two seconds
	fatal       bool // upstream and downstream break for good sometimes
	concurrency int  // of sandboxes

	network kfake.VirtualNetwork
	broker  *kfake.Cluster
	leases  *leases
	client  *kgo.Client // of the world itself; its wires are perfect

	ctx    context.Context //nolint:containedctx // the life of the world
	cancel context.CancelFunc
	wg     sync.WaitGroup // of all that happens
	pumps  sync.WaitGroup // of the wires

	storm   atomic.Bool // faults happen
	settled atomic.Bool // no more records come
	closing atomic.Bool // nothing new begins
	looking sync.Mutex

	mu          sync.Mutex
	nonce       int // of the configuration that the API accepted last
	names       []string
	upstreams   map[string]*upstream
	downstreams map[string]*downstream
	processes   []*process
	sandboxes   int
	idle        []*sandbox
	busy        int
	planes      map[string][]*plane
	planesMade  int
	drawn       map[string]int // how many generators of a name were made
	ends        map[string]int // by connector, the ends of invocations that can repeat a batch
}

// newWorld makes a world, in which nothing lives yet.
func newWorld(seed uint64, known *catalog.Catalog) *world {
	return &world{
		seed: seed, known: known, upstreams: make(map[string]*upstream), downstreams: make(map[string]*downstream),
		planes: make(map[string][]*plane), drawn: make(map[string]int), ends: make(map[string]int),
	}
}

// rng returns the generator of an actor.
func (w *world) rng(actor ...any) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, actor...)
	return rand.New(rand.NewPCG(w.seed, h.Sum64()))
}

// nth is rng for something that happens again and again.
func (w *world) nth(actor string) *rand.Rand {
	w.mu.Lock()
	n := w.drawn[actor]
	w.drawn[actor]++
	w.mu.Unlock()
	return w.rng(actor, " ", n)
}

func (w *world) delivery(req *invoke.Request) *rand.Rand {
	return w.nth(fmt.Sprint("delivery ", req.Op, " ", req.Connector, " ", req.Task))
}

func (w *world) invocation(p *process) *rand.Rand { return w.nth("connector in " + p.name) }

// faulty reports whether faults happen now.
func (w *world) faulty() bool { return w.storm.Load() }

func (w *world) drawSkew(rng *rand.Rand) time.Duration {
	most, kind := 2*time.Second, rng.IntN(100)
	switch {
	case w.calm:
		return 0
	case w.clocks && kind < 10:
		most = 10 * time.Minute
	case w.clocks && kind < 70:
		most = 30 * time.Second
	}
	return time.Duration(rng.Int64N(int64(2*most))) - most
}

// drawFate draws what becomes of a process within so many steps; in half of the cases within the first of them, in which a task is
// taken over.
func (w *world) drawFate(rng *rand.Rand, steps int) fate {
	if rng.IntN(2) == 0 {
		steps /= 5
	}
	kind, f, most := rng.IntN(100), fate{step: 1 + rng.IntN(steps)}, time.Duration(0)
	switch long := rng.IntN(10); {
	case long < 5:
		most = 10 * time.Second
	case long < 9:
		most = time.Minute
	default:
		most = 3 * time.Minute
	}
	f.freeze = time.Duration(rng.Int64N(int64(most))) + 1
	switch {
	case !w.faulty() || kind >= 60:
		return fate{}
	case kind < 25:
		f.freeze = 0
	}
	return f
}

// drawDelay draws how long an event takes to be delivered.
func (w *world) drawDelay(rng *rand.Rand) time.Duration {
	most, kind := 100*time.Millisecond, rng.IntN(100)
	switch {
	case !w.faulty():
	case kind < 4:
		most = 4 * time.Minute
	case kind < 20:
		most = 10 * time.Second
	}
	return 5*time.Millisecond + time.Duration(rng.Int64N(int64(most)))
}

// unclean counts the end of an invocation that may repeat a batch: a sink writes again what it had written and not committed.
func (w *world) unclean(connector string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends[connector]++
}

// live is the life of the world, in a bubble.
func (w *world) live() {
	w.start = time.Now()
	w.ctx, w.cancel = context.WithCancel(context.Background())
	defer w.cancel()
	rng := w.rng("world")
	w.create(rng)
	defer w.broker.Close()
	w.wg.Go(func() { w.read(w.client) })
	for i, name := range w.names {
		w.ask(rng, name, "PUT", "/connectors/"+name+"/config", w.config(name, 1+rng.IntN(3), 0))
		w.wg.Go(func() { w.watch(name) })
		feed := w.rng("feed", i)
		w.wg.Go(func() { w.feed(name, feed) })
	}
	w.play(rng)
	w.settle(rng)
	w.end()
}

// create makes brokers, topics and the other systems.
func (w *world) create(rng *rand.Rand) {
	w.calm, w.fatal, w.clocks, w.concurrency = w.seed%5 == 0, rng.IntN(8) == 0, rng.IntN(2) == 0, 4+rng.IntN(5)
	if w.calm {
		w.concurrency = 12 // nobody waits for a sandbox
	}
	w.storm.Store(!w.calm)
	w.limits = task.Limits{
		Time: time.Duration(12+rng.IntN(20)) * time.Second, Reserve: 4 * time.Second, Idle: time.Duration(rng.IntN(8000)) * time.Millisecond,
		BatchRecords: 1 + rng.IntN(6), CheckEvery: 2 * time.Second, Memory: 128 << 20, Sessions: rng.IntN(4),
	}
	w.leases = &leases{Memory: lease.NewMemory(), w: w}
	topics := w.createSystems()
	var err error
	if w.broker, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(w.network.Listen),
		kfake.SeedTopics(sourceParts, topics...)); err != nil {
		panic(err)
	}
	if w.worker, err = worker.New(map[string]string{
		"bootstrap.servers": "localhost:9092", "group.id": "g",
		"config.storage.topic": "configs", "offset.storage.topic": "offsets", "status.storage.topic": "status",
		"key.converter":   "org.apache.kafka.connect.storage.StringConverter",
		"value.converter": "org.apache.kafka.connect.storage.StringConverter",
	}); err != nil {
		panic(err)
	}
	opts := append(w.kafka(),
		kgo.Dialer(w.network.DialContext), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0), kgo.ProducerBatchCompression(kgo.NoCompression()))
	for _, topic := range topics {
		if strings.HasPrefix(topic, "from-") {
			opts = append(opts, kgo.ConsumeTopics(topic))
		}
	}
	if w.client, err = kgo.NewClient(opts...); err != nil {
		panic(err)
	}
}

// createSystems makes what two connectors read or write, of the kinds that the seed says, and returns their topics.
func (w *world) createSystems() (topics []string) {
	for i, name := range []string{"a", "b"} {
		w.names = append(w.names, name)
		kind := (int(w.seed) + i*(1+int(w.seed/3)%2)) % 3
		up, down := &upstream{}, &downstream{exactlyOnce: kind == 2}
		for range sourceParts {
			up.parts, down.parts = append(up.parts, &part{}), append(down.parts, &shelf{})
		}
		if kind == 0 {
			w.upstreams[name] = up
			topics = append(topics, "from-"+name)
		} else {
			w.downstreams[name] = down
			topics = append(topics, "to-"+name)
		}
	}
	return topics
}

// kafka returns the options of every client.
func (w *world) kafka() []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers(w.broker.ListenAddrs()...), kgo.MetadataMinAge(10 * time.Millisecond), kgo.DisableClientMetrics()}
}

// config is the configuration of a connector.
func (w *world) config(name string, tasks, nonce int) string {
	c := map[string]string{"name": name, "tasks.max": fmt.Sprint(tasks), "nonce": fmt.Sprint(nonce)}
	if w.upstreams[name] != nil {
		c["connector.class"], c["topic"] = sourceClass, "from-"+name
	} else {
		c["connector.class"], c["topics"] = sinkClass, "to-"+name
	}
	text, _ := json.Marshal(c)
	return string(text)
}

// end closes what is left. Nothing may run by then.
func (w *world) end() {
	w.closing.Store(true)
	for waited := time.Duration(0); w.running() > 0 && waited < w.limits.Time+2*grace; waited += time.Second {
		sleep(w.ctx, time.Second)
	}
	if n := w.running(); n > 0 {
		w.violate("", "I5: %d invocations do not end", n)
	}
	w.cancel()
	w.wg.Wait()
	for _, s := range w.idle {
		s.close()
	}
	for _, kind := range w.planes {
		for _, c := range kind {
			c.close()
		}
	}
	w.client.Close()
	w.pumps.Wait()
}

func (w *world) running() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.busy
}

// report tells what was wrong.
func (w *world) report(t *testing.T) {
	t.Helper()
	w.history.report(t, w.seed)
}

// watchdog ends the test program if a world does not come to its end in real time.
func (w *world) watchdog(t *testing.T) *time.Timer {
	t.Helper()
	return time.AfterFunc(5*time.Minute, func() {
		debug.SetTraceback("all")
		w.mu.Lock()
		defer w.mu.Unlock()
		panic(fmt.Sprintf("the world of seed %d hangs; what happened:\n%s", w.seed, w.words(nil)))
	})
}

// classes is the catalog with the classes of the simulation.
func classes(t *testing.T) *catalog.Catalog {
	t.Helper()
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(append(known.Entries(),
		catalog.Entry{Class: sourceClass, Type: connect.TypeSource, Version: "1", TaskClass: "simulation.SourceTask", Function: "simulation", ExactlyOnce: true},
		catalog.Entry{Class: sinkClass, Type: connect.TypeSink, Version: "1", TaskClass: "simulation.SinkTask", Function: "simulation"}))
	if err != nil {
		t.Fatal(err)
	}
	if known, err = catalog.Parse(text); err != nil {
		t.Fatal(err)
	}
	return known
}
