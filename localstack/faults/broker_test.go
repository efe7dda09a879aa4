package faults_test

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// broker is the Kafka of one cell.
type broker struct {
	// seeds are where functions connect: behind the cell's tap.
	seeds string
	// control is where the coordinator and the API connect; empty is as seeds.
	control string
	// line is the task's line to the broker where that can be made bad; else nil.
	line *line
	// opts are how the test's own clients connect: past the tap, so that they see what is, whatever the cell does to it.
	opts []kgo.Opt
	// real says that it is no kfake.
	real bool
	// restart kills the broker and starts it again, or lets it be away for a while where it cannot be started again.
	restart func() error
	// dump describes the transactional id of a connector's task, for a cell that failed; nil for kfake.
	dump func(ctx context.Context, connector string) string
}

// outage is how long a broker is away that cannot be killed.
const outage = time.Second

// newKfake starts a kfake of the cell's own behind its tap.
func newKfake(t testing.TB, tap wire.Tap) *broker {
	t.Helper()
	proxy, err := wire.NewKafka(tap)
	if err != nil {
		t.Fatal(err)
	}
	var direct string
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ListenFn(func(network, addr string) (net.Listener, error) {
		l, at, err := proxy.Listen(network, addr)
		direct = at
		return l, err
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cluster.Close(); proxy.Close() })
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, direct)
	}
	return &broker{
		seeds: proxy.Addr(), opts: []kgo.Opt{kgo.SeedBrokers(proxy.Addr()), kgo.Dialer(dial), kgo.MetadataMinAge(50 * time.Millisecond)},
		restart: func() error {
			proxy.Break()
			wait(t.Context(), outage)
			return proxy.Mend()
		},
	}
}

// slot is a proxy of the shared real broker. One cell has it at a time.
type slot struct {
	proxy *wire.Kafka
	tap   atomic.Pointer[wire.Tap]
}

func newSlot() (*slot, error) {
	s := new(slot)
	proxy, err := wire.NewKafka(func(ctx context.Context, m wire.Message) wire.Verdict {
		if tap := s.tap.Load(); tap != nil {
			return (*tap)(ctx, m)
		}
		return wire.Verdict{}
	})
	s.proxy = proxy
	return s, err
}

// openSlots prepares the listeners of the shared broker, one for each cell that can run at once.
func openSlots() error {
	suite.slots = make(chan *slot, *parallel)
	var list []*slot
	var addrs []string
	for range *parallel {
		s, err := newSlot()
		if err != nil {
			return err
		}
		list, addrs = append(list, s), append(addrs, s.proxy.Addr())
	}
	upstream, behind, err := servers.Behind(addrs...)
	if err != nil {
		return err
	}
	suite.kafka.Options = []servers.Option{behind}
	for i, s := range list {
		s.proxy.Forward(upstream[i])
		suite.slots <- s
	}
	return nil
}

// newReal gives a cell a way of its own to the real broker that all share.
func newReal(t testing.TB, tap wire.Tap) *broker {
	t.Helper()
	shared := suite.kafka.Broker(t)
	s := <-suite.slots
	s.tap.Store(&tap)
	t.Cleanup(func() {
		s.tap.Store(nil)
		suite.slots <- s
	})
	return &broker{seeds: s.proxy.Addr(), opts: direct(shared), real: true, dump: describe(shared)}
}

func direct(b *servers.Server) []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers(b.Addr), kgo.MetadataMinAge(50 * time.Millisecond)}
}

// newRestartable starts a real broker for one cell. One such cell runs at a time: the machine has other things to do.
func newRestartable(t testing.TB, tap wire.Tap) *broker {
	t.Helper()
	suite.restarting <- struct{}{}
	t.Cleanup(func() { <-suite.restarting })
	s, err := newSlot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.proxy.Close)
	s.tap.Store(&tap)
	upstream, behind, err := servers.Behind(s.proxy.Addr())
	if err != nil {
		t.Fatal(err)
	}
	s.proxy.Forward(upstream[0])
	b := servers.Kafka(t, behind, servers.Properties("broker.session.timeout.ms=2000"))
	return &broker{seeds: s.proxy.Addr(), opts: direct(b), real: true, dump: describe(b), restart: func() error {
		s.proxy.Break()
		b.Kill(t)
		b.Start(t)
		return s.proxy.Mend()
	}}
}

// describe asks a real broker about the transactional id of a connector's first task.
func describe(b *servers.Server) func(ctx context.Context, connector string) string {
	return func(ctx context.Context, connector string) string {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		cl, err := kgo.NewClient(direct(b)...)
		if err != nil {
			return err.Error()
		}
		defer cl.Close()
		id := connector + "-" + connector + "-0"
		described, err := kadm.NewClient(cl).DescribeTransactions(ctx, id)
		if err != nil {
			return "describe the transactional id " + id + ": " + err.Error()
		}
		return fmt.Sprintf("the transactional id: %+v", described[id])
	}
}
