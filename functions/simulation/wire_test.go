package simulation_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// wire is a connection of a process to a broker. Bytes take their time on it, in both directions, whatever becomes of the
// process meanwhile: what was sent arrives, unless the wire breaks.
type wire struct {
	net.Conn // the near end of a pipe
	p        *process
}

// dial opens a wire.
func (p *process) dial(ctx context.Context, network, host string) (net.Conn, error) {
	if err := p.step("dials a broker"); err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	broker, err := p.w.network.DialContext(ctx, network, host)
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	c := &wire{Conn: near, p: p}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return nil, errors.Join(&net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}, near.Close(), broker.Close())
	}
	p.wires[c] = struct{}{}
	p.wired++
	w, n := p.w, p.wired
	w.pumps.Go(func() { w.carry(far, broker, w.rng(p.name, "requests", n)) })
	w.pumps.Go(func() { w.carry(broker, far, w.rng(p.name, "answers", n)) })
	return c, nil
}

// carry takes bytes from one end to the other until one is closed, or the wire breaks: before or behind a piece.
func (w *world) carry(from, to net.Conn, rng *rand.Rand) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 4<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		weather := w.weather(rng)
		if sleep(context.Background(), weather.delay); weather.lost {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil || weather.cut {
			return
		}
	}
}

// weather is what happens to one piece on a wire.
type weather struct {
	delay     time.Duration
	lost, cut bool // the wire breaks before the piece arrives, or right after
}

func (w *world) weather(rng *rand.Rand) weather {
	delay := 200*time.Microsecond + time.Duration(rng.Int64N(int64(3*time.Millisecond)))
	kind := rng.IntN(2000)
	if !w.faulty() {
		return weather{delay: delay}
	}
	switch {
	case kind < 6:
		return weather{delay: delay, lost: true}
	case kind < 12:
		return weather{delay: delay, cut: true}
	case kind < 40:
		return weather{delay: delay + time.Duration(rng.Int64N(int64(500*time.Millisecond)))}
	case kind < 43:
		return weather{delay: delay + time.Duration(rng.Int64N(int64(20*time.Second)))}
	}
	return weather{delay: delay}
}

// Read implements net.Conn. A frozen process reads nothing, and does not notice that its time is up.
func (c *wire) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	var gone error
	if n > 0 && len(b) == 4 { // the length, which comes first
		gone = c.p.step("hears from a broker")
	} else {
		gone = c.p.pass()
	}
	if gone != nil {
		return 0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, reset("read", err)
}

// Write implements net.Conn. The client writes one request at a time.
func (c *wire) Write(b []byte) (int, error) {
	name := "a request"
	if len(b) >= 8 {
		name = kmsg.NameForKey(int16(binary.BigEndian.Uint16(b[4:])))
	}
	if c.p.step("sends "+name) != nil {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.ECONNRESET}
	}
	sends := c.p.w.sends(c.p, b)
	idle := !c.p.isWorking()
	n, err := c.Conn.Write(b)
	if err == nil && idle && sends {
		c.p.w.violate("", "I5: %s sends %s though nothing runs in it", c.p.name, name)
	}
	return n, reset("write", err)
}

// Close implements net.Conn.
func (c *wire) Close() error {
	err := c.Conn.Close()
	go func() { // kill closes wires under the lock
		c.p.mu.Lock()
		defer c.p.mu.Unlock()
		delete(c.p.wires, c)
	}()
	return err
}

// reset turns the end of a pipe into that of a connection, which is what the client's retries go by.
func reset(op string, err error) error {
	if errors.Is(err, io.ErrClosedPipe) {
		return &net.OpError{Op: op, Net: "tcp", Err: syscall.ECONNRESET}
	}
	return err
}

// sends looks at a request as it leaves a process, and reports whether it is one of those that move records or offsets.
func (w *world) sends(p *process, b []byte) bool {
	if len(b) < 14 {
		return false
	}
	key := int16(binary.BigEndian.Uint16(b[4:]))
	p.mu.Lock()
	connector := p.connector
	p.mu.Unlock()
	switch kmsg.Key(key) {
	case kmsg.Produce, kmsg.EndTxn, kmsg.InitProducerID, kmsg.TxnOffsetCommit, kmsg.OffsetCommit, kmsg.AddOffsetsToTxn:
	default:
		return false
	}
	switch r := parse(key, b).(type) {
	case *kmsg.InitProducerIDRequest:
		w.note(p.name, connector, "fences %s", text(r.TransactionalID))
	case *kmsg.EndTxnRequest:
		w.looked()
		w.note(p.name, connector, "ends a transaction of %s, producer epoch %d: commit %v", r.TransactionalID, r.ProducerEpoch, r.Commit)
	case *kmsg.TxnOffsetCommitRequest:
		for _, t := range r.Topics {
			for _, o := range t.Partitions {
				w.commits(p, r.Group, t.Topic, t.TopicID, o.Partition, o.Offset)
			}
		}
	case *kmsg.OffsetCommitRequest:
		for _, t := range r.Topics {
			for _, o := range t.Partitions {
				w.commits(p, r.Group, t.Topic, t.TopicID, o.Partition, o.Offset)
			}
		}
	}
	return true
}

func text(s *string) string {
	if s == nil {
		return "nothing"
	}
	return *s
}

// parse reads a request, nil if it cannot.
func parse(key int16, b []byte) kmsg.Request {
	if key == int16(kmsg.Produce) {
		return nil
	}
	req := kmsg.RequestForKey(key)
	req.SetVersion(int16(binary.BigEndian.Uint16(b[6:])))
	r := kbin.Reader{Src: b[12:]}
	r.NullableString() // the client id
	if req.IsFlexible() {
		kmsg.SkipTags(&r)
	}
	if req.ReadFrom(r.Src) != nil {
		return nil
	}
	return req
}
