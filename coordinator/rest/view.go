package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	// readTime bounds how long a request waits to learn the end of an internal topic. Clients give up after ten seconds.
	readTime = 5 * time.Second
	// awayTime is how long after such a wait was in vain nobody waits again.
	awayTime = time.Second
)

// view is how the API sees one internal topic. A Java worker answers from what it has read, so it answers while Kafka is away; so does
// this, where it has read the topic before, and says so by a header. A change is refused at once, before anything of it is written.
type view struct {
	sync  func(context.Context) error // reads the topic to its end
	now   func() time.Time
	topic string

	mu     sync.Mutex
	seen   time.Time // when it was read to its end last; zero for never
	failed time.Time // when that could not be done last, zero if it was done since
}

func newView(topic string, now func() time.Time, read func(context.Context) error) *view {
	return &view{topic: topic, now: now, sync: read}
}

// read reads the topic to its end. If Kafka does not answer, what was read before has to do: then asOf says when that was, and is zero
// otherwise. It fails when there is no such thing, or when the topic itself is not what it was.
func (v *view) read(ctx context.Context) (asOf time.Time, err error) {
	err = v.fresh(ctx)
	seen := v.lastSeen()
	if err == nil || seen.IsZero() || isBroken(err) || ctx.Err() != nil {
		return time.Time{}, err
	}
	return seen, nil
}

// fresh reads the topic to its end, or fails within readTime.
func (v *view) fresh(ctx context.Context) error {
	if v.isAway() {
		return v.away(errors.New("it did not answer just now"))
	}
	limited, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err := v.sync(limited)
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case err == nil:
		v.seen, v.failed = v.now(), time.Time{}
		return nil
	case isBroken(err) || ctx.Err() != nil:
		return err
	}
	v.failed = v.now()
	return v.away(err)
}

func (v *view) lastSeen() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen
}

func (v *view) isAway() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.failed.IsZero() && v.now().Sub(v.failed) < awayTime
}

func (v *view) away(cause error) error {
	return fmt.Errorf("topic %s cannot be read, since Kafka does not answer: try again later; if it stays so, see whether the brokers run and can be reached from here: %w", v.topic, cause)
}

// isBroken tells a topic that is not what it was, or must not be read, from brokers that do not answer.
func isBroken(err error) bool {
	_, stop := errors.AsType[*connect.Error](err)
	return stop
}

// syncConfigs reads the config topic for a request that only looks.
func (h *handler) syncConfigs(ctx context.Context, r *request) error {
	return r.see(h.configs.read(ctx))
}

// syncStatuses reads the status topic for a request that only looks.
func (h *handler) syncStatuses(ctx context.Context, r *request) error {
	return r.see(h.statuses.read(ctx))
}

// see remembers how old what the request sees is.
func (r *request) see(asOf time.Time, err error) error {
	if !asOf.IsZero() && (r.asOf.IsZero() || asOf.Before(r.asOf)) {
		r.asOf = asOf
	}
	return err
}

// warn says in a header that the answer is as old as it is (RFC 9111, section 5.5, and what came before it).
func (r *request) warn(w http.ResponseWriter) {
	if !r.asOf.IsZero() {
		w.Header().Set("Warning", fmt.Sprintf("110 - \"Response is Stale: Kafka does not answer\" %q", r.asOf.UTC().Format(http.TimeFormat)))
	}
}

// ready refuses a change while Kafka does not answer. Where it answered just now, it is not asked again.
func (h *handler) ready(ctx context.Context) error {
	if seen := h.configs.lastSeen(); h.Now().Sub(seen) < awayTime && !h.configs.isAway() {
		return nil
	}
	if err := h.configs.fresh(ctx); err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	return nil
}
