package wire

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// maxFrame bounds a message of the Kafka protocol: brokers take at most 100 MB.
const maxFrame = 128 << 20

// Kafka is a proxy in front of one broker, which must advertise the proxy's address. Its methods may be called concurrently.
type Kafka struct {
	addr string
	tap  Tap

	ctx    context.Context //nolint:containedctx // the life of the connections, which nobody's call bounds
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while the broker is away
	upstream string
	links    map[*link]struct{}
}

// NewKafka listens on a free port of this machine. Connections are closed at once until Forward, or kfake's use of Listen, says
// where to.
func NewKafka(tap Tap) (*Kafka, error) {
	k := &Kafka{tap: tap, links: make(map[*link]struct{})}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	if err := k.listen(); err != nil {
		return nil, err
	}
	return k, nil
}

// Ports come from below the range that Linux takes the ports of outgoing connections from: one of those could be lost while
// the proxy does not listen.
const (
	lowestPort  = 10240
	highestPort = 32767
)

// listen opens the listener, the first time on a port that nobody listens on.
func (k *Kafka) listen() error {
	var err error
	for range 100 {
		addr := k.addr
		if addr == "" {
			addr = fmt.Sprintf("127.0.0.1:%d", lowestPort+rand.IntN(highestPort-lowestPort+1))
		}
		var listener net.Listener
		if listener, err = net.Listen("tcp", addr); err == nil {
			k.addr, k.listener = addr, listener
			k.wg.Go(func() { k.accept(listener) })
			return nil
		}
	}
	return fmt.Errorf("listen for Kafka clients: %w", err)
}

// Addr is where clients connect, and what the broker has to advertise.
func (k *Kafka) Addr() string { return k.addr }

// Forward says where the broker is.
func (k *Kafka) Forward(broker string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.upstream = broker
}

// Upstream is where the broker is.
func (k *Kafka) Upstream() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.upstream
}

// Listen opens a listener for kfake (kfake.ListenFn) with one broker: that advertises the address of its listener, which is the
// proxy's, though it accepts elsewhere, at the address that is returned beside it.
func (k *Kafka) Listen(network, _ string) (l net.Listener, addr string, err error) {
	inner, err := net.Listen(network, "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	addr = inner.Addr().String()
	k.Forward(addr)
	proxy, err := net.ResolveTCPAddr("tcp", k.addr)
	return advertised{inner, proxy}, addr, err
}

type advertised struct {
	net.Listener
	addr net.Addr
}

func (a advertised) Addr() net.Addr { return a.addr }

// Break closes all connections and refuses new ones until Mend: to clients the broker is away. It may be called again.
func (k *Kafka) Break() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.listener != nil {
		_ = k.listener.Close()
		k.listener = nil
	}
	for l := range k.links {
		l.close()
	}
}

// Mend ends what Break began. After Close it does nothing.
func (k *Kafka) Mend() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.listener != nil || k.ctx.Err() != nil {
		return nil
	}
	return k.listen()
}

// Close ends the proxy and all its connections. It waits for taps, whose contexts have ended by then.
func (k *Kafka) Close() {
	k.cancel()
	k.Break()
	k.wg.Wait()
}

func (k *Kafka) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // closed
		}
		k.wg.Go(func() { k.serve(client) })
	}
}

// serve carries one connection until either end closes it.
func (k *Kafka) serve(client net.Conn) {
	l := k.open(client)
	if l == nil {
		_ = client.Close()
		return
	}
	replies := make(chan struct{})
	go func() {
		defer close(replies)
		k.replies(l)
	}()
	k.requests(l)
	<-replies
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.links, l)
}

// open connects to the broker, nil when it is away.
func (k *Kafka) open(client net.Conn) *link {
	k.mu.Lock()
	upstream := k.upstream
	k.mu.Unlock()
	if upstream == "" {
		return nil
	}
	broker, err := net.Dial("tcp", upstream)
	if err != nil {
		return nil
	}
	l := &link{client: client, broker: broker, pending: make(map[int32]Message)}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.listener == nil { // it broke since then
		_ = broker.Close()
		return nil
	}
	k.links[l] = struct{}{}
	return l
}

func (k *Kafka) requests(l *link) {
	defer l.close()
	for {
		frame, err := readFrame(l.client)
		if err != nil {
			return
		}
		m, id, err := requestHead(frame)
		if err != nil {
			return
		}
		m.Conn, m.Peer, m.Local = l.client, l.client.RemoteAddr(), l.client.LocalAddr()
		l.note(id, m)
		if k.tap(k.ctx, m).Cut {
			return
		}
		if _, err := l.broker.Write(frame); err != nil {
			return
		}
	}
}

func (k *Kafka) replies(l *link) {
	defer l.close()
	for {
		frame, err := readFrame(l.broker)
		if err != nil || len(frame) < 8 {
			return
		}
		m, ok := l.take(int32(binary.BigEndian.Uint32(frame[4:])))
		if !ok {
			return
		}
		m.Reply = true
		if k.tap(k.ctx, m).Cut {
			return
		}
		if _, err := l.client.Write(frame); err != nil {
			return
		}
	}
}

// link is a client's connection and ours to the broker for it.
type link struct {
	client, broker net.Conn

	mu      sync.Mutex
	pending map[int32]Message // requests without a reply, by correlation id
}

// close ends both connections; that one is closed already is no matter.
func (l *link) close() {
	_ = l.client.Close()
	_ = l.broker.Close()
}

func (l *link) note(id int32, m Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending[id] = m
}

func (l *link) take(id int32) (Message, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, ok := l.pending[id]
	delete(l.pending, id)
	return m, ok
}

// readFrame reads one message with its length in front.
func readFrame(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := int32(binary.BigEndian.Uint32(size[:]))
	if n < 0 || n > maxFrame {
		return nil, fmt.Errorf("a message of %d bytes", n)
	}
	frame := make([]byte, 4+n)
	copy(frame, size[:])
	_, err := io.ReadFull(r, frame[4:])
	return frame, err
}

// requestHead reads what all versions of the request header begin with: API key, version, correlation id, client id.
//
// Source: https://kafka.apache.org/protocol.html#protocol_messages
func requestHead(frame []byte) (m Message, id int32, err error) {
	const head = 4 + 2 + 2 + 4 + 2
	if len(frame) < head {
		return m, 0, fmt.Errorf("a request of %d bytes", len(frame))
	}
	m.Call = kmsg.NameForKey(int16(binary.BigEndian.Uint16(frame[4:])))
	id = int32(binary.BigEndian.Uint32(frame[8:]))
	n := int(int16(binary.BigEndian.Uint16(frame[12:])))
	if n > len(frame)-head {
		return m, 0, fmt.Errorf("a client id of %d bytes in a request of %d", n, len(frame))
	}
	if n > 0 {
		m.Client = string(frame[head : head+n])
	}
	return m, id, nil
}
