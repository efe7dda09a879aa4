package lease

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Key names one task.
type Key struct {
	Connector string
	Task      int
}

// Item is the lease of one task as it is stored.
type Item struct {
	Key
	// Epoch counts holders. It only grows.
	Epoch int64
	// Generation is the version of the task set that the task belongs to. It only grows.
	Generation int64
	// Owner is the holder's unique name, empty when nobody holds the lease.
	Owner string
	// Next is the name under which the lease can be adopted, empty when it is not on offer.
	Next string
	// Until is when a held lease becomes free, or an offer runs out.
	Until time.Time
	// NotBefore is the earliest time to acquire; the zero time is no limit.
	NotBefore time.Time
	// Attempts counts consecutive failures: those that holders reported, and holders that did not release, once the next
	// has taken over.
	Attempts int
	// Released is the last epoch whose holder released; smaller than Epoch means that the last holder did not, or not yet.
	Released int64
	// Hint says where the last commit sits, for a faster start. Facts are what the last holder reported. Both are JSON that
	// this package does not look into, at most a few hundred bytes each.
	Hint, Facts json.RawMessage
	// LastError is the error that the last holder reported, empty after a success.
	LastError string
	// Retired says that the task does not exist any more, RetiredAt since when.
	Retired   bool
	RetiredAt time.Time
	// Rev counts writes of the item. 0 is an item that does not exist.
	Rev int64
	// Write identifies the call that wrote the item.
	Write string
}

// CrashLoop is how many holders in a row end without a release before that is no accident any more: see crashPause.
const CrashLoop = 3

// Crashes returns how many holders in a row, up to now, ended without a release. One whose time is not over may still be at
// work and does not count. Failures that Raise and Postpone told the lease to forget do not count either, but for the last.
func (i Item) Crashes(now time.Time) int {
	holders, known := i.Epoch-i.Released, int64(i.Attempts)
	if i.Owner != "" && now.Before(i.Until) {
		holders--
	} else {
		known++ // nobody has taken over from the last one yet
	}
	return int(max(0, min(holders, known)))
}

// Table stores items. Its methods may be called concurrently. Beside the errors named here, ErrAmbiguous and ErrThrottled
// are retried by Leases; any other error is final.
type Table interface {
	// Get returns the item with all writes that were acknowledged before. Rev is 0 when there is none.
	Get(ctx context.Context, key Key) (Item, error)
	// Swap writes next if the stored item's Rev is next.Rev-1, with 0 for none. Otherwise it returns ErrConflict together with
	// the stored item, whose Rev is 0 when there is none.
	Swap(ctx context.Context, next Item) (stored Item, err error)
	// List returns all items of a connector, also retired ones, ordered by task, with all writes that were acknowledged
	// before.
	List(ctx context.Context, connector string) ([]Item, error)
	// Delete removes the item if the stored one has the same Rev, otherwise it returns ErrConflict. An absent item is
	// deleted already.
	Delete(ctx context.Context, item Item) error
}

// Errors of a Table.
var (
	// ErrConflict means that the stored item has another revision.
	ErrConflict = errors.New("the lease item was changed by somebody else")
	// ErrAmbiguous means that the request may or may not have had its effect.
	ErrAmbiguous = errors.New("the outcome of the request to the lease table is unknown")
	// ErrThrottled means that the table refused the request for now.
	ErrThrottled = errors.New("the lease table is throttling requests")
)
