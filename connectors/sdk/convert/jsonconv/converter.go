package jsonconv

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// converter is the JsonConverter of one task, for its keys, its values or its headers.
type converter struct {
	writer  writer
	reader  reader
	schemas bool  // envelopes are written and expected
	content *plan // of schema.content, if it is in use
}

// AppendData appends a value, in its envelope if schemas are enabled. Only a null without schema is a Kafka null.
func (c *converter) AppendData(dst []byte, _ string, s *connect.Schema, v connect.Value) ([]byte, error) {
	if s == nil {
		if v.IsNull() {
			return nil, nil
		}
		if !c.schemas {
			return c.writer.appendAny(dst, nil, v)
		}
		dst, err := c.writer.appendAny(append(dst, `{"schema":null,"payload":`...), nil, v)
		return append(dst, '}'), err
	}
	p, err := c.writer.plan(s)
	if err != nil {
		return dst, err
	}
	if !c.schemas {
		return c.writer.append(dst, p, v)
	}
	dst, err = c.writer.append(append(dst, p.envelope...), p, v)
	return append(dst, '}'), err
}

// ReadData reads a value. Its strings point into data where nothing had to be translated.
func (c *converter) ReadData(a *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return nil, connect.Null(), nil
	}
	switch r := &c.reader; {
	case !c.schemas:
		if v, ok := r.document(a, data, nil); ok {
			return nil, v, nil
		}
		return r.plainDocument(a, data, nil)
	case c.content != nil:
		if v, ok := r.document(a, data, c.content); ok {
			return c.content.schema, v, nil
		}
		return r.plainDocument(a, data, c.content.schema)
	default:
		if s, v, ok := r.envelope(a, data); ok {
			return s, v, nil
		}
		return r.plainEnvelope(a, data)
	}
}

// AppendHeader is AppendData.
func (c *converter) AppendHeader(dst []byte, topic, _ string, s *connect.Schema, v connect.Value) ([]byte, error) {
	return c.AppendData(dst, topic, s, v)
}

// ReadHeader is ReadData.
func (c *converter) ReadHeader(a *connect.Arena, topic, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	return c.ReadData(a, topic, data)
}
