package connect

import (
	"math"
	"math/big"
	"time"
	"unsafe"
)

// Value is one datum: 24 bytes, passed by value, never allocated. Scalars live inside it; strings, bytes, arrays, maps
// and structs point into memory that somebody else owns, nearly always the Arena of the batch they belong to. A Value
// is therefore valid exactly as long as its batch (see Batch); Clone makes one that outlives it.
//
// The zero Value is null. Values must not be compared with ==; use Equal. Copying and reading may be done concurrently,
// as long as nobody resets the arena.
type Value struct {
	// ptr is the data of a string, bytes, array or map; the header slot of a struct; the *big.Int of a large decimal.
	ptr unsafe.Pointer
	// num is the scalar itself, a length, or the unscaled value of a decimal that fits 64 bits.
	num uint64
	meta
}

// meta is the rest of a Value. It is a struct of its own because the compiler keeps structs of up to four fields in
// registers: with all fields in Value itself, reading and writing JSON took twice as long.
type meta struct {
	_    [0]func() // not comparable: equal strings at different addresses would differ
	kind Kind
	// aux is the scale of a decimal.
	aux int32
}

// Null returns the null Value, which is also the zero Value.
func Null() Value { return Value{} }

// Bool returns a BOOLEAN.
func Bool(v bool) Value {
	var n uint64
	if v {
		n = 1
	}
	return Value{num: n, meta: meta{kind: KindBool}}
}

// Int8 returns an INT8.
func Int8(v int8) Value { return Value{num: uint64(v), meta: meta{kind: KindInt8}} }

// Int16 returns an INT16.
func Int16(v int16) Value { return Value{num: uint64(v), meta: meta{kind: KindInt16}} }

// Int32 returns an INT32.
func Int32(v int32) Value { return Value{num: uint64(v), meta: meta{kind: KindInt32}} }

// Int64 returns an INT64.
func Int64(v int64) Value { return Value{num: uint64(v), meta: meta{kind: KindInt64}} }

// Float32 returns a FLOAT32; the bits of a NaN are kept.
func Float32(v float32) Value {
	return Value{num: uint64(math.Float32bits(v)), meta: meta{kind: KindFloat32}}
}

// Float64 returns a FLOAT64; the bits of a NaN are kept.
func Float64(v float64) Value { return Value{num: math.Float64bits(v), meta: meta{kind: KindFloat64}} }

// String returns a STRING that shares the memory of s. Text is UTF-8; an unpaired UTF-16 surrogate, which Java strings
// can hold, is kept in its three-byte form.
func String(s string) Value {
	return Value{ptr: unsafe.Pointer(unsafe.StringData(s)), num: uint64(len(s)), meta: meta{kind: KindString}}
}

// StringBytes returns a STRING that points at b without copying. The caller promises not to change b for as long as the
// Value is used; this is how a converter hands out text that lies in the consumed record.
func StringBytes(b []byte) Value {
	return Value{ptr: unsafe.Pointer(unsafe.SliceData(b)), num: uint64(len(b)), meta: meta{kind: KindString}}
}

// Bytes returns a BYTES that shares the memory of b. A nil slice is an empty value, not null.
func Bytes(b []byte) Value {
	return Value{ptr: unsafe.Pointer(unsafe.SliceData(b)), num: uint64(len(b)), meta: meta{kind: KindBytes}}
}

// Array returns an ARRAY over elems, which it shares.
func Array(elems []Value) Value {
	return Value{ptr: unsafe.Pointer(unsafe.SliceData(elems)), num: uint64(len(elems)), meta: meta{kind: KindArray}}
}

// Decimal returns unscaled × 10^-scale for an unscaled value of 64 bits. It does not allocate.
func Decimal(unscaled int64, scale int32) Value {
	return Value{num: uint64(unscaled), meta: meta{kind: KindDecimal, aux: scale}}
}

// BigDecimal returns unscaled × 10^-scale for an unscaled value of any size. It keeps a pointer to unscaled, which must
// not change afterwards, unless the value fits 64 bits.
func BigDecimal(unscaled *big.Int, scale int32) Value {
	if unscaled.IsInt64() {
		return Decimal(unscaled.Int64(), scale)
	}
	return Value{ptr: unsafe.Pointer(unscaled), meta: meta{kind: KindDecimal, aux: scale}}
}

// TimeMillis returns an instant in milliseconds since 1970-01-01T00:00:00Z: what Kafka Connect holds as java.util.Date
// for the logical types Date, Time and Timestamp.
func TimeMillis(ms int64) Value { return Value{num: uint64(ms), meta: meta{kind: KindTime}} }

// Time returns TimeMillis of t.
func Time(t time.Time) Value { return TimeMillis(t.UnixMilli()) }

// Kind returns which member the Value holds.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == KindNull }

// Bool returns the boolean of a KindBool.
func (v Value) Bool() bool { return v.num != 0 }

// Int returns the number of any of the four integer kinds, the milliseconds of a KindTime.
func (v Value) Int() int64 { return int64(v.num) }

// Float returns the number of a KindFloat32 or KindFloat64.
func (v Value) Float() float64 {
	if v.kind == KindFloat32 {
		return float64(math.Float32frombits(uint32(v.num)))
	}
	return math.Float64frombits(v.num)
}

