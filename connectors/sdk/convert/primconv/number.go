package primconv

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// number writes numbers of one kind as big-endian bytes of a fixed size. Numbers are never widened or cut.
type number struct {
	typeName     string // in messages
	deserializer string // in messages
	kind         connect.Kind
	schema       *connect.Schema
	size         int
}

//nolint:gochecknoglobals // constant tables; Go has no constant structs
var (
	shortNumber   = number{"short", "ShortDeserializer", connect.KindInt16, connect.OptionalInt16Schema, 2}
	integerNumber = number{"integer", "IntegerDeserializer", connect.KindInt32, connect.OptionalInt32Schema, 4}
	longNumber    = number{"long", "LongDeserializer", connect.KindInt64, connect.OptionalInt64Schema, 8}
	floatNumber   = number{"float", "Deserializer", connect.KindFloat32, connect.OptionalFloat32Schema, 4}
	doubleNumber  = number{"double", "Deserializer", connect.KindFloat64, connect.OptionalFloat64Schema, 8}
)

// AppendData accepts values of exactly this kind, whatever their schema.
func (n *number) AppendData(dst []byte, _ string, _ *connect.Schema, v connect.Value) ([]byte, error) {
	if v.IsNull() {
		return nil, nil
	}
	if v.Kind() != n.kind {
		e := connect.DataError("Failed to serialize to " + n.typeName + " (was class " + v.Kind().JavaClass() + "): ")
		e.Cause = &connect.Error{
			Kind: connect.KindData, Class: "java.lang.ClassCastException",
			Message: "class " + v.Kind().JavaClass() + " cannot be cast to class " + n.kind.JavaClass(),
		}
		return nil, e
	}
	switch n.kind {
	case connect.KindInt16:
		return binary.BigEndian.AppendUint16(dst, uint16(v.Int())), nil
	case connect.KindInt32:
		return binary.BigEndian.AppendUint32(dst, uint32(v.Int())), nil
	case connect.KindInt64:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Int())), nil
	case connect.KindFloat32:
		return binary.BigEndian.AppendUint32(dst, float32Bits(v.Float32())), nil
	default:
		return binary.BigEndian.AppendUint64(dst, float64Bits(v.Float())), nil
	}
}

// float32Bits is Float.floatToIntBits: every NaN is written the same.
func float32Bits(f float32) uint32 {
	if math.IsNaN(float64(f)) {
		return 0x7FC00000
	}
	return math.Float32bits(f)
}

// float64Bits is Double.doubleToLongBits: every NaN is written the same.
func float64Bits(f float64) uint64 {
	if math.IsNaN(f) {
		return 0x7FF8000000000000
	}
	return math.Float64bits(f)
}

// ReadData accepts exactly as many bytes as the number has.
func (n *number) ReadData(_ *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return n.schema, connect.Null(), nil
	}
	if len(data) != n.size {
		return nil, connect.Value{}, unreadable(n.typeName, "Size of data received by "+n.deserializer+" is not "+strconv.Itoa(n.size))
	}
	var v connect.Value
	switch n.kind {
	case connect.KindInt16:
		v = connect.Int16(int16(binary.BigEndian.Uint16(data)))
	case connect.KindInt32:
		v = connect.Int32(int32(binary.BigEndian.Uint32(data)))
	case connect.KindInt64:
		v = connect.Int64(int64(binary.BigEndian.Uint64(data)))
	case connect.KindFloat32:
		v = connect.Float32(math.Float32frombits(binary.BigEndian.Uint32(data)))
	default:
		v = connect.Float64(math.Float64frombits(binary.BigEndian.Uint64(data)))
	}
	return n.schema, v, nil
}
