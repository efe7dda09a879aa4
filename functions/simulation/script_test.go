package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// acts is how much happens to the first connector.
const acts = 5

// play is what users do, and what befalls the world, until the faults cease. Only the first connector is changed.
func (w *world) play(rng *rand.Rand) {
	name := w.names[0]
	for n := range acts {
		w.pause(rng, 9*time.Second)
		switch kind := rng.IntN(20); {
		case kind < 6:
			w.reconfigure(rng, name, n+1)
		case kind < 8:
			w.ask(rng, name, "PUT", "/connectors/"+name+"/pause", "")
			w.pause(rng, 6*time.Second)
			w.ask(rng, name, "PUT", "/connectors/"+name+"/resume", "")
		case kind < 12:
			w.ask(rng, name, "PUT", "/connectors/"+name+"/stop", "")
			if rng.IntN(2) == 0 {
				w.pause(rng, 6*time.Second)
			}
			if w.upstreams[name] != nil && rng.IntN(3) > 0 {
				w.alter(rng, name)
			}
			w.ask(rng, name, "PUT", "/connectors/"+name+"/resume", "")
		case kind < 14:
			w.ask(rng, name, "POST", "/connectors/"+name+"/restart?includeTasks=true", "", 404)
		case kind < 15:
			w.ask(rng, name, "POST", "/connectors/"+name+"/tasks/0/restart", "", 404, 409)
		case kind < 16:
			w.ask(rng, name, "DELETE", "/connectors/"+name, "", 404)
			w.pause(rng, 6*time.Second)
			w.reconfigure(rng, name, n+1)
		case kind < 18:
			for range 2 {
				w.passSoon(name, w.nth("two at once"))
			}
		default:
			w.outage(rng)
		}
	}
	w.pause(rng, 6*time.Second)
}

func (w *world) pause(rng *rand.Rand, most time.Duration) {
	sleep(w.ctx, time.Duration(rng.Int64N(int64(most))))
}

func (w *world) reconfigure(rng *rand.Rand, name string, nonce int) {
	w.ask(rng, name, "PUT", "/connectors/"+name+"/config", w.config(name, 1+rng.IntN(sourceParts), nonce))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nonce = nonce
}

// alter sets the offset of one part to somewhere among the records there are.
func (w *world) alter(rng *rand.Rand, name string) {
	n := rng.IntN(sourceParts)
	w.mu.Lock()
	p := w.upstreams[name].parts[n]
	if len(p.released) == 0 {
		w.mu.Unlock()
		return
	}
	to := rng.Int64N(int64(len(p.released)))
	p.moved = append(p.moved, to)
	p.alter(to)
	w.mu.Unlock()
	w.ask(rng, name, "PATCH", "/connectors/"+name+"/offsets", fmt.Sprintf(`{"offsets":[{"partition":{"part":%d},"offset":{"next":%d}}]}`, n, to))
	w.mu.Lock()
	defer w.mu.Unlock()
	p.alter(to) // what a task of before acknowledged until then does not count either
}

// alter forgets acknowledgements from an offset on, those to come of tasks that have begun already included.
func (p *part) alter(to int64) {
	p.acked = min(p.acked, to)
	p.altered++
}

// outage breaks every wire there is, as a broker does that restarts.
func (w *world) outage(rng *rand.Rand) {
	if w.calm {
		return
	}
	w.note("BROKER", "", "loses all its connections")
	w.mu.Lock()
	all := append([]*process{}, w.processes...)
	w.mu.Unlock()
	for _, p := range all {
		if rng.IntN(4) > 0 {
			p.disconnect()
		}
	}
}

// feed brings records into being until the faults cease.
func (w *world) feed(name string, rng *rand.Rand) {
	for !w.settled.Load() {
		n, part := 1+rng.IntN(4), rng.IntN(sourceParts)
		w.mu.Lock()
		up, down := w.upstreams[name], w.downstreams[name]
		if up != nil {
			for range n {
				up.parts[part].released = append(up.parts[part].released, time.Now())
			}
		} else {
			for range n {
				down.parts[part].born = append(down.parts[part].born, time.Now())
			}
		}
		w.mu.Unlock()
		if down != nil {
			for range n {
				w.client.Produce(w.ctx, &kgo.Record{Topic: "to-" + name, Partition: int32(part), Value: []byte("x")}, nil)
			}
			if err := w.client.Flush(w.ctx); err != nil {
				return
			}
		}
		if !sleep(w.ctx, 200*time.Millisecond+time.Duration(rng.Int64N(int64(2500*time.Millisecond)))) {
			return
		}
	}
}

// calmTime bounds how long it may take from the last fault until everything is moved: what an event is late at most, and the
// clock that is wrong by ten minutes, and waiting times after failures.
const calmTime = 40 * time.Minute

// settle ends the faults, and waits until all is moved.
func (w *world) settle(rng *rand.Rand) {
	w.storm.Store(false)
	w.settled.Store(true)
	w.mu.Lock()
	all := append([]*process{}, w.processes...)
	w.mu.Unlock()
	w.note("WORLD", "", "has no more faults")
	for _, p := range all {
		p.thaw()
	}
	for _, name := range w.names {
		if w.calm && name == w.names[1] {
			continue
		}
		w.ask(rng, name, "POST", "/connectors/"+name+"/restart?includeTasks=true&onlyFailed=true", "", 404)
	}
	began := time.Now()
	for _, name := range w.names {
		for w.left(name) != "" {
			if time.Since(began) > calmTime {
				w.violate(name, "after %s without faults, %s", calmTime, w.left(name))
				return
			}
			sleep(w.ctx, time.Second)
		}
	}
	w.note("WORLD", "", "has moved everything")
	w.judge(rng)
}

// left says what of a connector is not moved yet, empty when all is.
func (w *world) left(name string) string {
	w.looked()
	w.mu.Lock()
	defer w.mu.Unlock()
	var left []string
	if up := w.upstreams[name]; up != nil {
		for i, p := range up.parts {
			if n := int64(len(p.released)); p.next != n {
				left = append(left, fmt.Sprintf("%d of %d records of part %d are in the topic", p.next, n, i))
			}
		}
		return strings.Join(left, ", ")
	}
	for i, s := range w.downstreams[name].parts {
		if n := int64(len(s.born)); s.durable != n || s.committed != n {
			left = append(left, fmt.Sprintf("of %d records of partition %d, %d are durable and %d committed", n, i, s.durable, s.committed))
		}
	}
	return strings.Join(left, ", ")
}