// Float32 returns the number of a KindFloat32.
func (v Value) Float32() float32 { return math.Float32frombits(uint32(v.num)) }

// Str returns the text of a KindString without copying, the empty string for null. It panics for other kinds.
func (v Value) Str() string {
	v.mustBe(KindString, KindString)
	return unsafe.String((*byte)(v.ptr), int(v.num))
}

// Bytes returns the bytes of a KindBytes or KindString without copying, none for null; they must not be changed. It panics for
// other kinds.
func (v Value) Bytes() []byte {
	v.mustBe(KindBytes, KindString)
	return unsafe.Slice((*byte)(v.ptr), int(v.num))
}

// Array returns the elements of a KindArray, none for null; writing to them changes the array. It panics for other kinds.
func (v Value) Array() []Value {
	v.mustBe(KindArray, KindArray)
	return unsafe.Slice((*Value)(v.ptr), int(v.num))
}

// Map returns the entries of a KindMap as a view, an empty one for null. It panics for other kinds.
func (v Value) Map() Map {
	v.mustBe(KindMap, KindMap)
	return Map{entries: unsafe.Slice((*Value)(v.ptr), int(v.num))}
}

// Struct returns a KindStruct as a view; writing through it changes the struct. It panics for other kinds, and the view of a
// null must not be used.
func (v Value) Struct() Struct {
	v.mustBe(KindStruct, KindStruct)
	return Struct{window: unsafe.Slice((*Value)(v.ptr), int(v.num))}
}

// mustBe keeps a wrong accessor from reading foreign memory: the pointer of one kind is not that of another.
func (v Value) mustBe(k, or Kind) {
	if v.kind != k && v.kind != or && v.kind != KindNull {
		panicKind(v.kind, k)
	}
}

func panicKind(is, want Kind) {
	panic("connect: a value of kind " + is.String() + " is read as " + want.String())
}

// Millis returns the milliseconds since the epoch of a KindTime.
func (v Value) Millis() int64 { return int64(v.num) }

// Time returns the instant of a KindTime, in UTC.
func (v Value) Time() time.Time { return time.UnixMilli(int64(v.num)).UTC() }

// Scale returns the scale of a KindDecimal.
func (v Value) Scale() int32 { return v.aux }

// Unscaled64 returns the unscaled value of a KindDecimal when it fits 64 bits; otherwise ok is false and Unscaled has it.
func (v Value) Unscaled64() (n int64, ok bool) { return int64(v.num), v.ptr == nil }

// Unscaled returns the unscaled value of a KindDecimal. The result must not be changed. It allocates for small values.
func (v Value) Unscaled() *big.Int {
	if v.ptr == nil {
		return big.NewInt(int64(v.num))
	}
	return (*big.Int)(v.ptr)
}

// IsNumber reports whether v is one of the integer or floating kinds.
func (v Value) IsNumber() bool { return v.kind >= KindInt8 && v.kind <= KindFloat64 }

// IsInteger reports whether v is one of the four integer kinds.
func (v Value) IsInteger() bool { return v.kind >= KindInt8 && v.kind <= KindInt64 }

// Clone returns a deep copy of v whose memory comes from a, or from the heap when a is nil: the way to keep a value
// after its batch is gone.
func (v Value) Clone(a *Arena) Value {
	switch v.kind {
	case KindString:
		return StringBytes(a.CopyBytes(v.Bytes()))
	case KindBytes:
		return Bytes(a.CopyBytes(v.Bytes()))
	case KindArray, KindMap, KindStruct:
		from := unsafe.Slice((*Value)(v.ptr), int(v.num))
		to := a.Values(len(from))
		for i := range from {
			to[i] = from[i].Clone(a)
		}
		return Value{ptr: unsafe.Pointer(unsafe.SliceData(to)), num: v.num, meta: meta{kind: v.kind}}
	default:
		return v
	}
}

// Equal reports whether v and w are equal as Java's equals would say for the objects behind them: kinds must agree (an
// INT32 5 differs from an INT64 5), decimals compare value and scale, NaN equals NaN, maps compare as sets of entries,
// structs compare schema and fields.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case KindNull:
		return true
	case KindString, KindBytes:
		return string(v.Bytes()) == string(w.Bytes())
	case KindArray:
		return equalValues(v.Array(), w.Array())
	case KindMap:
		return v.Map().Equal(w.Map())
	case KindStruct:
		return v.Struct().Equal(w.Struct())
	case KindDecimal:
		if v.ptr != nil || w.ptr != nil {
			return v.aux == w.aux && v.Unscaled().Cmp(w.Unscaled()) == 0
		}
		return v.num == w.num && v.aux == w.aux
	case KindFloat32:
		return v.num == w.num || (v.Float() != v.Float() && w.Float() != w.Float())
	case KindFloat64:
		return v.num == w.num || (v.Float() != v.Float() && w.Float() != w.Float())
	default:
		return v.num == w.num
	}
}

func equalValues(v, w []Value) bool {
	if len(v) != len(w) {
		return false
	}
	for i := range v {
		if !v[i].Equal(w[i]) {
			return false
		}
	}
	return true
}
