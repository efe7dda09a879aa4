package simulation_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// promptly is how long a record of a connector that nobody touches may take in a world without faults: until the next pass, and
// what an invocation takes to begin. A change to another connector must add nothing to it (I9).
const promptly = schedule + 7*time.Second

// judge holds the properties that can be told at the end.
func (w *world) judge(rng *rand.Rand) {
	for _, name := range w.names {
		w.awaitStates(rng, name, "RUNNING", 25*time.Minute)
		w.judgeSink(name)
	}
	w.judgeConfig(rng)
	if slowest := w.slowest(w.names[1]); w.calm && slowest > promptly {
		w.violate(w.names[1], "I9: a record took %s while another connector was changed", slowest)
	}
	if w.seed%4 == 1 {
		w.ask(rng, w.names[0], "PUT", "/connectors/"+w.names[0]+"/pause", "")
		w.awaitStates(rng, w.names[0], "PAUSED", time.Minute)
		w.awaitFree(w.names[0])
	}
}

// slowest is the longest time that a record of a connector took from its birth to where it belongs.
func (w *world) slowest(name string) (slowest time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if up := w.upstreams[name]; up != nil {
		for _, p := range up.parts {
			slowest = max(slowest, p.slowest)
		}
		return slowest
	}
	for _, s := range w.downstreams[name].parts {
		slowest = max(slowest, s.slowest)
	}
	return slowest
}

// judgeSink counts how often each record is there.
func (w *world) judgeSink(name string) {
	down := w.downstreams[name]
	if down == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	repeated := 0
	for i, s := range down.parts {
		for offset, n := range s.times {
			if n == 0 {
				w.violate(name, "record %d of partition %d is lost", offset, i)
			}
			if n > 1 && down.exactlyOnce {
				w.violate(name, "record %d of partition %d is there %d times though the offset lies beside it", offset, i, n)
			}
			repeated += n - 1
		}
	}
	if most := w.ends[name] * w.limits.BatchRecords; repeated > most {
		w.violate(name, "%d records are there more than once, after %d ends that may repeat %d each", repeated, w.ends[name], w.limits.BatchRecords)
	}
}

// judgeConfig looks whether what the API accepted last is what is stored (I8).
func (w *world) judgeConfig(rng *rand.Rand) {
	name := w.names[0]
	_, answer := w.ask(rng, name, "GET", "/connectors/"+name+"/config", "")
	var config map[string]string
	if err := json.Unmarshal([]byte(answer), &config); err != nil || config["nonce"] != fmt.Sprint(w.nonce) {
		w.violate(name, "I8: the API accepted configuration %d, and has %s", w.nonce, answer)
	}
}

// awaitStates waits until the status of a connector and of all its tasks is as it should be.
func (w *world) awaitStates(rng *rand.Rand, name, want string, most time.Duration) {
	began := time.Now()
	for {
		_, answer := w.ask(rng, name, "GET", "/connectors/"+name+"/status", "", 404)
		var status struct {
			Connector struct{ State string }
			Tasks     []struct{ State string }
		}
		ok := json.Unmarshal([]byte(answer), &status) == nil && status.Connector.State == want && (len(status.Tasks) > 0 || want == "PAUSED")
		for _, t := range status.Tasks { // of none where it was paused before it was planned
			ok = ok && t.State == want
		}
		if ok {
			return
		}
		if time.Since(began) > most {
			w.violate(name, "after %s its status is %s, not %s", most, answer, want)
			return
		}
		sleep(w.ctx, 5*time.Second)
	}
}

// awaitFree waits until the leases of a connector that does not run are free: within the time of an invocation and the grace (I6).
func (w *world) awaitFree(name string) {
	sleep(w.ctx, w.limits.Time+grace)
	items, err := w.leases.List(w.ctx, name)
	if err != nil {
		w.violate(name, "list its leases: %v", err)
	}
	for _, item := range items {
		if item.Task >= 0 && item.Owner != "" && item.Until.After(time.Now()) {
			w.violate(name, "I6: task %d is held by %s until %s though nothing runs", item.Task, item.Owner, stamp(item.Until.Sub(w.start)))
		}
	}
}
