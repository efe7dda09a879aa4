package vectors

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// dataJSON is one tagged value as the vectors write it. Exactly one tag is set; Buffer, HashOrder and Schema qualify it.
type dataJSON struct {
	Null       *bool                `json:"null"`
	Bool       *bool                `json:"bool"`
	Int8       *int8                `json:"int8"`
	Int16      *int16               `json:"int16"`
	Int32      *int32               `json:"int32"`
	Int64      *int64               `json:"int64,string"`
	Float32    *string              `json:"float32"`
	Float64    *string              `json:"float64"`
	String     *string              `json:"string"`
	Bytes      *string              `json:"bytes"`
	Array      *[]json.RawMessage   `json:"array"`
	Map        *[][]json.RawMessage `json:"map"`
	Struct     *[][]json.RawMessage `json:"struct"`
	Decimal    *decimalJSON         `json:"decimal"`
	BigInt     *string              `json:"bigint"`
	Date       *int64               `json:"date"`
	Time       *int64               `json:"time"`
	Timestamp  *int64               `json:"timestamp"`
	Class      *string              `json:"class"`
	Password   *string              `json:"password"`
	JavaObject *string              `json:"javaObject"`
	HashOrder  bool                 `json:"hashOrder"`
	Schema     json.RawMessage      `json:"schema"`
}

type decimalJSON struct {
	Unscaled string `json:"unscaled"`
	Scale    int32  `json:"scale"`
}

// Value decodes one tagged value. s is the schema from the context, nil for schemaless data; a struct that carries its own
// schema uses that. A BigInteger becomes a decimal of scale 0, a ByteBuffer bytes. What cannot be expressed gives
// ErrNoCounterpart; a test skips such a case.
func Value(s *connect.Schema, raw json.RawMessage) (connect.Value, error) {
	if isNull(raw) {
		return connect.Null(), nil
	}
	var j dataJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return connect.Value{}, fmt.Errorf("decode value %s: %w", raw, err)
	}
	switch {
	case j.Array != nil:
		return j.array(s)
	case j.Map != nil:
		return j.entries(s)
	case j.Struct != nil:
		return j.fields(s)
	case j.JavaObject != nil, j.Class != nil, j.Password != nil:
		return connect.Value{}, fmt.Errorf("decode value %s: %w", raw, ErrNoCounterpart)
	}
	v, ok, err := j.scalar()
	if err == nil && !ok {
		err = fmt.Errorf("unknown tag")
	}
	if err != nil {
		return connect.Value{}, fmt.Errorf("decode value %s: %w", raw, err)
	}
	return v, nil
}

func (j *dataJSON) scalar() (v connect.Value, ok bool, err error) {
	switch {
	case j.Null != nil:
		return connect.Null(), true, nil
	case j.Bool != nil:
		return connect.Bool(*j.Bool), true, nil
	case j.Int8 != nil:
		return connect.Int8(*j.Int8), true, nil
	case j.Int16 != nil:
		return connect.Int16(*j.Int16), true, nil
	case j.Int32 != nil:
		return connect.Int32(*j.Int32), true, nil
	case j.Int64 != nil:
		return connect.Int64(*j.Int64), true, nil
	case j.String != nil:
		return connect.String(*j.String), true, nil
	case j.Date != nil:
		return connect.TimeMillis(*j.Date), true, nil
	case j.Time != nil:
		return connect.TimeMillis(*j.Time), true, nil
	case j.Timestamp != nil:
		return connect.TimeMillis(*j.Timestamp), true, nil
	}
	return j.parsed()
}

// parsed decodes the scalars that are written as text.
func (j *dataJSON) parsed() (v connect.Value, ok bool, err error) {
	switch {
	case j.Float32 != nil:
		f, err := strconv.ParseFloat(*j.Float32, 32)
		return connect.Float32(float32(f)), true, err
	case j.Float64 != nil:
		f, err := strconv.ParseFloat(*j.Float64, 64)
		return connect.Float64(f), true, err
	case j.Bytes != nil:
		b, err := base64.StdEncoding.DecodeString(*j.Bytes)
		return connect.Bytes(b), true, err
	case j.Decimal != nil:
		v, err := decimal(j.Decimal.Unscaled, j.Decimal.Scale)
		return v, true, err
	case j.BigInt != nil:
		v, err := decimal(*j.BigInt, 0)
		return v, true, err
	}
	return connect.Value{}, false, nil
}

