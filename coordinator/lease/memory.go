package lease

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// Memory is a Table in this process, for the local command and for tests.
type Memory struct {
	mu    sync.Mutex
	items map[Key]Item
}

// NewMemory returns an empty table.
func NewMemory() *Memory { return &Memory{items: make(map[Key]Item)} }

// Get implements Table.
func (m *Memory) Get(ctx context.Context, key Key) (Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	item, ok := m.items[key]
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
	stored := m.items[next.Key]
	if stored.Rev != next.Rev-1 {
		stored.Key = next.Key
		return stored, ErrConflict
	}
	m.items[next.Key] = next
	return next, nil
}

// List implements Table.
func (m *Memory) List(ctx context.Context, connector string) ([]Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var items []Item
	for key, item := range m.items {
		if key.Connector == connector {
			items = append(items, item)
		}
	}
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
	if stored, ok := m.items[item.Key]; ok && stored.Rev != item.Rev {
		return ErrConflict
	}
	delete(m.items, item.Key)
	return nil
}
