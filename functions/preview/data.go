package preview

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// reader makes data of a connector's out of JSON, with a schema or without: the JsonConverter does it.
type reader struct{ enveloped, bare connect.Converter }

func newReader() (*reader, error) {
	class := jsonconv.Class()
	enveloped, err := class.New(map[string]string{"converter.type": "value", jsonconv.ReplaceNullWithDefaultConfig: "false"})
	if err != nil {
		return nil, err
	}
	bare, err := class.New(map[string]string{"converter.type": "value", jsonconv.SchemasEnableConfig: "false"})
	return &reader{enveloped, bare}, err
}

// read reads data; the result may point into it.
func (r *reader) read(a *connect.Arena, d datum) (*connect.Schema, connect.Value, error) {
	if d.bytes != nil {
		return nil, connect.Null(), wrong(d.field, `bytes are given of what is in Kafka, and this is a record as a source makes it: write {"schema": {"type": "bytes"}, "payload": …} or "string"`)
	}
	if d.json == nil {
		return nil, connect.Null(), nil
	}
	conv := r.bare
	if isEnvelope(d.json) {
		conv = r.enveloped
	}
	s, v, err := conv.ReadData(a, "", d.json)
	if err != nil {
		return nil, connect.Null(), wrong(d.field, "%v", err)
	}
	return s, v, nil
}

// isEnvelope reports whether JSON is an object of schema and payload alone, of which the schema is an object or null.
func isEnvelope(text json.RawMessage) bool {
	if text[0] != '{' {
		return false
	}
	var o map[string]json.RawMessage
	if json.Unmarshal(text, &o) != nil || len(o) != 2 || o["payload"] == nil {
		return false
	}
	s := o["schema"]
	return s != nil && (s[0] == '{' || isNull(s))
}

// hider replaces secrets in a text.
type hider func(string) string

// appendData appends data as reader reads it.
func appendData(dst []byte, s *connect.Schema, v connect.Value, hide hider) []byte {
	if s == nil {
		if payload := appendPayload(nil, nil, v, hide); !isEnvelope(payload) {
			return append(dst, payload...)
		}
		dst = append(dst, `{"schema":null`...)
	} else {
		dst = appendSchema(append(dst, `{"schema":`...), s)
	}
	return append(appendPayload(append(dst, `,"payload":`...), s, v, hide), '}')
}

// appendSchema appends a schema as the envelope has it; one that it cannot have, of an array of anything, as text.
func appendSchema(dst []byte, s *connect.Schema) []byte {
	if text, err := jsonconv.AppendSchema(nil, s); err == nil {
		return append(dst, text...)
	}
	return appendJSONText(dst, s.String())
}

// appendPayload appends any value, also one that fits no schema: whatever a transform has made is to be seen. s may be nil.
func appendPayload(dst []byte, s *connect.Schema, v connect.Value, hide hider) []byte {
	switch v.Kind() {
	case connect.KindNull:
		return append(dst, "null"...)
	case connect.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case connect.KindFloat32, connect.KindFloat64:
		return appendFloat(dst, v)
	case connect.KindString:
		return appendJSONText(dst, v.Str())
	case connect.KindBytes:
		if hide != nil {
			if text := string(v.Bytes()); hide(text) != text {
				return appendJSONText(dst, text) // which is hidden with all other text
			}
		}
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes()), '"')
	case connect.KindDecimal:
		return javatext.AppendDecimal(dst, v.Unscaled(), v.Scale())
	case connect.KindTime:
		if s != nil && s.Logical() == connect.LogicalDate {
			return strconv.AppendInt(dst, int64(math.Floor(float64(v.Millis())/86_400_000)), 10)
		}
		return strconv.AppendInt(dst, v.Millis(), 10)
	}
	return appendCollection(dst, s, v, hide)
}

// appendFloat appends a number, or its Java text where JSON has none for it.
func appendFloat(dst []byte, v connect.Value) []byte {
	f := v.Float()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendJSONText(dst, v.String())
	}
	bits := 64
	if v.Kind() == connect.KindFloat32 {
		bits = 32
	}
	text := strconv.AppendFloat(nil, f, 'g', -1, bits)
	if !bytes.ContainsAny(text, ".e") {
		text = append(text, ".0"...) // or it would be read as a whole number
	}
	return append(dst, text...)
}

func appendCollection(dst []byte, s *connect.Schema, v connect.Value, hide hider) []byte {
	switch v.Kind() {
	case connect.KindArray:
		dst = append(dst, '[')
		for i, e := range v.Array() {
			dst = appendPayload(comma(dst, i), elementOf(s), e, hide)
		}
		return append(dst, ']')
	case connect.KindStruct:
		st := v.Struct()
		dst = append(dst, '{')
		for i, f := range st.Schema().Fields() {
			dst = append(appendJSONText(comma(dst, i), f.Name), ':')
			dst = appendPayload(dst, f.Schema, st.Field(i), hide)
		}
		return append(dst, '}')
	}
	m := v.Map()
	if hasTextKeys(m) {
		dst = append(dst, '{')
		for i := range m.Len() {
			key, value := m.Entry(i)
			dst = append(appendJSONText(comma(dst, i), key.Str()), ':')
			dst = appendPayload(dst, elementOf(s), value, hide)
		}
		return append(dst, '}')
	}
	dst = append(dst, '[')
	for i := range m.Len() {
		key, value := m.Entry(i)
		dst = appendPayload(append(comma(dst, i), '['), keyOf(s), key, hide)
		dst = append(appendPayload(append(dst, ','), elementOf(s), value, hide), ']')
	}
	return append(dst, ']')
}

func comma(dst []byte, i int) []byte {
	if i > 0 {
		return append(dst, ',')
	}
	return dst
}

// hasTextKeys reports whether a map can be an object. An empty one is.
func hasTextKeys(m connect.Map) bool {
	for i := range m.Len() {
		if key, _ := m.Entry(i); key.Kind() != connect.KindString {
			return false
		}
	}
	return true
}

func elementOf(s *connect.Schema) *connect.Schema {
	if s == nil {
		return nil
	}
	return s.ValueSchema()
}

func keyOf(s *connect.Schema) *connect.Schema {
	if s == nil {
		return nil
	}
	return s.KeySchema()
}

// appendJSONText appends text as a JSON string; what is not UTF-8 becomes U+FFFD.
func appendJSONText(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always can be
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
