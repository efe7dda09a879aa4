package store

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// The file of standalone mode is a java.util.HashMap<byte[], byte[]> in the Java Object Serialization Stream Protocol, version
// 5 (Oracle, Java Object Serialization Specification, chapter 6), of which this file implements what such a map needs:
//
//	stream   magic version object
//	object   TC_OBJECT classDesc(java.util.HashMap) loadFactor threshold
//	         TC_BLOCKDATA 8 buckets size  (key value)*  TC_ENDBLOCKDATA
//	key      array
//	value    array | TC_NULL
//	array    TC_ARRAY classDesc([B) length bytes | TC_REFERENCE handle
//
// Class descriptions, the map and each array get a handle, counted from 0x7E0000 in the order of the stream; a class
// description or an array that comes again is a reference to its handle.
const (
	javaMagic      = 0xACED
	javaVersion    = 5
	tcNull         = 0x70
	tcReference    = 0x71
	tcClassDesc    = 0x72
	tcObject       = 0x73
	tcArray        = 0x75
	tcBlockData    = 0x77
	tcEndBlockData = 0x78
	baseHandle     = 0x7E0000

	hashMapUID   = 0x0507DAC1C31660D1
	hashMapFlags = 3 // SC_WRITE_METHOD | SC_SERIALIZABLE
	bytesUID     = 0xACF317F8060854E0
	bytesFlags   = 2          // SC_SERIALIZABLE
	loadFactor   = 0x3F400000 // 0.75
)

// entry is one key and value of the file; a nil value is Java's null.
type entry struct{ key, value []byte }

// appendJavaMap appends the map. Java's order is that of identity hashes, so any order is as good; this one is the given.
func appendJavaMap(dst []byte, entries []entry) []byte {
	dst = binary.BigEndian.AppendUint16(dst, javaMagic)
	dst = binary.BigEndian.AppendUint16(dst, javaVersion)
	dst = append(dst, tcObject, tcClassDesc)
	dst = appendUTF(dst, "java.util.HashMap")
	dst = binary.BigEndian.AppendUint64(dst, hashMapUID)
	dst = append(dst, hashMapFlags, 0, 2, 'F')
	dst = append(appendUTF(dst, "loadFactor"), 'I')
	dst = append(appendUTF(dst, "threshold"), tcEndBlockData, tcNull)
	buckets := buckets(len(entries))
	threshold := buckets / 4 * 3
	if len(entries) == 0 {
		threshold = 0 // its table is made at the first put
	}
	dst = binary.BigEndian.AppendUint32(dst, loadFactor)
	dst = binary.BigEndian.AppendUint32(dst, uint32(threshold))
	dst = append(dst, tcBlockData, 8)
	dst = binary.BigEndian.AppendUint32(dst, uint32(buckets))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(entries)))
	described := false
	for _, e := range entries {
		dst = appendJavaBytes(dst, e.key, &described)
		if e.value == nil {
			dst = append(dst, tcNull)
			continue
		}
		dst = appendJavaBytes(dst, e.value, &described)
	}
	return append(dst, tcEndBlockData)
}

// buckets is the size of the table of a HashMap into which n entries were put one by one.
func buckets(n int) int {
	size := 16
	for n > size/4*3 {
		size *= 2
	}
	return size
}

func appendJavaBytes(dst, b []byte, described *bool) []byte {
	dst = append(dst, tcArray)
	if *described {
		dst = binary.BigEndian.AppendUint32(append(dst, tcReference), baseHandle+2)
	} else {
		*described = true
		dst = appendUTF(append(dst, tcClassDesc), "[B")
		dst = binary.BigEndian.AppendUint64(dst, bytesUID)
		dst = append(dst, bytesFlags, 0, 0, tcEndBlockData, tcNull)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(b)))
	return append(dst, b...)
}

func appendUTF(dst []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(s))), s...)
}

// parseJavaMap reads the map. Keys and values are copies.
func parseJavaMap(data []byte) ([]entry, error) {
	r := javaReader{rest: data}
	entries := r.hashMap()
	if r.err != nil {
		return nil, fmt.Errorf("not a serialised java.util.HashMap of byte arrays (at byte %d): %w", len(data)-len(r.rest), r.err)
	}
	return entries, nil
}

