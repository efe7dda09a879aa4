package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
)

// Options of a Ledger. The functions are called while the connector waits for its answer, one at a time for each connector.
type Options struct {
	// Records is how many numbers there are: 0 to Records-1.
	Records int64
	// Pauses are where the numbers stop for a while: a source gets no more than this, and a sink's topic holds no more, until
	// Resume. In ascending order.
	Pauses []int64
	// Visible checks that readers of committed records see all numbers below the one a source was told are committed.
	Visible func(ctx context.Context, below int64) error
	// Feed adds the numbers below the given one to the topic that a sink reads, as far as they are not there.
	Feed func(ctx context.Context, below int64) error
	// Position returns the offset of the sink's consumer group.
	Position func(ctx context.Context) (int64, error)
	// Fenced reports whether somebody else has taken over the transactional id of the task that a session belongs to: it cannot
	// commit any more, and does not know yet.
	Fenced func(session string) bool
	// Note is told what happens, in words.
	Note func(text string)
}

// Ledger is the system at the other end. Its methods may be called concurrently.
type Ledger struct {
	opts Options

	mu         sync.Mutex
	gate       int64         // the next pause, or Records
	waits      bool          // at the gate
	times      map[int64]int // how often each number is durable
	stored     int64         // the offset that is stored with the data
	end        int64         // one beyond the largest durable number
	position   int64         // of the group, when last seen
	batch      int           // the largest flush
	sessions   map[string]*session
	uncertain  int64 // numbers that were flushed, and not committed when the next session began, or by a session that was fenced
	violations []string
}

// session is one Open of a sink.
type session struct {
	pending map[int64]int64 // numbers by offset
	late    bool            // it flushed after it was fenced
}

// New returns a Ledger. Sinks need a first Feed, by Start.
func New(o Options) *Ledger {
	l := &Ledger{opts: o, times: make(map[int64]int), sessions: make(map[string]*session)}
	l.nextGate()
	return l
}

func (l *Ledger) nextGate() {
	l.gate, l.waits = l.opts.Records, false
	if len(l.opts.Pauses) > 0 {
		l.gate, l.opts.Pauses = l.opts.Pauses[0], l.opts.Pauses[1:]
	}
}

// feedAhead is how many numbers a sink's topic holds beyond what was put: with two batches there is always a next one.
const feedAhead = 2 * batchSize

// Start makes the first numbers available to a sink.
func (l *Ledger) Start(ctx context.Context) error {
	if l.opts.Feed == nil {
		return nil
	}
	return l.opts.Feed(ctx, feedAhead)
}

// Resume ends a pause that was reached; otherwise it does nothing.
func (l *Ledger) Resume(ctx context.Context) error {
	l.mu.Lock()
	if !l.waits || l.gate == l.opts.Records {
		l.mu.Unlock()
		return nil
	}
	from := l.gate
	l.nextGate()
	below := min(from+feedAhead, l.gate)
	l.mu.Unlock()
	if l.opts.Feed == nil {
		return nil
	}
	return l.opts.Feed(ctx, below)
}

// ServeHTTP answers connectors.
func (l *Ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q request
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// What happens is done, whether the caller lives or not.
	p, err := l.answer(context.WithoutCancel(r.Context()), r.URL.Path, q)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_ = json.NewEncoder(w).Encode(p) // a connector that is gone asks again
}

func (l *Ledger) answer(ctx context.Context, path string, q request) (response, error) {
	switch path {
	case "/poll":
		return l.poll(q), nil
	case "/committed":
		return response{}, l.committed(ctx, q)
	case "/open":
		return l.open(ctx, q)
	case "/put":
		return response{}, l.put(ctx, q)
	case "/flush":
		return l.flush(ctx, q)
	}
	return response{}, fmt.Errorf("nothing is at %s", path)
}

func (l *Ledger) poll(q request) response {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = l.waits || q.From >= l.gate
	return response{To: max(q.From, min(q.To, l.gate))}
}

// committed looks, before the source goes on, whether what it was told is true.
func (l *Ledger) committed(ctx context.Context, q request) error {
	if err := l.opts.Visible(ctx, q.To); err != nil {
		l.violated("the source was told that all below %d are durable: %v", q.To, err)
	}
	l.note("the source was told that all below %d are durable", q.To)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = max(l.end, q.To)
	return nil
}

