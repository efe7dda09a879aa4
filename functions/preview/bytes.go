package preview

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
)

// form is how the bytes of one converter are written as JSON: the table of the package comment, in both directions.
type form uint8

const (
	formOpaque form = iota // only bytes can be given
	formJSON
	formText
	formBytes
	formNumber
	formBoolean
)

// converted are key, value or headers in Kafka: a converter with the form of its bytes.
type converted struct {
	class  string
	form   form
	number connect.Kind // of formNumber
	// write and read are the converter's.
	write func(v connect.Value) ([]byte, error)
	read  func(data []byte) (connect.Value, error)
}

// ofClass sets the form of a converter's class.
func (c *converted) ofClass(class string) {
	const apache = "org.apache.kafka.connect."
	c.class = class
	switch class {
	case jsonconv.ClassName:
		c.form = formJSON
	case apache + "storage.StringConverter":
		c.form = formText
	case apache + "converters.ByteArrayConverter", apache + "storage.SimpleHeaderConverter":
		c.form = formBytes
	case apache + "converters.BooleanConverter":
		c.form = formBoolean
	}
	numbers := map[string]connect.Kind{
		"Short": connect.KindInt16, "Integer": connect.KindInt32, "Long": connect.KindInt64, "Float": connect.KindFloat32, "Double": connect.KindFloat64,
	}
	for name, kind := range numbers {
		if class == apache+"converters."+name+"Converter" {
			c.form, c.number = formNumber, kind
		}
	}
}

func ofConverter(class string, conv connect.Converter, topic string) *converted {
	c := &converted{
		write: func(v connect.Value) ([]byte, error) { return conv.AppendData([]byte{}, topic, nil, v) },
		read: func(data []byte) (connect.Value, error) {
			_, v, err := conv.ReadData(nil, topic, data)
			return v, err
		},
	}
	c.ofClass(class)
	return c
}

func ofHeaderConverter(class string, conv connect.HeaderConverter, topic, key string) *converted {
	c := &converted{
		write: func(v connect.Value) ([]byte, error) { return conv.AppendHeader([]byte{}, topic, key, nil, v) },
		read: func(data []byte) (connect.Value, error) {
			_, v, err := conv.ReadHeader(nil, topic, key, data)
			return v, err
		},
	}
	c.ofClass(class)
	return c
}

// bytes returns the bytes that were given; nil is Kafka's null.
func (c *converted) bytes(d datum) ([]byte, error) {
	if d.json == nil {
		return d.bytes, nil
	}
	s, isText := "", false
	if d.json[0] == '"' {
		var err error
		if s, err = text(d.field, d.json); err != nil {
			return nil, err
		}
		isText = true
	}
	switch c.form {
	case formJSON:
		return d.json, nil
	case formText, formBytes:
		if !isText {
			s = string(d.json)
		}
		if c.form == formBytes {
			return []byte(s), nil
		}
		return c.made(d, connect.String(s))
	case formBoolean:
		b := string(d.json) == "true"
		if !b && string(d.json) != "false" {
			return nil, wrong(d.field, "the bytes of %s are a boolean, and it is %s", c.class, excerpt(d.json))
		}
		return c.made(d, connect.Bool(b))
	case formNumber:
		v, ok := numberOf(c.number, string(d.json))
		if !ok {
			return nil, wrong(d.field, "the bytes of %s are a number of type %s, and it is %s", c.class, c.number, excerpt(d.json))
		}
		return c.made(d, v)
	}
	return nil, wrong(d.field, "what %s reads cannot be written as JSON: give its bytes, as %[2]sBase64 or %[2]sText", c.class, d.base())
}

// base is the last part of the field's path: key or value.
func (d *datum) base() string {
	if d.field == "key" {
		return d.field
	}
	return "value"
}

func (c *converted) made(d datum, v connect.Value) ([]byte, error) {
	data, err := c.write(v)
	if err != nil {
		return nil, wrong(d.field, "%s does not write it: %v", c.class, err)
	}
	return data, nil
}

func numberOf(kind connect.Kind, s string) (connect.Value, bool) {
	if kind == connect.KindFloat32 || kind == connect.KindFloat64 {
		f, err := strconv.ParseFloat(s, 64)
		if kind == connect.KindFloat32 {
			narrow, narrowErr := strconv.ParseFloat(s, 32)
			return connect.Float32(float32(narrow)), narrowErr == nil
		}
		return connect.Float64(f), err == nil
	}
	bits := map[connect.Kind]int{connect.KindInt16: 16, connect.KindInt32: 32, connect.KindInt64: 64}[kind]
	n, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		return connect.Null(), false
	}
	switch kind {
	case connect.KindInt16:
		return connect.Int16(int16(n)), true
	case connect.KindInt32:
		return connect.Int32(int32(n)), true
	}
	return connect.Int64(n), true
}

// show writes bytes so that they would be read again as they are: as JSON where the form has it, else as text or Base64.
func (c *converted) show(data []byte) Data {
	switch {
	case data == nil:
		return Data{JSON: json.RawMessage("null")}
	case c.form == formJSON && utf8.Valid(data) && json.Valid(data) && string(data) != "null":
		return Data{JSON: data}
	case c.form == formBytes && utf8.Valid(data):
		return Data{JSON: appendJSONText(nil, string(data))}
	case c.form == formText || c.form == formNumber || c.form == formBoolean:
		if shown := c.shown(data); shown != nil {
			return Data{JSON: shown}
		}
	}
	return plain(data)
}

// shown is the value that the converter reads, if it would write the same bytes for it.
func (c *converted) shown(data []byte) json.RawMessage {
	v, err := c.read(data)
	if err != nil || v.IsNull() || v.Kind() == connect.KindFloat32 && math.IsNaN(v.Float()) || v.IsNumber() && math.IsInf(v.Float(), 0) && !v.IsInteger() {
		return nil
	}
	again, err := c.write(v)
	if err != nil || string(again) != string(data) {
		return nil
	}
	return appendPayload(nil, nil, v, nil)
}

// plain shows bytes as text, or in Base64 where they are none.
func plain(data []byte) Data {
	if utf8.Valid(data) {
		s := string(data)
		return Data{Text: &s}
	}
	return Data{Base64: data}
}
