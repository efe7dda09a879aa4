package jsonconv_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// This file is the converter once more, slow and simple, on top of encoding/json: what the real one is compared with.

func newConverter(t testing.TB, props ...string) both {
	t.Helper()
	config := map[string]string{jsonconv.TypeConfig: "value"}
	for i := 0; i < len(props); i += 2 {
		config[props[i]] = props[i+1]
	}
	conv, err := jsonconv.HeaderClass().New(config)
	if err != nil {
		t.Fatal(err)
	}
	return conv.(both)
}

// parse reads JSON as encoding/json does, with the text of numbers kept. What follows the first value is ignored.
func parse(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// slowInfer turns what parse returned into a value without schema.
func slowInfer(v any) connect.Value {
	switch v := v.(type) {
	case bool:
		return connect.Bool(v)
	case json.Number:
		return slowNumber(string(v))
	case string:
		return connect.String(v)
	case []any:
		elems := make([]connect.Value, len(v))
		for i := range v {
			elems[i] = slowInfer(v[i])
		}
		return connect.Array(elems)
	case map[string]any:
		var slots []connect.Value
		for key, value := range v {
			slots = append(slots, connect.String(key), slowInfer(value))
		}
		return connect.NewMap(slots).Value()
	}
	return connect.Null()
}

func slowNumber(text string) connect.Value {
	if n, ok := new(big.Int).SetString(text, 10); ok {
		low := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)) // two's complement
		return connect.Int64(int64(low.Uint64()))
	}
	f, _ := strconv.ParseFloat(text, 64)
	if !strings.ContainsAny(strings.SplitN(strings.ToLower(text), "e", 2)[0], "123456789") {
		f = 0
	}
	return connect.Float64(f)
}

// slowPayload is what parse returns for the payload of v.
func slowPayload(s *connect.Schema, v connect.Value) any {
	if v.IsNull() {
		if def, ok := s.Default(); ok {
			return slowPayload(s, def)
		}
		return nil
	}
	switch s.Logical() {
	case connect.LogicalDecimal:
		return base64.StdEncoding.EncodeToString(connect.AppendUnscaled(nil, v))
	case connect.LogicalDate:
		return json.Number(fmt.Sprint(v.Millis() / 86_400_000))
	case connect.LogicalTime, connect.LogicalTimestamp:
		return json.Number(fmt.Sprint(v.Millis()))
	}
	switch s.Type() {
	case connect.TypeFloat32, connect.TypeFloat64:
		text := string(javatext.AppendDouble(nil, v.Float()))
		if s.Type() == connect.TypeFloat32 {
			text = string(javatext.AppendFloat(nil, v.Float32()))
		}
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return text
		}
		return json.Number(text)
	case connect.TypeBoolean:
		return v.Bool()
	case connect.TypeString:
		return v.Str()
	case connect.TypeBytes:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case connect.TypeArray:
		elems := []any{}
		for _, e := range v.Array() {
			elems = append(elems, slowPayload(s.ValueSchema(), e))
		}
		return elems
	case connect.TypeMap:
		return slowMap(s, v.Map())
	case connect.TypeStruct:
		fields := map[string]any{}
		for i, f := range s.Fields() {
			fields[f.Name] = slowPayload(f.Schema, v.Struct().Field(i))
		}
		return fields
	}
	return json.Number(fmt.Sprint(v.Int()))
}

func slowMap(s *connect.Schema, m connect.Map) any {
	object, pairs := map[string]any{}, []any{}
	for i := range m.Len() {
		k, v := m.Entry(i)
		if s.KeySchema().Type() == connect.TypeString {
			object[k.Str()] = slowPayload(s.ValueSchema(), v)
		} else {
			pairs = append(pairs, []any{slowPayload(s.KeySchema(), k), slowPayload(s.ValueSchema(), v)})
		}
	}
	if s.KeySchema().Type() == connect.TypeString {
		return object
	}
	return pairs
}

// slowSchema is what parse returns for a schema.
func slowSchema(s *connect.Schema) map[string]any {
	m := map[string]any{"optional": s.Optional()}
	m["type"] = map[connect.Type]string{connect.TypeFloat32: "float", connect.TypeFloat64: "double"}[s.Type()]
	if m["type"] == "" {
		m["type"] = strings.ToLower(s.Type().String())
	}
	if s.Type() == connect.TypeArray {
		m["items"] = slowSchema(s.ValueSchema())
	}
	if s.Type() == connect.TypeMap {
		m["keys"], m["values"] = slowSchema(s.KeySchema()), slowSchema(s.ValueSchema())
	}
	if s.Type() == connect.TypeStruct {
		fields := []any{}
		for _, f := range s.Fields() {
			field := slowSchema(f.Schema)
			field["field"] = f.Name
			fields = append(fields, field)
		}
		m["fields"] = fields
	}
	if name, ok := s.Name(); ok {
		m["name"] = name
	}
	if version, ok := s.Version(); ok {
		m["version"] = json.Number(fmt.Sprint(version))
	}
	if doc, ok := s.Doc(); ok {
		m["doc"] = doc
	}
	if def, ok := s.Default(); ok {
		m["default"] = slowPayload(s, def)
	}
	if params, ok := s.Parameters(); ok {
		all := map[string]any{}
		for _, p := range params {
			all[p.Key] = p.Value
		}
		m["parameters"] = all
	}
	return m
}

// maker makes random schemas and values.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 7))} }

