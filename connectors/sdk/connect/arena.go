package connect

import (
	"slices"
	"unsafe"
)

// Arena is the memory of one batch: slabs from which values and bytes are cut, all given back at once by Reset. A nil
// *Arena is usable and allocates from the heap. An Arena must not be used concurrently.
type Arena struct {
	values  slab[Value] // what is not handed out is null
	headers slab[Header]
	bytes   slab[byte]
}

const (
	valueSlab  = 2048      // slots: 48 KiB
	headerSlab = 256       // headers: 12 KiB
	byteSlab   = 32 * 1024 // bytes
	// What a Reset keeps is bounded by these or by what recent batches needed: one oversized batch must not pin its memory
	// for the rest of the invocation.
	retainValues  = 64 * 1024 // slots: 1.5 MiB
	retainHeaders = 16 * 1024 // headers: 768 KiB
	retainBytes   = 1 << 20
)

// Values returns n null slots.
func (a *Arena) Values(n int) []Value {
	if a == nil {
		return make([]Value, n)
	}
	return a.values.take(n, valueSlab)
}

// Headers returns n zero headers.
func (a *Arena) Headers(n int) []Header {
	if a == nil {
		return make([]Header, n)
	}
	return a.headers.take(n, headerSlab)
}

// Bytes returns n bytes of unspecified content.
func (a *Arena) Bytes(n int) []byte {
	if a == nil {
		return make([]byte, n)
	}
	return a.bytes.take(n, byteSlab)
}

// CopyBytes returns a copy of b.
func (a *Arena) CopyBytes(b []byte) []byte {
	c := a.Bytes(len(b))
	copy(c, b)
	return c
}

// CopyString returns a copy of s.
func (a *Arena) CopyString(s string) string {
	c := a.Bytes(len(s))
	copy(c, s)
	return unsafe.String(unsafe.SliceData(c), len(c))
}

// NewStruct returns a struct of the given schema with every field null. It panics with a DataException when s is no struct
// schema.
func (a *Arena) NewStruct(s *Schema) Struct {
	if s.typ != TypeStruct {
		panic(DataError("Not a struct schema: " + s.String()))
	}
	w := a.Values(len(s.fields) + 1)
	w[0] = Value{ptr: unsafe.Pointer(s), meta: meta{kind: kindHeader}}
	return Struct{window: w}
}

// NewMap returns a map of n entries whose keys and values are null.
func (a *Arena) NewMap(n int) Map { return Map{entries: a.Values(2 * n)} }

// NewArray returns an array value of n nulls.
func (a *Arena) NewArray(n int) Value { return Array(a.Values(n)) }

// Reset gives back all that was cut from the arena. Everything that points into it is invalid from then on. What was handed
// out is cleared, so that an idle arena does not keep alive the memory that the values of its last batch pointed to.
func (a *Arena) Reset() {
	a.values.each(func(c []Value) { clear(c) })
	a.headers.each(func(c []Header) { clear(c) })
	a.values.reset(retainValues)
	a.headers.reset(retainHeaders)
	a.bytes.reset(retainBytes)
}

// Size returns the bytes of memory the arena holds, used or not.
func (a *Arena) Size() int {
	return a.values.size()*int(unsafe.Sizeof(Value{})) + a.headers.size()*int(unsafe.Sizeof(Header{})) + a.bytes.size()
}

// Poison overwrites all that was handed out with garbage that is safe to look at: integers of a recognisable pattern, headers
// named `poison`, bytes 0xDB. Conformance tests call it after Put returned, so that a connector which kept a pointer is found
// out. Structs in the arena lose their schema; looking at one panics.
func (a *Arena) Poison() {
	garbage := Int64(-0x2424242424242425)
	a.values.each(func(c []Value) {
		for i := range c {
			c[i] = garbage
		}
	})
	a.headers.each(func(c []Header) {
		for i := range c {
			c[i] = Header{Key: "poison", Value: garbage}
		}
	})
	a.bytes.each(func(c []byte) {
		for i := range c {
			c[i] = 0xDB
		}
	})
}

// slab hands out pieces of large chunks. Chunks are kept over resets, up to a bound.
type slab[T any] struct {
	chunks [][]T // each at its full length
	cur    int   // chunk in use
	off    int   // used part of it

	recent [4]int // the lengths of the chunks that each of the last batches used, in turns
	turn   int
}

func (s *slab[T]) take(n, unit int) []T {
	for s.cur < len(s.chunks) {
		c := s.chunks[s.cur]
		if len(c)-s.off >= n {
			piece := c[s.off : s.off+n : s.off+n]
			s.off += n
			return piece
		}
		s.cur++
		s.off = 0
	}
	s.chunks = append(s.chunks, make([]T, max(n, unit, s.size()/2)))
	s.off = n
	return s.chunks[s.cur][:n:n]
}

// each calls f with every part that was handed out.
func (s *slab[T]) each(f func([]T)) {
	for i, c := range s.chunks {
		switch {
		case i < s.cur:
			f(c)
		case i == s.cur:
			f(c[:s.off])
		}
	}
}

// reset takes all back. It keeps chunks of the length retain, or as much as two of the last batches used.
func (s *slab[T]) reset(retain int) {
	s.recent[s.turn] = s.used()
	s.turn = (s.turn + 1) % len(s.recent)
	s.cur, s.off = 0, 0
	if s.size() <= retain {
		return
	}
	retain = max(retain, secondLargest(s.recent))
	kept, n := s.chunks[:0], 0
	for _, c := range s.chunks {
		if n+len(c) <= retain {
			kept, n = append(kept, c), n+len(c)
		}
	}
	clear(s.chunks[len(kept):])
	s.chunks = kept
}

func secondLargest(n [4]int) int {
	slices.Sort(n[:])
	return n[len(n)-2]
}

// used is the length of the chunks in use.
func (s *slab[T]) used() int {
	n := 0
	for _, c := range s.chunks[:min(s.cur+1, len(s.chunks))] {
		n += len(c)
	}
	return n
}

func (s *slab[T]) size() int {
	n := 0
	for _, c := range s.chunks {
		n += len(c)
	}
	return n
}
