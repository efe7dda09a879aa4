package lease

import (
	"fmt"
	"time"
)

// HeldError says that somebody else holds the lease, or has it on offer.
type HeldError struct {
	Key   Key
	Owner string // the holder, or the name on offer
	Epoch int64
	Until time.Time
}

// Error names the holder and until when.
func (e *HeldError) Error() string {
	return fmt.Sprintf("task %d of connector %q is run by %s (epoch %d) until %s",
		e.Key.Task, e.Key.Connector, e.Owner, e.Epoch, e.Until.UTC().Format(time.RFC3339))
}

// GenerationError says that the task set changed: the caller's configuration is not the current one.
type GenerationError struct {
	Key     Key
	Wanted  int64 // the caller's
	Current int64 // the item's; 0 when there is no item
	Retired bool  // the task does not exist any more
}

// Error names both generations.
func (e *GenerationError) Error() string {
	if e.Retired || e.Current == 0 {
		return fmt.Sprintf("task %d of connector %q does not exist (generation %d was expected)", e.Key.Task, e.Key.Connector, e.Wanted)
	}
	return fmt.Sprintf("task %d of connector %q is at generation %d, not %d", e.Key.Task, e.Key.Connector, e.Current, e.Wanted)
}

// NotBeforeError says that the task is not to be run yet.
type NotBeforeError struct {
	Key      Key
	At       time.Time
	Attempts int
}

// Error names the time.
func (e *NotBeforeError) Error() string {
	return fmt.Sprintf("task %d of connector %q waits until %s after %d failed attempts",
		e.Key.Task, e.Key.Connector, e.At.UTC().Format(time.RFC3339), e.Attempts)
}

// LostError says that the lease is not the caller's any more.
type LostError struct {
	Key     Key
	Epoch   int64 // the caller's
	Current int64 // the item's
	Owner   string
}

// Error names both epochs.
func (e *LostError) Error() string {
	return fmt.Sprintf("the lease of task %d of connector %q at epoch %d is lost: it is at epoch %d, owner %q",
		e.Key.Task, e.Key.Connector, e.Epoch, e.Current, e.Owner)
}
