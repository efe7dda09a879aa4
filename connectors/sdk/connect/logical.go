package connect

import (
	"math/big"
	"strconv"
)

const millisPerDay = 24 * 60 * 60 * 1000

// NewDecimalSchema starts a Decimal schema of the given scale: BYTES that hold an unscaled value.
func NewDecimalSchema(scale int32) *SchemaBuilder {
	return NewSchema(TypeBytes).Name(DecimalName).Version(1).Parameter(DecimalScale, strconv.Itoa(int(scale)))
}

// NewDateSchema starts a Date schema: INT32 days since 1970-01-01.
func NewDateSchema() *SchemaBuilder { return NewSchema(TypeInt32).Name(DateName).Version(1) }

// NewTimeSchema starts a Time schema: INT32 milliseconds since midnight.
func NewTimeSchema() *SchemaBuilder { return NewSchema(TypeInt32).Name(TimeName).Version(1) }

// NewTimestampSchema starts a Timestamp schema: INT64 milliseconds since 1970-01-01T00:00:00Z.
func NewTimestampSchema() *SchemaBuilder { return NewSchema(TypeInt64).Name(TimestampName).Version(1) }

// DecimalScaleOf returns the scale of a Decimal schema, a KindData error when its parameter is missing or no number.
func DecimalScaleOf(s *Schema) (int32, error) {
	text, ok := s.Parameter(DecimalScale)
	if !ok {
		return 0, DataError("Invalid Decimal schema: scale parameter not found.")
	}
	scale, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		e := DataError("Invalid scale parameter found in Decimal schema: ")
		e.Cause = err
		return 0, e
	}
	return int32(scale), nil
}

// AppendDecimal appends the unscaled value of the decimal v to dst: two's complement, big-endian, as short as possible.
// The scale must be that of s; a KindData error otherwise.
func AppendDecimal(dst []byte, s *Schema, v Value) ([]byte, error) {
	scale, err := DecimalScaleOf(s)
	if err != nil {
		return dst, err
	}
	if v.aux != scale {
		return dst, DataErrorf("Decimal value has mismatching scale for given Decimal schema. Schema has scale %d, value has scale %d.", scale, v.aux)
	}
	return AppendUnscaled(dst, v), nil
}

// AppendUnscaled appends the unscaled value of the decimal v: two's complement, big-endian, as short as possible but at least
// one byte, which is what java.math.BigInteger.toByteArray gives. Only values beyond 64 bits allocate.
func AppendUnscaled(dst []byte, v Value) []byte {
	n, ok := v.Unscaled64()
	if !ok {
		return appendBig(dst, v.Unscaled())
	}
	bits := 8
	for n<<(64-bits)>>(64-bits) != n {
		bits += 8
	}
	for shift := bits - 8; shift >= 0; shift -= 8 {
		dst = append(dst, byte(n>>shift))
	}
	return dst
}

// appendBig appends the two's complement of a number beyond 64 bits.
func appendBig(dst []byte, n *big.Int) []byte {
	if n.Sign() >= 0 {
		if n.BitLen()%8 == 0 { // the highest bit is set and would read as a sign
			dst = append(dst, 0)
		}
		return append(dst, n.Bytes()...)
	}
	// -n in two's complement is the inversion of n-1.
	inverted := new(big.Int).Not(n)
	if inverted.BitLen()%8 == 0 {
		dst = append(dst, 0xFF)
	}
	b := inverted.Bytes()
	for i := range b {
		b[i] = ^b[i]
	}
	return append(dst, b...)
}

// DecodeDecimal returns the decimal whose unscaled value is b in two's complement, with the scale of s. Errors are KindData;
// that for no bytes at all is the NumberFormatException that Kafka Connect lets through.
func DecodeDecimal(s *Schema, b []byte) (Value, error) {
	if len(b) == 0 {
		return Value{}, &Error{Kind: KindData, Class: "java.lang.NumberFormatException", Message: "Zero length BigInteger"}
	}
	scale, err := DecimalScaleOf(s)
	if err != nil {
		return Value{}, err
	}
	return DecimalFromBytes(b, scale), nil
}

// DecimalFromBytes returns the decimal whose unscaled value is b in two's complement, big-endian; no bytes are zero. b is
// not kept.
func DecimalFromBytes(b []byte, scale int32) Value {
	if len(b) <= 8 {
		var n int64
		if len(b) > 0 && b[0] >= 0x80 {
			n = -1
		}
		for _, c := range b {
			n = n<<8 | int64(c)
		}
		return Decimal(n, scale)
	}
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return BigDecimal(n, scale)
}

// EncodeDate returns the days since 1970-01-01 of an instant under a Date schema. It must be midnight UTC; a KindData error
// otherwise. Days beyond 32 bits wrap around, as in Kafka Connect.
func EncodeDate(s *Schema, v Value) (int32, error) {
	if s.logical != LogicalDate {
		return 0, mismatch("Date")
	}
	if v.Millis()%millisPerDay != 0 {
		return 0, DataError("Kafka Connect Date type should not have any time fields set to non-zero values.")
	}
	return int32(v.Millis() / millisPerDay), nil
}

// DecodeDate returns the instant that begins the given day since 1970-01-01, under a Date schema.
func DecodeDate(s *Schema, days int32) (Value, error) {
	if s.logical != LogicalDate {
		return Value{}, mismatch("Date")
	}
	return TimeMillis(int64(days) * millisPerDay), nil
}

// EncodeTime returns the milliseconds since midnight of an instant under a Time schema. The instant must lie on 1970-01-01 or
// be the end of it; a KindData error otherwise.
func EncodeTime(s *Schema, v Value) (int32, error) {
	if s.logical != LogicalTime {
		return 0, mismatch("Time")
	}
	if v.Millis() < 0 || v.Millis() > millisPerDay {
		return 0, DataError("Kafka Connect Time type should not have any date fields set to non-zero values.")
	}
	return int32(v.Millis()), nil
}

// DecodeTime returns the instant on 1970-01-01 at the given milliseconds since midnight, under a Time schema. Values below
// zero or beyond a day are a KindData error.
func DecodeTime(s *Schema, millis int32) (Value, error) {
	if s.logical != LogicalTime {
		return Value{}, mismatch("Date") // Kafka Connect names the wrong type here
	}
	if millis < 0 || millis > millisPerDay {
		return Value{}, DataError("Time values must use number of milliseconds greater than 0 and less than 86400000")
	}
	return TimeMillis(int64(millis)), nil
}

// EncodeTimestamp returns the milliseconds since the epoch of an instant under a Timestamp schema.
func EncodeTimestamp(s *Schema, v Value) (int64, error) {
	if s.logical != LogicalTimestamp {
		return 0, mismatch("Timestamp")
	}
	return v.Millis(), nil
}

// DecodeTimestamp returns the instant at the given milliseconds since the epoch, under a Timestamp schema.
func DecodeTimestamp(s *Schema, millis int64) (Value, error) {
	if s.logical != LogicalTimestamp {
		return Value{}, mismatch("Timestamp")
	}
	return TimeMillis(millis), nil
}

func mismatch(what string) error {
	return DataError("Requested conversion of " + what + " object but the schema does not match.")
}