func decimal(unscaled string, scale int32) (connect.Value, error) {
	n, ok := new(big.Int).SetString(unscaled, 10)
	if !ok {
		return connect.Value{}, fmt.Errorf("%q is no integer", unscaled)
	}
	return connect.BigDecimal(n, scale), nil
}

func (j *dataJSON) array(s *connect.Schema) (connect.Value, error) {
	elems := make([]connect.Value, len(*j.Array))
	for i, raw := range *j.Array {
		var err error
		if elems[i], err = Value(elementSchema(s), raw); err != nil {
			return connect.Value{}, err
		}
	}
	return connect.Array(elems), nil
}

func (j *dataJSON) entries(s *connect.Schema) (connect.Value, error) {
	var slots []connect.Value
	for _, entry := range *j.Map {
		if len(entry) != 2 {
			return connect.Value{}, fmt.Errorf("a map entry has %d parts", len(entry))
		}
		k, err := Value(keySchema(s), entry[0])
		if err != nil {
			return connect.Value{}, err
		}
		v, err := Value(elementSchema(s), entry[1])
		if err != nil {
			return connect.Value{}, err
		}
		slots = append(slots, k, v)
	}
	return connect.NewMap(slots).Value(), nil
}

func (j *dataJSON) fields(s *connect.Schema) (connect.Value, error) {
	s, err := j.structSchema(s)
	if err != nil {
		return connect.Value{}, err
	}
	st := connect.NewStruct(s)
	for _, f := range *j.Struct {
		name, raw, err := field(f)
		if err != nil {
			return connect.Value{}, err
		}
		i := s.FieldIndex(name)
		if i < 0 {
			return connect.Value{}, fmt.Errorf("struct %s has no field %q", s, name)
		}
		v, err := Value(s.Fields()[i].Schema, raw)
		if err != nil {
			return connect.Value{}, err
		}
		st.SetField(i, v)
	}
	return st.Value(), nil
}

func (j *dataJSON) structSchema(s *connect.Schema) (*connect.Schema, error) {
	if j.Schema != nil {
		return Schema(j.Schema)
	}
	if s == nil || s.Type() != connect.TypeStruct {
		return nil, fmt.Errorf("a struct stands where the schema is %s", s)
	}
	return s, nil
}

// field splits ["name", value].
func field(parts []json.RawMessage) (string, json.RawMessage, error) {
	var name string
	if len(parts) != 2 {
		return "", nil, fmt.Errorf("a struct field has %d parts", len(parts))
	}
	if err := json.Unmarshal(parts[0], &name); err != nil {
		return "", nil, fmt.Errorf("decode name of struct field: %w", err)
	}
	return name, parts[1], nil
}

func keySchema(s *connect.Schema) *connect.Schema {
	if s == nil {
		return nil
	}
	return s.KeySchema()
}

func elementSchema(s *connect.Schema) *connect.Schema {
	if s == nil {
		return nil
	}
	return s.ValueSchema()
}

// SchemaAndValue decodes {"schema","value"}.
func SchemaAndValue(raw json.RawMessage) (*connect.Schema, connect.Value, error) {
	var j struct {
		Schema json.RawMessage `json:"schema"`
		Value  json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, connect.Value{}, fmt.Errorf("decode schema and value: %w", err)
	}
	s, err := Schema(j.Schema)
	if err != nil {
		return nil, connect.Value{}, err
	}
	v, err := Value(s, j.Value)
	return s, v, err
}

// Bytes decodes null, {"utf8":text} and {"base64":text}; null gives nil, empty text an empty slice.
func Bytes(raw json.RawMessage) ([]byte, error) {
	if isNull(raw) {
		return nil, nil
	}
	var j struct {
		UTF8   *string `json:"utf8"`
		Base64 *string `json:"base64"`
	}
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, fmt.Errorf("decode bytes: %w", err)
	}
	switch {
	case j.UTF8 != nil:
		return append([]byte{}, *j.UTF8...), nil
	case j.Base64 != nil:
		b, err := base64.StdEncoding.DecodeString(*j.Base64)
		return append([]byte{}, b...), err
	}
	return nil, fmt.Errorf("decode bytes: neither utf8 nor base64 in %s", raw)
}