// open begins a session. The fence has come before, so no session before this one can commit any more: the offset of the group
// says what will be put again.
func (l *Ledger) open(ctx context.Context, q request) (response, error) {
	position, err := l.opts.Position(ctx)
	if err != nil {
		return response{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.look(position)
	again := l.end - position
	if again > int64(l.batch) {
		l.violate("%d numbers come again, and the largest batch had %d", again, l.batch)
	}
	l.uncertain += max(0, again)
	l.sessions[q.Session] = &session{pending: make(map[int64]int64)}
	l.opts.Note(fmt.Sprintf("a sink begins at offset %d; below %d all is durable", position, l.end))
	return response{Stored: l.stored}, nil
}

// put keeps what is handed in, and sees to it that there is more to read.
func (l *Ledger) put(ctx context.Context, q request) error {
	end := q.From + int64(len(q.IDs))
	l.mu.Lock()
	s := l.sessions[q.Session]
	if s == nil {
		l.mu.Unlock()
		return fmt.Errorf("there is no session %s", q.Session)
	}
	for i, id := range q.IDs {
		s.pending[q.From+int64(i)] = id
		if id != q.From+int64(i) {
			l.violate("number %d came at offset %d", id, q.From+int64(i))
		}
	}
	l.waits = l.waits || end >= l.gate
	below := min(end+feedAhead, l.gate)
	l.mu.Unlock()
	return l.opts.Feed(ctx, below)
}

func (l *Ledger) flush(ctx context.Context, q request) (response, error) {
	position, err := l.opts.Position(ctx)
	if err != nil {
		return response{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.look(position)
	s := l.sessions[q.Session]
	if s == nil {
		return response{}, fmt.Errorf("there is no session %s", q.Session)
	}
	if q.Conditional && q.From != l.stored {
		l.opts.Note(fmt.Sprintf("a flush that went on from %d is refused: %d is stored", q.From, l.stored))
		return response{Stored: l.stored, Refused: true}, nil
	}
	l.apply(s, q)
	return response{Stored: l.stored}, nil
}

// look compares the offset of the group with what is known. The lock is held.
func (l *Ledger) look(position int64) {
	switch {
	case position < l.position:
		l.violate("the group's offset went from %d back to %d", l.position, position)
	case position > l.end:
		l.violate("the group's offset is %d, and only %d numbers are durable", position, l.end)
	}
	l.position = position
}

// apply makes the pending numbers of a session durable, of an exactly-once sink those from the stored offset on.
func (l *Ledger) apply(s *session, q request) {
	n := 0
	for offset, id := range s.pending {
		if q.Conditional && offset < l.stored {
			continue
		}
		l.times[id]++
		l.end = max(l.end, id+1)
		n++
	}
	if n > 0 && !q.Conditional && l.opts.Fenced(q.Session) {
		if s.late {
			l.violate("a session that was fenced flushed a second batch")
		}
		s.late = true
		l.uncertain += int64(n)
	}
	if q.Conditional {
		if n > 0 && q.To != l.stored+int64(n) {
			l.violate("a flush from %d to %d had %d numbers", l.stored, q.To, n)
		}
		l.stored = max(l.stored, q.To)
	}
	l.batch = max(l.batch, len(s.pending))
	clear(s.pending)
	l.opts.Note(fmt.Sprintf("%d numbers below %d became durable", n, q.To))
}

func (l *Ledger) note(format string, args ...any) { l.opts.Note(fmt.Sprintf(format, args...)) }

func (l *Ledger) violated(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violate(format, args...)
}

// violate notes what must not be. The lock is held.
func (l *Ledger) violate(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	l.violations = append(l.violations, text)
	l.opts.Note("VIOLATION: " + text)
}

// Account is what a Ledger knows of a sink's numbers, or of what a source acknowledged.
type Account struct {
	// End is one beyond the largest number that is durable, or that was acknowledged.
	End int64
	// Lost and Repeated count numbers below Records that are not durable, and further copies of those that are.
	Lost, Repeated int64
	// Batch is the size of the largest flush.
	Batch int
	// Violations are what the Ledger saw that must not be: an acknowledged number that a reader does not see, an offset of the
	// group that is beyond what is durable or goes back, more than one batch that comes again.
	Violations []string
}

// Account returns the state of now.
func (l *Ledger) Account() Account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := Account{End: l.end, Batch: l.batch, Violations: slices.Clone(l.violations)}
	for id := range l.opts.Records {
		n := l.times[id]
		if n == 0 {
			a.Lost++
		}
		a.Repeated += int64(max(0, n-1))
	}
	if a.Repeated > l.uncertain {
		a.Violations = append(a.Violations, fmt.Sprintf("%d numbers are there more than once, and at most %d were flushed without being committed", a.Repeated, l.uncertain))
	}
	return a
}
