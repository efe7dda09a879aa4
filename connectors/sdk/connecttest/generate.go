package connecttest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// AnySchema returns a random schema, nested at most depth times: every type, the logical types, optional or not, structs of up
// to 13 fields. The same state of r gives the same schema.
func AnySchema(r *rand.Rand, depth int) *connect.Schema {
	t := connect.TypeInt8 + connect.Type(r.IntN(12))
	if depth == 0 && !t.IsPrimitive() {
		t = connect.TypeString
	}
	var b *connect.SchemaBuilder
	switch t {
	case connect.TypeArray:
		b = connect.NewArraySchema(AnySchema(r, depth-1))
	case connect.TypeMap:
		b = connect.NewMapSchema(connect.StringSchema, AnySchema(r, depth-1))
	case connect.TypeStruct:
		b = connect.NewStructSchema().Name(fmt.Sprintf("s%d", r.IntN(3)))
		for i := range r.IntN(14) {
			b.Field(fmt.Sprintf("f%d", i), AnySchema(r, depth-1))
		}
	default:
		b = anyPrimitive(r, t)
	}
	return b.SetOptional(r.IntN(3) == 0).MustBuild()
}

func anyPrimitive(r *rand.Rand, t connect.Type) *connect.SchemaBuilder {
	switch {
	case t == connect.TypeBytes && r.IntN(2) == 0:
		return connect.NewDecimalSchema(int32(r.IntN(5)))
	case t == connect.TypeInt32 && r.IntN(3) == 0:
		return connect.NewDateSchema()
	case t == connect.TypeInt32 && r.IntN(3) == 0:
		return connect.NewTimeSchema()
	case t == connect.TypeInt64 && r.IntN(3) == 0:
		return connect.NewTimestampSchema()
	}
	return connect.NewSchema(t)
}

// AnyValue returns a random value of s whose memory comes from a, or from the heap when a is nil. The same state of r gives the
// same value.
func AnyValue(r *rand.Rand, s *connect.Schema, a *connect.Arena) connect.Value {
	if s.Optional() && r.IntN(4) == 0 {
		return connect.Null()
	}
	switch s.Logical() {
	case connect.LogicalDecimal:
		scale, _ := connect.DecimalScaleOf(s)
		return connect.BigDecimal(anyInteger(r), scale)
	case connect.LogicalDate:
		return connect.TimeMillis(int64(r.IntN(40000)-20000) * 86400000)
	case connect.LogicalTime:
		return connect.TimeMillis(int64(r.IntN(86400000)))
	case connect.LogicalTimestamp:
		return connect.TimeMillis(r.Int64N(1<<44) - 1<<43)
	}
	switch s.Type() {
	case connect.TypeArray:
		v := a.NewArray(r.IntN(4))
		for i := range v.Array() {
			v.Array()[i] = AnyValue(r, s.ValueSchema(), a)
		}
		return v
	case connect.TypeMap:
		m := a.NewMap(r.IntN(4))
		for i := range m.Len() {
			m.SetKey(i, connect.String(a.CopyString(fmt.Sprintf("k%d", i))))
			m.SetValue(i, AnyValue(r, s.ValueSchema(), a))
		}
		return m.Value()
	case connect.TypeStruct:
		st := a.NewStruct(s)
		for i, f := range s.Fields() {
			st.SetField(i, AnyValue(r, f.Schema, a))
		}
		return st.Value()
	}
	return anyScalar(r, s.Type(), a)
}

func anyInteger(r *rand.Rand) *big.Int {
	n := new(big.Int).SetUint64(r.Uint64())
	n.Lsh(n, uint(r.IntN(80))).Rsh(n, uint(r.IntN(120)))
	if r.IntN(2) == 0 {
		n.Neg(n)
	}
	return n
}

func anyScalar(r *rand.Rand, t connect.Type, a *connect.Arena) connect.Value {
	n := r.Uint64() >> r.IntN(64)
	switch t {
	case connect.TypeInt8:
		return connect.Int8(int8(n))
	case connect.TypeInt16:
		return connect.Int16(int16(n))
	case connect.TypeInt32:
		return connect.Int32(int32(n))
	case connect.TypeInt64:
		return connect.Int64(int64(n))
	case connect.TypeFloat32:
		return connect.Float32(math.Float32frombits(uint32(n)))
	case connect.TypeFloat64:
		return connect.Float64(math.Float64frombits(n))
	case connect.TypeBoolean:
		return connect.Bool(n&1 == 1)
	case connect.TypeBytes:
		return connect.Bytes(a.CopyBytes([]byte(fmt.Sprintf("%x", n))))
	}
	return connect.String(a.CopyString(fmt.Sprintf("t%d", n)))
}
