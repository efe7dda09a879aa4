package primconv

import (
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

const stringClass = "org.apache.kafka.connect.storage.StringConverter"

const encodingConfig = "converter.encoding"

func stringConfig() *configdef.Def {
	def, err := typeConfig().With(configdef.ConfigKey{
		Name: encodingConfig, Type: configdef.TypeString, Default: "UTF-8", Importance: configdef.ImportanceHigh,
		Width: configdef.WidthMedium, DisplayName: "Encoding",
		Documentation: "The name of the Java character set to use for encoding strings as byte arrays.",
	})
	if err != nil {
		panic(err) // the keys are written above
	}
	return def
}

func newString(config map[string]string) (connect.Converter, error) {
	name, ok := config[encodingConfig]
	if !ok || isUTF8(name) {
		return text{}, nil
	}
	c, err := charsetOf(name)
	if err != nil {
		return nil, &connect.Error{
			Kind: connect.KindConfig, Class: connect.SerializationException, Message: "Unsupported encoding " + name,
			Hint:  "set " + encodingConfig + " to a character set such as UTF-8, UTF-16BE, ISO-8859-1 or windows-1252",
			Cause: fmt.Errorf("look up character set: %w", err),
		}
	}
	return &encodedText{charset: c}, nil
}

// text is the StringConverter in UTF-8.
type text struct{}

// AppendData writes any value as Java's toString gives it. Text made of structs, maps and bytes is for people: nothing reads
// it back.
func (text) AppendData(dst []byte, _ string, _ *connect.Schema, v connect.Value) ([]byte, error) {
	if v.IsNull() {
		return nil, nil
	}
	if v.Kind() == connect.KindString {
		return values.AppendUTF8(dst, v.Str()), nil
	}
	return appendJavaString(dst, v), nil
}

// ReadData returns text that lies in data, if that is valid UTF-8.
func (text) ReadData(a *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return connect.OptionalStringSchema, connect.Null(), nil
	}
	return connect.OptionalStringSchema, connect.String(values.DecodeUTF8(a, data)), nil
}

// encodedText is the StringConverter in any other encoding.
type encodedText struct {
	charset charset
	buf     []byte
}

// AppendData is like that of text; characters that the encoding lacks become question marks.
func (c *encodedText) AppendData(dst []byte, _ string, _ *connect.Schema, v connect.Value) ([]byte, error) {
	if v.IsNull() {
		return nil, nil
	}
	if v.Kind() == connect.KindString {
		c.buf = values.AppendUTF8(c.buf[:0], v.Str())
	} else {
		c.buf = appendJavaString(c.buf[:0], v)
	}
	return c.charset.encode(dst, c.buf), nil
}

// ReadData decodes into a; what the encoding cannot be becomes U+FFFD.
func (c *encodedText) ReadData(a *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return connect.OptionalStringSchema, connect.Null(), nil
	}
	c.buf = c.charset.decode(c.buf[:0], data)
	return connect.OptionalStringSchema, connect.StringBytes(a.CopyBytes(c.buf)), nil
}

func appendJavaString(dst []byte, v connect.Value) []byte {
	switch v.Kind() {
	case connect.KindFloat32:
		return javatext.AppendFloat(dst, v.Float32())
	case connect.KindFloat64:
		return javatext.AppendDouble(dst, v.Float())
	case connect.KindTime:
		return javatext.AppendDate(dst, v.Millis())
	}
	return v.AppendString(dst)
}
