package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// File keeps offsets as Kafka Connect's standalone mode does (offset.storage.file.filename): keys and values as in the offsets
// topic, in one serialised Java map that is rewritten at each change. A Java worker reads what it wrote, and the other way
// round. One process uses a file at a time.
type File struct {
	path string

	mu      sync.Mutex
	entries []entry // ordered by key
}

// OpenFile reads the file. One that does not exist, or is empty, holds no offsets.
func OpenFile(path string) (*File, error) {
	if path == "" {
		return nil, stop(`Missing required configuration "offset.storage.file.filename" which has no default value.`, "name the file in the worker configuration")
	}
	f := &File{path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(data) == 0 {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the offsets file: %w", err)
	}
	read, err := parseJavaMap(data)
	if err != nil {
		return nil, fmt.Errorf("read the offsets file %s: %w; restore it from a backup, or remove it to start without offsets", path, err)
	}
	for _, e := range read {
		f.put(e)
	}
	return f, nil
}

func (f *File) put(e entry) {
	i, found := slices.BinarySearchFunc(f.entries, e.key, func(have entry, key []byte) int { return bytes.Compare(have.key, key) })
	if found {
		f.entries[i] = e
		return
	}
	f.entries = slices.Insert(f.entries, i, e)
}

// Write stores values by key and replaces the file; a nil value is kept as Java's null. Either all of them are in the file when it
// returns, or none.
func (f *File) Write(records ...*kgo.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := slices.Clone(f.entries)
	for _, r := range records {
		f.put(entry{key: bytes.Clone(r.Key), value: bytes.Clone(r.Value)})
	}
	if err := replace(f.path, appendJavaMap(nil, f.entries)); err != nil {
		f.entries = before
		return fmt.Errorf("write the offsets file: %w", err)
	}
	return nil
}

// replace writes a file so that a crash leaves the old or the new content.
func replace(path string, data []byte) error {
	t, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = t.Write(data)
	err = cmp.Or(err, t.Sync())
	err = cmp.Or(err, t.Close())
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(t.Name()))
	}
	return nil
}

func (f *File) scan(ctx context.Context, _ string, apply func(*kgo.Record)) error {
	f.mu.Lock()
	entries := slices.Clone(f.entries)
	f.mu.Unlock()
	for _, e := range entries {
		apply(&kgo.Record{Key: e.key, Value: e.value})
	}
	return ctx.Err()
}

func (f *File) tail(context.Context, string, int32, int64, func(*kgo.Record)) error {
	return errNoSuchOffset
}

func (f *File) partition(context.Context, string, []byte) (int32, error) { return 0, nil }

func (f *File) write(_ context.Context, _, _ string, records []*kgo.Record) error {
	return f.Write(records...)
}
