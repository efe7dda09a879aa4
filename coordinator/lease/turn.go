package lease

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"time"
)

const (
	// turnTerm is how long a turn may last before others may take theirs, grace aside.
	turnTerm = 5 * time.Second
	// turnPatience is how long Turn waits for others.
	turnPatience = 2 * time.Second
	// turnPause is the mean pause between two looks.
	turnPause = 25 * time.Millisecond
)

// Turn lets processes come one after the other at something that is safe without it, and goes badly when many do it at once. It waits
// until nobody else has the turn, and returns how to end it, which must be called. That there is no turn to be had is no failure, only
// worse luck: whoever has it died in it, say, or the table cannot be reached. Then the error says why, and end does nothing.
//
// The key must be no task's. The turns of one key are an item of their own, which no Raise needs to create.
func (l *Leases) Turn(ctx context.Context, key Key) (end func(), err error) {
	owner, began := rand.Text(), l.opts.Clock.Now()
	for {
		held, err := l.Acquire(ctx, key, owner, 0, l.opts.Clock.Now().Add(turnTerm))
		if err == nil {
			return func() { l.endTurn(ctx, held) }, nil
		}
		_, taken := errors.AsType[*HeldError](err)
		if !taken || l.opts.Clock.Now().Sub(began) > turnPatience {
			return func() {}, err
		}
		if waited := l.opts.Clock.Wait(ctx, turnPause/2+mathrand.N(turnPause)); waited != nil {
			return func() {}, errors.Join(waited, err)
		}
	}
}

// endTurn is not worth an error: a turn that is not ended runs out.
func (l *Leases) endTurn(ctx context.Context, held Held) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnPatience)
	defer cancel()
	_ = l.Release(ctx, held, Outcome{})
}