// javaReader reads a stream. After the first error it returns zeroes.
type javaReader struct {
	rest    []byte
	err     error
	handles []any // a []byte for an array, a class name, or nil
}

func (r *javaReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
		r.rest = nil
	}
}

func (r *javaReader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.fail("the stream ends early")
		return make([]byte, min(max(n, 0), 8))
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *javaReader) u8() byte     { return r.take(1)[0] }
func (r *javaReader) u16() uint16  { return binary.BigEndian.Uint16(r.take(2)) }
func (r *javaReader) u32() uint32  { return binary.BigEndian.Uint32(r.take(4)) }
func (r *javaReader) u64() uint64  { return binary.BigEndian.Uint64(r.take(8)) }
func (r *javaReader) utf() string  { return string(r.take(int(r.u16()))) }
func (r *javaReader) handle(v any) { r.handles = append(r.handles, v) }
func (r *javaReader) expect(want byte, what string) {
	if got := r.u8(); got != want {
		r.fail("%#x instead of %s", got, what)
	}
}

func (r *javaReader) hashMap() []entry {
	if r.u16() != javaMagic || r.u16() != javaVersion {
		r.fail("no Java serialisation stream of version %d", javaVersion)
	}
	r.expect(tcObject, "an object")
	r.expect(tcClassDesc, "a class description")
	r.classDesc("java.util.HashMap", hashMapUID)
	r.handle(nil) // the map
	r.take(8)     // loadFactor and threshold
	if r.expect(tcBlockData, "the size"); r.u8() != 8 {
		r.fail("a size of another form")
	}
	r.u32() // buckets
	n := int(r.u32())
	if n < 0 || n > len(r.rest)/2 { // an entry has at least two bytes
		r.fail("%d entries do not fit", n)
		return nil
	}
	entries := make([]entry, 0, n)
	for range n {
		e := entry{key: r.bytes(), value: r.bytes()}
		if r.err == nil && e.key == nil {
			r.fail("a null key")
		}
		entries = append(entries, e)
	}
	r.expect(tcEndBlockData, "the end of the map")
	return entries
}

// classDesc reads the rest of a class description: its fields are skipped, as those of a HashMap are known.
func (r *javaReader) classDesc(name string, uid uint64) {
	if got := r.utf(); got != name {
		r.fail("class %q instead of %s", got, name)
	}
	if r.u64() != uid {
		r.fail("class %s of an unknown version", name)
	}
	r.handle(name)
	r.u8() // flags
	for range r.u16() {
		if kind := r.u8(); kind == 'L' || kind == '[' {
			r.fail("class %s has a field of an unknown type", name)
		}
		r.utf()
	}
	r.expect(tcEndBlockData, "the end of the class description")
	r.expect(tcNull, "the end of the class description")
}

// bytes reads an array, nil for null.
func (r *javaReader) bytes() []byte {
	switch kind := r.u8(); kind {
	case tcNull:
		return nil
	case tcReference:
		b, ok := r.referenced().([]byte)
		if !ok {
			r.fail("a reference to something else than a byte array")
		}
		return slices.Clone(b)
	case tcArray:
		return r.array()
	default:
		r.fail("%#x instead of a byte array", kind)
		return nil
	}
}

func (r *javaReader) referenced() any {
	i := int64(r.u32()) - baseHandle
	if i < 0 || i >= int64(len(r.handles)) {
		r.fail("a reference to nothing")
		return nil
	}
	return r.handles[i]
}

func (r *javaReader) array() []byte {
	switch kind := r.u8(); kind {
	case tcClassDesc:
		r.classDesc("[B", bytesUID)
	case tcReference:
		if r.referenced() != "[B" {
			r.fail("an array of something else than bytes")
		}
	default:
		r.fail("%#x instead of a class description", kind)
	}
	b := append([]byte{}, r.take(int(int32(r.u32())))...)
	r.handle(b)
	return b
}
