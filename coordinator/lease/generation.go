package lease

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Raise gives all tasks of a connector a new generation: it creates the items of tasks 0 to tasks-1 where they are missing,
// retires those beyond, and clears waiting times and failures. Holders are not disturbed; they see the new generation at
// their next Check. tasks 0 is for a connector that is stopped or deleted.
//
// It may be called again, also after a failure half-way, and concurrently. If any item already has a larger generation, the
// error is *GenerationError, and the caller's view is out of date.
func (l *Leases) Raise(ctx context.Context, connector string, tasks int, generation int64) error {
	items, err := l.all(ctx, connector)
	if err != nil {
		return err
	}
	for i := range items {
		if items[i].Generation > generation && !items[i].Retired && items[i].Task >= 0 {
			return &GenerationError{Key: items[i].Key, Wanted: generation, Current: items[i].Generation}
		}
	}
	stored := make(map[int]Item, len(items))
	for _, item := range items {
		stored[item.Task] = item
	}
	for task := range tasks {
		if err := l.raise(ctx, Key{Connector: connector, Task: task}, stored[task], generation); err != nil {
			return err
		}
	}
	for _, item := range items {
		if item.Task < tasks || item.Task < 0 {
			continue
		}
		if err := l.retire(ctx, item, generation); err != nil {
			return err
		}
	}
	return nil
}

func (l *Leases) raise(ctx context.Context, key Key, start Item, generation int64) error {
	_, err := l.change(ctx, key, start, func(next *Item) error {
		if next.Generation > generation {
			return &GenerationError{Key: key, Wanted: generation, Current: next.Generation}
		}
		if next.Generation == generation && !next.Retired {
			return errDone
		}
		next.Generation, next.Retired, next.RetiredAt = generation, false, time.Time{}
		next.NotBefore, next.Attempts, next.LastError = time.Time{}, 0, ""
		if next.Owner == "" { // an offer of the old generation can not be adopted any more
			next.Next, next.Until = "", time.Time{}
		}
		return nil
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// retire marks an item, or deletes one that has been marked for long enough.
func (l *Leases) retire(ctx context.Context, item Item, generation int64) error {
	now := l.opts.Clock.Now()
	if item.Retired && now.Sub(item.RetiredAt) > l.opts.Retention {
		return l.delete(ctx, item)
	}
	_, err := l.change(ctx, item.Key, item, func(next *Item) error {
		if next.Retired && next.Generation >= generation {
			return errDone
		}
		if next.Generation > generation {
			return &GenerationError{Key: next.Key, Wanted: generation, Current: next.Generation}
		}
		if !next.Retired {
			next.RetiredAt = now
		}
		next.Generation, next.Retired = generation, true
		return nil
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// delete removes a retired item. Somebody else's change of it is no failure: the item is looked at again by the next Raise.
func (l *Leases) delete(ctx context.Context, item Item) error {
	_, err := retry(ctx, l, l.opts.Clock.Now(), func() (struct{}, error) { return struct{}{}, l.table.Delete(ctx, item) })
	if err != nil && !errors.Is(err, ErrConflict) {
		return fmt.Errorf("delete the lease of task %d of connector %q: %w", item.Task, item.Connector, err)
	}
	return nil
}

// Postpone sets when a task may be acquired again and how many failures it counts; the zero time and 0 make a failed task
// start at once. A holder is not disturbed. The error is *GenerationError when the generation is not current.
func (l *Leases) Postpone(ctx context.Context, key Key, generation int64, notBefore time.Time, attempts int) error {
	_, err := l.change(ctx, key, Item{}, func(next *Item) error {
		if next.Retired || next.Generation != generation {
			return &GenerationError{Key: key, Wanted: generation, Current: next.Generation, Retired: next.Retired}
		}
		if next.NotBefore.Equal(notBefore) && next.Attempts == attempts {
			return errDone
		}
		next.NotBefore, next.Attempts = notBefore, attempts
		return nil
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// List returns the items of the connector's tasks, ordered by task, without retired ones.
func (l *Leases) List(ctx context.Context, connector string) ([]Item, error) {
	items, err := l.all(ctx, connector)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(items, func(i Item) bool { return i.Retired }), nil
}

// ListAll is List with the retired items: what the last holders of tasks reported that are gone since.
func (l *Leases) ListAll(ctx context.Context, connector string) ([]Item, error) {
	return l.all(ctx, connector)
}

func (l *Leases) all(ctx context.Context, connector string) ([]Item, error) {
	items, err := retry(ctx, l, l.opts.Clock.Now(), func() ([]Item, error) { return l.table.List(ctx, connector) })
	if err != nil {
		return nil, fmt.Errorf("list the leases of connector %q: %w", connector, err)
	}
	return items, nil
}
