package lease

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
)

// Memory is a Table in this process, for the local command and for tests.
type Memory struct {
	mu    sync.Mutex
	items map[string]map[int]Item // by connector and task
}

// NewMemory returns an empty table.
func NewMemory() *Memory { return &Memory{items: make(map[string]map[int]Item)} }

// Get implements Table.
func (m *Memory) Get(ctx context.Context, key Key) (Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	item, ok := m.items[key.Connector][key.Task]
	if !ok {
		item.Key = key
	}
	return item, ctx.Err()
}

// Swap implements Table.
func (m *Memory) Swap(ctx context.Context, next Item) (Item, error) {
	if err := ctx.Err(); err != nil {
		return Item{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	stored := m.items[next.Connector][next.Task]
	if stored.Rev != next.Rev-1 {
		stored.Key = next.Key
		return stored, ErrConflict
	}
	if m.items[next.Connector] == nil {
		m.items[next.Connector] = make(map[int]Item)
	}
	m.items[next.Connector][next.Task] = next
	return next, nil
}

// List implements Table.
func (m *Memory) List(ctx context.Context, connector string) ([]Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := slices.Collect(maps.Values(m.items[connector]))
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.Task, b.Task) })
	return items, ctx.Err()
}

// Delete implements Table.
func (m *Memory) Delete(ctx context.Context, item Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	tasks := m.items[item.Connector]
	if stored, ok := tasks[item.Task]; ok && stored.Rev != item.Rev {
		return ErrConflict
	}
	if delete(tasks, item.Task); len(tasks) == 0 {
		delete(m.items, item.Connector)
	}
	return nil
}
