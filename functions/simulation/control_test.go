package simulation_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// plane is one instance of the coordinator function, or of the API.
type plane struct {
	*process
	store       *store.Store
	client      *kgo.Client
	coordinator *coordinator.Coordinator
	api         http.Handler // of the API only
}

// newPlane makes an instance. It has to work for a connector already: opening the store is the first it does.
func (w *world) newPlane(ctx context.Context, p *process) (*plane, error) {
	opts := p.kafka()
	c := &plane{process: p}
	var err error
	if c.store, err = store.Open(ctx, store.Options{
		Kafka: opts, GroupID: w.worker.GroupID,
		ConfigTopic: w.worker.ConfigTopic, OffsetTopic: w.worker.OffsetTopic, StatusTopic: w.worker.StatusTopic,
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1, OffsetPartitions: 2, StatusPartitions: 1,
	}); err != nil {
		return nil, err
	}
	if c.client, err = kgo.NewClient(opts...); err != nil {
		c.store.Close()
		return nil, err
	}
	log := slog.New(&journal{p: p})
	c.coordinator = coordinator.New(coordinator.Options{
		Store: c.store, Leases: lease.New(p.table(), lease.Options{Clock: clock{p}, Grace: grace}), Invoker: invoker{p}, Catalog: w.known,
		TransactionalID: w.worker.TransactionalID, Kafka: c.client, WorkerID: w.worker.WorkerID, Owner: p.name, TrackTopics: true,
		Now: clock{p}.Now, Log: log,
	})
	c.api, err = rest.New(rest.Options{
		Store: c.store, Catalog: w.known, Invoker: invoker{p}, Restart: c.coordinator.Restart, Hold: c.coordinator.Hold, Fence: c.coordinator.Fence,
		Trigger: func(connector string) { w.passSoon(connector, w.rng(connector, "trigger", time.Since(w.start))) },
		Kafka:   c.client, WorkerID: w.worker.WorkerID, Version: "4.3.1", Commit: "abcdef0123456789", ClusterID: "simulated",
		Worker: w.worker, Log: log, Now: time.Now,
	})
	return c, err
}

func (c *plane) close() {
	c.client.Close()
	c.store.Close()
}

// controlTime is what a coordinator or the API has for one event.
const controlTime = time.Minute

// control has some instance of a function do a piece of work: one that is free, or a new one.
func (w *world) control(kind, connector string, rng *rand.Rand, f fate, do func(ctx context.Context, c *plane) error) error {
	c := w.freePlane(kind, rng)
	ctx, cancel := context.WithCancelCause(w.ctx)
	defer cancel(nil)
	ctx, stop := context.WithTimeout(ctx, controlTime)
	defer stop()
	end := c.begin(connector, f, cancel)
	timer := time.AfterFunc(controlTime, c.timeUp)
	err := error(nil)
	if c.store == nil {
		var made *plane
		if made, err = w.newPlane(ctx, c.process); err == nil {
			c = made
		}
	}
	if err == nil {
		err = do(ctx, c)
	}
	timer.Stop()
	end()
	w.putPlane(kind, c)
	return err
}

func (w *world) freePlane(kind string, rng *rand.Rand) *plane {
	w.mu.Lock()
	defer w.mu.Unlock()
	free := w.planes[kind]
	if n := len(free); n > 0 && (n >= mostIdle || kind == "api" || rng.IntN(4) > 0) {
		i := rng.IntN(n)
		c := free[i]
		w.planes[kind] = slices.Delete(free, i, i+1)
		return c
	}
	w.planesMade++
	name := fmt.Sprintf("%s-%d", kind, w.planesMade)
	return &plane{process: w.newProcess(name, w.rng(name))}
}

// putPlane takes an instance back, unless it is dead or was never finished.
func (w *world) putPlane(kind string, c *plane) {
	switch {
	case c.store == nil:
	case c.isDead():
		c.close()
	default:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.planes[kind] = append(w.planes[kind], c)
	}
}

// pass has the coordinator look at one connector.
func (w *world) pass(connector string, rng *rand.Rand) {
	if w.closing.Load() {
		return
	}
	err := w.control("coordinator", connector, rng, w.drawFate(rng, 150), func(ctx context.Context, c *plane) error {
		result, err := c.coordinator.Pass(ctx, connector)
		w.note(c.name, connector, "made a pass: published %v, started %v, error %v", result.Published, result.Started, err)
		return err
	})
	if err != nil && !w.faulty() {
		w.note("coordinator", connector, "could not make a pass: %v", err)
	}
}

// passSoon asks for a pass, as the API does after a change and a task that has more to do.
func (w *world) passSoon(connector string, rng *rand.Rand) {
	delay := 10*time.Millisecond + time.Duration(rng.Int64N(int64(100*time.Millisecond)))
	w.wg.Go(func() {
		if sleep(w.ctx, delay) {
			w.pass(connector, rng)
		}
	})
}

// watch makes passes over a connector on a schedule.
func (w *world) watch(connector string) {
	rng := w.rng("schedule", connector)
	for n := 0; ; n++ {
		every := schedule
		if !w.faulty() && !w.calm {
			every = 3 * schedule
		}
		if !sleep(w.ctx, every+time.Duration(rng.Int64N(int64(time.Second)))) {
			return
		}
		one := w.rng("schedule", connector, n)
		w.wg.Go(func() { w.pass(connector, one) })
		if w.faulty() && rng.IntN(5) == 0 { // the event comes twice
			other := w.rng("schedule", connector, n, "again")
			w.wg.Go(func() { w.pass(connector, other) })
		}
	}
}

// ask asks the API until it answers with success, or with one of the statuses named; every request may be repeated. It returns the
// answer.
func (w *world) ask(rng *rand.Rand, connector, method, path, body string, also ...int) (status int, answer string) {
	for range 60 {
		err := w.control("api", connector, rng, w.drawFate(rng, 400), func(ctx context.Context, c *plane) error {
			r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			recorded := httptest.NewRecorder()
			c.api.ServeHTTP(recorded, r)
			if err := c.pass(); err != nil {
				return err
			}
			status, answer = recorded.Code, recorded.Body.String()
			return nil
		})
		if err == nil {
			w.note("API", connector, "%s %s %s: %d %.200s", method, path, body, status, answer)
			if status/100 == 2 {
				return status, answer
			}
			for _, s := range also {
				if s == status {
					return status, answer
				}
			}
		} else {
			w.note("API", connector, "%s %s %s: %v", method, path, body, err)
		}
		if !sleep(w.ctx, 500*time.Millisecond) {
			return 0, ""
		}
	}
	w.violate(connector, "the API does not do %s %s %s: %d %s", method, path, body, status, answer)
	return 0, ""
}