func (m maker) text() string {
	var b []byte
	for range m.IntN(20) {
		switch m.IntN(8) {
		case 0:
			b = utf8.AppendRune(b, rune(m.IntN(0x20)))
		case 1:
			b = utf8.AppendRune(b, []rune{'"', '\\', '/', 0x7F, 0xE9, 0x2028, 0xFFFD, 0x1F600}[m.IntN(8)])
		default:
			b = append(b, byte('a'+m.IntN(26)))
		}
	}
	return string(b)
}

// schema returns a schema whose elements nest at most depth deep. Structs have no default: they cannot be read back.
func (m maker) schema(depth int) *connect.Schema {
	var b *connect.SchemaBuilder
	kinds := 16
	if depth == 0 {
		kinds = 13
	}
	switch kind := m.IntN(kinds); kind {
	case 9:
		b = connect.NewDecimalSchema(int32(m.IntN(6)))
	case 10:
		b = connect.NewDateSchema()
	case 11:
		b = connect.NewTimeSchema()
	case 12:
		b = connect.NewTimestampSchema()
	case 13:
		b = connect.NewArraySchema(m.schema(depth - 1))
	case 14:
		key := connect.StringSchema
		if m.IntN(2) == 0 {
			key = []*connect.Schema{connect.Int32Schema, connect.BooleanSchema, connect.OptionalStringSchema}[m.IntN(2)]
		}
		b = connect.NewMapSchema(key, m.schema(depth-1))
	case 15:
		b = connect.NewStructSchema()
		for i := range m.IntN(12) {
			b.Field(fmt.Sprintf("f%d%s", i, m.text()), m.schema(depth-1))
		}
	default:
		b = connect.NewSchema(connect.TypeInt8 + connect.Type(kind))
	}
	m.attributes(b)
	s, err := b.Build()
	if err != nil {
		panic(err)
	}
	return s
}

func (m maker) attributes(b *connect.SchemaBuilder) {
	if m.IntN(2) == 0 {
		b.Optional()
	}
	if m.IntN(4) == 0 {
		b.Doc(m.text()).Parameter("p"+m.text(), m.text())
	}
	if s, err := b.Build(); err == nil && s.Logical() == connect.LogicalNone && m.IntN(4) == 0 {
		b.Name("n" + m.text()).Version(int32(m.IntN(100)))
	}
	if s, err := b.Build(); err == nil && s.Type() != connect.TypeStruct && m.IntN(4) == 0 {
		if v := m.value(s); !v.IsNull() {
			b.Default(v)
		}
	}
}

func (m maker) value(s *connect.Schema) connect.Value {
	if _, hasDefault := s.Default(); s.Optional() && !hasDefault && m.IntN(5) == 0 {
		return connect.Null()
	}
	switch s.Logical() {
	case connect.LogicalDecimal:
		scale, _ := connect.DecimalScaleOf(s)
		return connect.Decimal(m.Int64()>>m.IntN(64)*int64(1-2*m.IntN(2)), scale)
	case connect.LogicalDate:
		return connect.TimeMillis(int64(int32(m.Uint32())) * 86_400_000)
	case connect.LogicalTime:
		return connect.TimeMillis(m.Int64N(86_400_001))
	case connect.LogicalTimestamp:
		return connect.TimeMillis(m.Int64() - m.Int64())
	}
	n := int64(m.Uint64()) >> m.IntN(64)
	switch s.Type() {
	case connect.TypeInt8:
		return connect.Int8(int8(n))
	case connect.TypeInt16:
		return connect.Int16(int16(n))
	case connect.TypeInt32:
		return connect.Int32(int32(n))
	case connect.TypeInt64:
		return connect.Int64(n)
	case connect.TypeFloat32:
		return connect.Float32(m.float32())
	case connect.TypeFloat64:
		return connect.Float64(m.float64())
	case connect.TypeBoolean:
		return connect.Bool(n&1 == 0)
	case connect.TypeString:
		return connect.String(m.text())
	case connect.TypeBytes:
		return connect.Bytes([]byte(m.text()))
	}
	return m.collection(s)
}

// float64 returns numbers that survive JSON: not NaN, not infinite, no -0.0.
func (m maker) float64() float64 {
	if f := math.Float64frombits(m.Uint64()); m.IntN(2) == 0 && f-f == 0 && f != 0 {
		return f
	}
	return float64(m.IntN(1e9)) / 64
}

func (m maker) float32() float32 {
	if f := math.Float32frombits(m.Uint32()); m.IntN(2) == 0 && f-f == 0 && f != 0 {
		return f
	}
	return float32(m.IntN(1e6)) / 16
}

func (m maker) collection(s *connect.Schema) connect.Value {
	if s.Type() == connect.TypeStruct {
		st := connect.NewStruct(s)
		for i, f := range s.Fields() {
			st.SetField(i, m.value(f.Schema))
		}
		return st.Value()
	}
	var slots []connect.Value
	if s.Type() == connect.TypeArray {
		for range m.IntN(5) {
			slots = append(slots, m.value(s.ValueSchema()))
		}
		return connect.Array(slots)
	}
	for i := range m.IntN(5) {
		var key connect.Value
		switch s.KeySchema().Type() {
		case connect.TypeInt32:
			key = connect.Int32(int32(i))
		case connect.TypeBoolean:
			if i > 1 {
				return connect.NewMap(slots).Value()
			}
			key = connect.Bool(i == 0)
		default:
			key = connect.String(strconv.Itoa(i) + m.text())
		}
		slots = append(slots, key, m.value(s.ValueSchema()))
	}
	return connect.NewMap(slots).Value()
}
