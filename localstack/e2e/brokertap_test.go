package e2e_test

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// moment is when a broker is killed: at the n-th request of a kind.
type moment struct {
	key   kmsg.Key
	phase phase
	n     int
}

func (m moment) String() string { return m.phase.String() + " " + kmsg.NameForKey(int16(m.key)) }

// phase is how far a request has come.
type phase int

const (
	unsent   phase = iota // the broker never sees it
	sent                  // it may have begun to carry it out
	answered              // it has carried it out, and nobody hears of that
)

func (p phase) String() string { return [...]string{"before", "during", "after"}[p] }

// moments are where it might matter, most important first.
func moments() []moment {
	var all []moment
	for _, at := range []phase{answered, sent, unsent} {
		for _, key := range []kmsg.Key{kmsg.EndTxn, kmsg.WriteTxnMarkers, kmsg.Produce, kmsg.TxnOffsetCommit, kmsg.InitProducerID, kmsg.ListOffsets} {
			all = append(all, moment{key: key, phase: at})
		}
	}
	return all
}

// tap is the address under which a broker is known, also to itself. It sees every request and kills the broker at a moment.
type tap struct {
	listener net.Listener
	target   string // the broker's own address
	kill     func()

	mu     sync.Mutex
	armed  *moment
	struck chan struct{} // closed when the broker is dead
}

// newTap listens; target and kill have to be set before the first client comes.
func newTap(t *testing.T) *tap {
	t.Helper()
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	return &tap{listener: listener}
}

func (p *tap) addr() string { return p.listener.Addr().String() }

// serve accepts connections until the test ends.
func (p *tap) serve(t *testing.T) {
	t.Helper()
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := p.listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.relay(c) })
		}
	})
	t.Cleanup(func() { _ = p.listener.Close() })
}

// arm chooses the moment of the next kill. The channel is closed when the broker is dead.
func (p *tap) arm(m moment) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed, p.struck = &m, make(chan struct{})
	return p.struck
}

// strikeNow kills at once if the moment has not come.
func (p *tap) strikeNow() {
	p.mu.Lock()
	waits := p.armed != nil
	p.armed = nil
	p.mu.Unlock()
	if waits {
		p.strike()
	}
}

// isNow reports whether this is the moment.
func (p *tap) isNow(key kmsg.Key, at phase) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.armed
	if m == nil || m.key != key || m.phase != at {
		return false
	}
	if m.n--; m.n > 0 {
		return false
	}
	p.armed = nil
	return true
}

func (p *tap) strike() {
	p.kill()
	close(p.struck)
}

// relay copies requests and answers of one connection until either side ends it.
func (p *tap) relay(client net.Conn) {
	defer func() { _ = client.Close() }()
	broker, err := net.Dial("tcp", p.target) //nolint:noctx // on this machine it fails or succeeds at once
	if err != nil {
		return
	}
	defer func() { _ = broker.Close() }()
	asked := make(chan kmsg.Key, 1000) // brokers answer in order
	var answers sync.WaitGroup
	answers.Go(func() {
		defer func() { _ = client.Close() }()
		frames(broker, func(frame []byte) bool {
			if p.isNow(<-asked, answered) {
				p.strike()
				return false
			}
			_, err := client.Write(frame)
			return err == nil
		})
	})
	frames(client, func(frame []byte) bool {
		key := kmsg.Key(binary.BigEndian.Uint16(frame[4:]))
		if p.isNow(key, unsent) {
			p.strike()
			return false
		}
		asked <- key
		_, err := broker.Write(frame)
		if p.isNow(key, sent) {
			<-time.After(time.Duration(rand.IntN(4000)) * time.Microsecond) // somewhere in the midst of it
			p.strike()
		}
		return err == nil
	})
	_ = broker.Close()
	answers.Wait()
}

// frames reads what a size goes before, until pass is false or the connection ends.
func frames(from io.Reader, pass func(frame []byte) bool) {
	frame := make([]byte, 4)
	for {
		if _, err := io.ReadFull(from, frame[:4]); err != nil {
			return
		}
		n := 4 + int(binary.BigEndian.Uint32(frame))
		if cap(frame) < n {
			frame = append(make([]byte, 0, n), frame[:4]...)
		}
		frame = frame[:n]
		if _, err := io.ReadFull(from, frame[4:]); err != nil || !pass(frame) {
			return
		}
	}
}
