package faults_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
)

// hunt kills a task again and again, each time at a message that nobody chose. The trial's mu guards it.
type hunt struct {
	random *rand.Rand
	left   int // kills to come
	life   int // messages until the next

	killed    string    // the last victim
	at        time.Time // of its death; zero once somebody took over
	takeOvers []time.Duration
	points    map[string]int // how often at which message
}

// A life is long enough to come anywhere: to acquire takes two messages, to begin to work about twenty, and a batch ten.
const longestLife = 80

func newHunt(random *rand.Rand, kills int) *hunt {
	return &hunt{random: random, left: kills, life: 1 + random.IntN(longestLife), points: map[string]int{}}
}

func (h *hunt) taken(e epoch) {
	if !h.at.IsZero() && e.sandbox != h.killed {
		h.takeOvers = append(h.takeOvers, time.Since(h.at))
		h.at = time.Time{}
	}
}

// hunted kills the sandbox if its time has come, and reports whether it did.
func (r *trial) hunted(m wire.Message, sandbox string) bool {
	r.mu.Lock()
	h := r.hunt
	if h.left == 0 || sandbox == h.killed {
		r.mu.Unlock()
		return false
	}
	if h.life--; h.life > 0 {
		r.mu.Unlock()
		return false
	}
	h.left--
	h.life = 1 + h.random.IntN(longestLife)
	h.killed, h.at = sandbox, time.Now()
	r.struck = h.at
	point := "before " + m.Call
	if m.Reply {
		point = "after " + m.Call
	}
	h.points[point]++
	r.mu.Unlock()
	r.d.lambda.Kill(taskFunction, sandbox)
	r.note("%s was killed, %s", short(sandbox), point)
	return true
}

// A task that is killed again and again, wherever it is, moves on: nothing is lost, and each kill repeats at most the one batch
// that was not committed, and nothing where exactly once is promised. The Ledger judges the batches; see its Violations.
func TestKillsWhereverTheyComeLoseNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers and builds functions")
	}
	if *oneCell != "" {
		t.Skip("one cell of the matrix was asked for")
	}
	t.Parallel()
	seed, copies, kills := seed(t), 1, 10
	if *allCells {
		copies, kills = 4, 84
	}
	db := newDatabase(t)
	var sum tally
	t.Cleanup(func() { t.Log(sum.text()) })
	for _, k := range kinds() {
		for i := range copies {
			real := i == 3 // one of four
			t.Run(fmt.Sprintf("%s-%d", k, i), func(t *testing.T) {
				t.Parallel()
				// One life moves about as much. When all is moved, the rest of the kills comes to tasks that look for more.
				c := cell{kind: k, fault: kill, step: step(fmt.Sprintf("anything-%d", i)), real: real}
				r := newTrial(t, c, surroundings{db: db, seed: seed}, int64(kills)*60, nil)
				r.hunt = newHunt(r.random, kills)
				r.run(t, time.Duration(kills)*20*time.Second)
				var o outcome
				r.judge(t, &o)
				sum.add(r, o)
			})
		}
	}
}

// tally sums up what all hunts came to.
type tally struct {
	mu        sync.Mutex
	kills     int
	numbers   int64
	lost      int64
	repeated  map[kind]int64
	takeOvers []time.Duration
	points    map[string]int
}

func (s *tally) add(r *trial, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.points == nil {
		s.points, s.repeated = map[string]int{}, map[kind]int64{}
	}
	s.numbers, s.lost = s.numbers+r.records, s.lost+o.lost
	s.repeated[r.cell.kind] += o.repeated
	s.takeOvers = append(s.takeOvers, r.hunt.takeOvers...)
	for point, n := range r.hunt.points {
		s.points[point] += n
		s.kills += n
	}
}

func (s *tally) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.takeOvers) == 0 {
		return "nobody took over"
	}
	slices.Sort(s.takeOvers)
	at := func(part float64) float64 { return s.takeOvers[int(part*float64(len(s.takeOvers)-1))].Seconds() }
	return fmt.Sprintf("%d kills at %d kinds of messages, %d numbers: %d lost; repeated by sources %d, by exactly-once sinks %d, by sinks %d; take-over %.1f s (median), %.1f s (99 %%), %.1f s (longest)",
		s.kills, len(s.points), s.numbers, s.lost, s.repeated[source], s.repeated[exactlyOnceSink], s.repeated[sink], at(0.5), at(0.99), at(1))
}
