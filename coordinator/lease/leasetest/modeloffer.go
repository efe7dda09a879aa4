package leasetest

import "time"

func stepRenew(cur state, i input, o output) []any {
	next := cur
	next.until = i.until
	if cur.notBefore.After(cur.until) { // the rest that follows if this holder crashes too
		next.notBefore = i.until.Add(cur.notBefore.Sub(cur.until))
	}
	return stepHeld(cur, next, i, o)
}

func stepHandOver(cur state, i input, o output) []any {
	if o.outcome == ok && cur.epoch == i.epoch && cur.next == i.token {
		return []any{cur} // a repeated call
	}
	next := cur
	next.owner, next.next, next.until, next.released = "", i.token, i.until, i.epoch
	next.crashes, next.notBefore = 0, time.Time{}
	return stepHeld(cur, next, i, o)
}

// stepHeld is a call that turns cur into next if the caller holds the lease in its generation, and otherwise fails.
func stepHeld(cur, next state, i input, o output) []any {
	may := cur.owns(i) && cur.generation == i.generation
	switch {
	case o.outcome.done() && may:
		return []any{next}
	case o.outcome == unknown && may:
		return []any{cur, next}
	case o.outcome == unknown, o.outcome == lost && !cur.owns(i), o.outcome == generation && cur.owns(i) && !may:
		return []any{cur}
	}
	return nil
}
