package jsonconv

import (
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

//nolint:gochecknoglobals // a constant table; Go has no constant arrays
var typeNames = [...]string{
	connect.TypeInt8: "int8", connect.TypeInt16: "int16", connect.TypeInt32: "int32", connect.TypeInt64: "int64",
	connect.TypeFloat32: "float", connect.TypeFloat64: "double", connect.TypeBoolean: "boolean", connect.TypeString: "string",
	connect.TypeBytes: "bytes", connect.TypeArray: "array", connect.TypeMap: "map", connect.TypeStruct: "struct",
}

// appendSchema appends the schema of p in JSON; field is the name of the field it belongs to, if isField.
func (w *writer) appendSchema(dst []byte, p *plan, field string, isField bool) (_ []byte, err error) {
	s := p.schema
	dst = append(append(dst, `{"type":"`...), typeNames[s.Type()]...)
	dst = append(dst, '"')
	switch s.Type() {
	case connect.TypeArray:
		dst, err = w.appendNested(dst, `,"items":`, p.elem)
	case connect.TypeMap:
		if dst, err = w.appendNested(dst, `,"keys":`, p.key); err == nil {
			dst, err = w.appendNested(dst, `,"values":`, p.elem)
		}
	case connect.TypeStruct:
		dst, err = w.appendFields(dst, newPlan(s))
	}
	if err != nil {
		return dst, err
	}
	if dst, err = w.appendAttributes(dst, p); err != nil {
		return dst, err
	}
	if isField {
		dst = appendText(append(dst, `,"field":`...), field)
	}
	return append(dst, '}'), nil
}

func (w *writer) appendNested(dst []byte, lead string, p *plan) ([]byte, error) {
	dst = append(dst, lead...)
	if p == nil {
		return dst, connect.DataError("Conversion error: an array or a map whose elements have no schema cannot be written with a schema")
	}
	return w.appendSchema(dst, p, "", false)
}

func (w *writer) appendFields(dst []byte, p *plan) (_ []byte, err error) {
	dst = append(dst, `,"fields":[`...)
	for i, f := range p.schema.Fields() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = w.appendSchema(dst, newPlan(f.Schema), f.Name, true); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (w *writer) appendAttributes(dst []byte, p *plan) (_ []byte, err error) {
	s := p.schema
	dst = strconv.AppendBool(append(dst, `,"optional":`...), s.Optional())
	if name, ok := s.Name(); ok {
		dst = appendText(append(dst, `,"name":`...), name)
	}
	if version, ok := s.Version(); ok {
		dst = strconv.AppendInt(append(dst, `,"version":`...), int64(version), 10)
	}
	if doc, ok := s.Doc(); ok {
		dst = appendText(append(dst, `,"doc":`...), doc)
	}
	if params, ok := s.Parameters(); ok {
		dst = append(dst, `,"parameters":`...)
		for i, param := range params {
			dst = appendText(appendLead(dst, i, param.Key), param.Value)
		}
		if len(params) == 0 {
			dst = append(dst, '{')
		}
		dst = append(dst, '}')
	}
	if def, ok := s.Default(); ok {
		return w.append(append(dst, `,"default":`...), newPlan(s), def)
	}
	return dst, nil
}
