// Package records generates the records that Ferry is measured with: bytes, lines of text and a record of ten fields. The
// n-th record is always the same, so that contenders written in different languages can be checked against each other.
//
// All numbers come from splitmix64 over a fixed seed. The fractions of the record's floating-point fields are short,
// dyadic and never zero, so that every correct formatter prints the same digits.
package records

import (
	"encoding/binary"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	seed = 0x4645525259
	// BytesSize is the length of what AppendBytes appends.
	BytesSize = 200
	// LineSize is the length of what AppendLine appends.
	LineSize = 199
	// Name is the name of the record's schema.
	Name = "bench.Rec"
)

// mix is splitmix64.
func mix(x uint64) uint64 {
	z := x + 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// AppendBytes appends the 200 bytes of record i.
func AppendBytes(dst []byte, i uint64) []byte {
	dst = binary.BigEndian.AppendUint64(dst, i)
	for j := range uint64(24) {
		dst = binary.BigEndian.AppendUint64(dst, mix(seed+24*i+j))
	}
	return dst
}

// AppendLine appends the 199 ASCII characters of line i, without a line feed.
func AppendLine(dst []byte, i uint64) []byte {
	for j := range uint64(12) {
		dst = appendHex(dst, mix(seed+24*i+j), 16)
	}
	return appendDecimal(dst, i%10_000_000, 1_000_000)
}

// Record holds the ten fields of a record; its strings are fresh.
type Record struct {
	ID      int64
	Seq     int32
	Name    string
	Email   string
	Active  bool
	Balance float64
	Score   float32
	Created int64 // milliseconds since the epoch
	Tags    string
	Note    string
}

// NewRecord returns record i.
func NewRecord(i uint64) Record {
	r := mix(seed + i)
	name := string(appendName(nil, r))
	return Record{
		ID: int64(i), Seq: int32(i % 1_000_000), Name: name, Email: name + domain, Active: active(r),
		Balance: balance(r), Score: score(r), Created: created(i), Tags: string(appendTags(nil, r)), Note: string(appendNote(nil, r)),
	}
}

const domain = "@example.com"

func active(r uint64) bool { return r>>32&1 == 1 }

func balance(r uint64) float64 { return float64(r>>33%1_000_000) + 0.25*float64(1+r&1) }

func score(r uint64) float32 { return float32(r>>20%800)/8 + 0.0625 }

func created(i uint64) int64 { return 1_700_000_000_000 + int64(i) }

func appendName(dst []byte, r uint64) []byte {
	return appendHex(append(dst, "user-"...), r&0xFFFFFFFF, 8)
}

func appendNote(dst []byte, r uint64) []byte {
	dst = appendHex(append(dst, "note-"...), r, 16)
	return appendHex(append(dst, '-'), mix(r), 16)
}

func appendTags(dst []byte, r uint64) []byte {
	t := r >> 44
	digit := func(power uint64) byte { return byte('0' + t/power%10) }
	dst = append(dst, 't', digit(10), digit(1), ',', 't', digit(1_000), digit(100))
	return append(dst, ',', 't', digit(100_000), digit(10_000))
}

func appendHex(dst []byte, v uint64, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[v>>shift&15])
	}
	return dst
}

// appendDecimal appends all digits of v from the one worth highest on.
func appendDecimal(dst []byte, v, highest uint64) []byte {
	for ; highest > 0; highest /= 10 {
		dst = append(dst, byte('0'+v/highest%10))
	}
	return dst
}

// NewSchema returns the schema of the record. Call it once and share the result.
func NewSchema() *connect.Schema {
	return connect.NewStructSchema().Name(Name).
		Field("id", connect.Int64Schema).
		Field("seq", connect.Int32Schema).
		Field("name", connect.StringSchema).
		Field("email", connect.StringSchema).
		Field("active", connect.BooleanSchema).
		Field("balance", connect.Float64Schema).
		Field("score", connect.Float32Schema).
		Field("created", connect.TimestampSchema).
		Field("tags", connect.StringSchema).
		Field("note", connect.StringSchema).
		MustBuild()
}

// Fill returns record i as a struct of schema, which NewSchema made, in memory from a. In steady state it does not
// allocate.
func Fill(a *connect.Arena, schema *connect.Schema, i uint64) connect.Value {
	r := mix(seed + i)
	name := appendName(a.Bytes(13)[:0], r)
	email := append(append(a.Bytes(25)[:0], name...), domain...)
	st := a.NewStruct(schema)
	for at, v := range [...]connect.Value{
		connect.Int64(int64(i)), connect.Int32(int32(i % 1_000_000)), connect.StringBytes(name), connect.StringBytes(email),
		connect.Bool(active(r)), connect.Float64(balance(r)), connect.Float32(score(r)), connect.TimeMillis(created(i)),
		connect.StringBytes(appendTags(a.Bytes(11)[:0], r)), connect.StringBytes(appendNote(a.Bytes(38)[:0], r)),
	} {
		st.SetField(at, v)
	}
	return st.Value()
}

// AppendJSON appends record i as the JsonConverter writes it without its schema.
func (r Record) AppendJSON(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"id":`...), r.ID, 10)
	dst = strconv.AppendInt(append(dst, `,"seq":`...), int64(r.Seq), 10)
	dst = append(append(append(dst, `,"name":"`...), r.Name...), `","email":"`...)
	dst = append(append(dst, r.Email...), `","active":`...)
	dst = append(strconv.AppendBool(dst, r.Active), `,"balance":`...)
	dst = append(strconv.AppendFloat(dst, r.Balance, 'f', -1, 64), `,"score":`...)
	dst = append(strconv.AppendFloat(dst, float64(r.Score), 'f', -1, 32), `,"created":`...)
	dst = append(strconv.AppendInt(dst, r.Created, 10), `,"tags":"`...)
	dst = append(append(append(dst, r.Tags...), `","note":"`...), r.Note...)
	return append(dst, `"}`...)
}
