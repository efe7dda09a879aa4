package jsonconv

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// ReadPlain is ReadData by the plain reader alone.
func ReadPlain(conv connect.Converter, a *connect.Arena, data []byte) (*connect.Schema, connect.Value, error) {
	c := conv.(*converter)
	switch {
	case data == nil:
		return nil, connect.Null(), nil
	case !c.schemas:
		return c.reader.plainDocument(a, data, nil)
	case c.content != nil:
		return c.reader.plainDocument(a, data, c.content.schema)
	}
	return c.reader.plainEnvelope(a, data)
}

// ReadFast is ReadData by the fast reader alone; ok is false when it gives up.
func ReadFast(conv connect.Converter, a *connect.Arena, data []byte) (s *connect.Schema, v connect.Value, ok bool) {
	c := conv.(*converter)
	switch {
	case !c.schemas:
		v, ok = c.reader.document(a, data, nil)
		return nil, v, ok
	case c.content != nil:
		v, ok = c.reader.document(a, data, c.content)
		return c.content.schema, v, ok
	}
	return c.reader.envelope(a, data)
}

// CachedPlans returns how many plans a converter keeps for reading and for writing.
func CachedPlans(conv connect.Converter) (read, written int) {
	c := conv.(*converter)
	r, w := &c.reader.plans, &c.writer.plans
	return len(r.younger) + len(r.older), len(w.younger) + len(w.older)
}
