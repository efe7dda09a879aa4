package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
)

// item is what an UpdateItem writes, as far as it matters here.
type item struct {
	Values struct {
		Owner struct{ S string } `json:":owner"`
		Epoch struct{ N string } `json:":epoch"`
		Until struct{ N string } `json:":until"`
	} `json:"ExpressionAttributeValues"`
}

func (i *item) epoch(sandbox string) epoch {
	number, _ := strconv.ParseInt(i.Values.Epoch.N, 10, 64)
	until, _ := strconv.ParseInt(i.Values.Until.N, 10, 64)
	return epoch{number, sandbox, time.UnixMilli(until)}
}

// observe says which step a message is, and remembers what the steps after it depend on.
func (r *trial) observe(server string, m wire.Message, sandbox string) step {
	r.mu.Lock()
	phase := r.phases[sandbox]
	r.mu.Unlock()
	s := stepOf(m, r.cell.kind, phase)
	switch {
	case s == acquire && !m.Reply, s == check && m.Reply, s == work:
		r.mu.Lock()
		r.phases[sandbox] = s
		r.mu.Unlock()
	}
	if m.Reply {
		r.told(s, m, sandbox)
	} else {
		r.begun(s, m, sandbox)
	}
	if s == release && !m.Reply {
		if err := r.ledger.Resume(context.Background()); err != nil {
			r.wrong("%v", err)
		}
	}
	return s
}

// stepOf reads a step off the wire. phase is the last of acquire, check and work that was seen of the sandbox: the same GetItem
// is the check after the fence, or a look during the work.
func stepOf(m wire.Message, k kind, phase step) step {
	switch m.Call {
	case "UpdateItem":
		var i item
		if json.Unmarshal(m.Body, &i) == nil && i.Values.Owner.S != "" {
			return acquire
		}
		return release
	case "GetItem":
		if phase == acquire {
			return check
		}
	case "InitProducerID":
		return fence
	case "OffsetFetch":
		return position
	case "ListOffsets", "Fetch":
		if k == source && phase == check {
			return position
		}
	case "/poll", "/put", "Produce":
		return work
	case "TxnOffsetCommit", "EndTxn":
		return commit
	case "/committed", "/flush":
		return acknowledge
	}
	return ""
}

// begun looks at a request of a sandbox. One that fenced when another owned the task already has pushed out that owner: it must
// find out before it does anything else, and leave.
func (r *trial) begun(s step, m wire.Message, sandbox string) {
	r.mu.Lock()
	late := r.late[sandbox]
	if m.Call == "/open" {
		var q struct{ Session string }
		_ = json.Unmarshal(m.Body, &q) // the Ledger refuses what cannot be read
		r.sessions[q.Session] = sandbox
	}
	r.mu.Unlock()
	if late && (s == position || s == work || s == commit || s == acknowledge) {
		r.wrong("%s fenced when it was not the owner any more, and goes on with %s", short(sandbox), m.Call)
	}
}

// fencedOff reports whether another sandbox than a sink's own fenced last.
func (r *trial) fencedOff(session string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[session] != r.fencer
}

// told keeps account of what was carried out.
func (r *trial) told(s step, m wire.Message, sandbox string) {
	switch {
	case s == fence:
		r.note("%s has fenced", short(sandbox))
		r.mu.Lock()
		defer r.mu.Unlock()
		r.fencer = sandbox
		r.late[sandbox] = len(r.epochs) > 0 && r.epochs[len(r.epochs)-1].sandbox != sandbox
	case s == commit && m.Call == "EndTxn":
		r.note("%s has ended a transaction", short(sandbox))
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.struck.IsZero() && sandbox != r.victim {
			if r.commits++; r.commits == 3 { // beyond the batch that both of them have
				close(r.succeeded)
			}
		}
	case s == release && m.Status == 200:
		var i item
		_ = json.Unmarshal(m.Body, &i) // stepOf has read it
		r.note("%s has released epoch %s", short(sandbox), i.Values.Epoch.N)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.released[i.epoch(sandbox).number] = sandbox
	case s == acquire && m.Status == 200:
		var i item
		_ = json.Unmarshal(m.Body, &i) // stepOf has read it
		r.acquired(i.epoch(sandbox))
	}
}

func (r *trial) acquired(e epoch) {
	r.mu.Lock()
	if n := len(r.epochs); n > 0 && r.epochs[n-1].number == e.number && r.epochs[n-1].sandbox == e.sandbox { // renewed
		r.epochs[n-1].until = e.until
		r.mu.Unlock()
		return
	}
	r.mu.Unlock()
	r.note("%s has acquired epoch %d", short(e.sandbox), e.number)
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.epochs); n > 0 {
		// A lease that runs out at this moment may have been free by the holder's clock and not by ours.
		last := r.epochs[n-1]
		early := time.Until(last.until) > 100*time.Millisecond && r.released[last.number] != last.sandbox
		switch {
		case e.number != last.number+1:
			r.wrongs = append(r.wrongs, fmt.Sprintf("epoch %d follows %d", e.number, last.number))
		case early:
			r.wrongs = append(r.wrongs, fmt.Sprintf("epoch %d was acquired %v before the lease of epoch %d runs out", e.number, time.Until(last.until), last.number))
		}
	}
	r.epochs = append(r.epochs, e)
	r.late[e.sandbox] = false
	if r.hunt != nil {
		r.hunt.taken(e)
	}
	if !r.struck.IsZero() && e.sandbox != r.victim {
		r.once[0].Do(func() {
			r.takeOver = time.Since(r.struck)
			close(r.takenOver)
		})
	}
}
