package connect

import "errors"

// Project returns v, a value of source, as a value of target: fields are matched by name, missing ones take their default
// or null, and numbers are widened from INT8 up to FLOAT64 in the order of the types. What is new takes its memory from a,
// or from the heap when a is nil; the rest is shared with v. Errors are KindData of class SchemaProjectorException with the
// texts of Kafka Connect's SchemaProjector.
func Project(source *Schema, v Value, target *Schema, a *Arena) (Value, error) {
	if err := checkCompatible(source, target); err != nil {
		return Value{}, err
	}
	if source.optional && !target.optional {
		if !target.hasDefault {
			return Value{}, projectorError("Writer schema is optional, however, target schema does not provide a default value.", nil)
		}
		if v.kind == KindNull {
			return target.def, nil
		}
	}
	if v.kind == KindNull {
		return v, nil
	}
	switch {
	case target.typ == TypeStruct && v.kind == KindStruct:
		return projectStruct(source, v.Struct(), target, a)
	case target.typ == TypeArray && v.kind == KindArray:
		return projectArray(source, v, target, a)
	case target.typ == TypeMap && v.kind == KindMap:
		return projectMap(source, v.Map(), target, a)
	}
	return promote(v, target.typ), nil
}

func checkCompatible(source, target *Schema) error {
	promotable := source.typ <= target.typ && target.typ <= TypeFloat64
	switch {
	case source.typ != target.typ && !promotable:
		return projectorError("Schema type mismatch. source type: "+source.typ.String()+" and target type: "+target.typ.String(), nil)
	case source.hasName != target.hasName || source.name != target.name:
		return projectorError("Schema name mismatch. source name: "+orNull(source.name, source.hasName)+
			" and target name: "+orNull(target.name, target.hasName), nil)
	case !source.equalParameters(target):
		return projectorError("Schema parameters not equal. source parameters: "+source.parametersText()+
			" and target parameters: "+target.parametersText(), nil)
	}
	return nil
}

func projectStruct(source *Schema, from Struct, target *Schema, a *Arena) (Value, error) {
	to := a.NewStruct(target)
	for i := range target.fields {
		f := &target.fields[i]
		at := source.FieldIndex(f.Name)
		var v Value
		switch {
		case at >= 0:
			var err error
			if v, err = Project(source.fields[at].Schema, from.FieldOrDefault(at), f.Schema, a); err != nil {
				return Value{}, projectorError("Error projecting "+f.Name, err)
			}
		case f.Schema.optional:
			continue
		case f.Schema.hasDefault:
			v = f.Schema.def
		default:
			return Value{}, projectorError("Required field `"+f.Name+"` is missing from source schema: "+source.String(), nil)
		}
		if err := ValidateValue(f.Name, f.Schema, v); err != nil {
			return Value{}, err
		}
		to.window[i+1] = v
	}
	return to.Value(), nil
}

func projectArray(source *Schema, v Value, target *Schema, a *Arena) (Value, error) {
	if source.value == nil || target.value == nil {
		return v, nil
	}
	from := v.Array()
	to := a.Values(len(from))
	for i := range from {
		var err error
		if to[i], err = Project(source.value, from[i], target.value, a); err != nil {
			return Value{}, err
		}
	}
	return Array(to), nil
}

func projectMap(source *Schema, from Map, target *Schema, a *Arena) (Value, error) {
	if source.key == nil || target.key == nil || source.value == nil || target.value == nil {
		return from.Value(), nil
	}
	to := a.NewMap(from.Len())
	for i := 0; i < len(from.entries); i += 2 {
		var err error
		if to.entries[i], err = Project(source.key, from.entries[i], target.key, a); err != nil {
			return Value{}, err
		}
		if to.entries[i+1], err = Project(source.value, from.entries[i+1], target.value, a); err != nil {
			return Value{}, err
		}
	}
	return to.Value(), nil
}

// promote widens a number to the kind of t. Anything else, such as the date of a logical type, stays what it is.
func promote(v Value, t Type) Value {
	if !v.IsNumber() || v.kind == t.Kind() {
		return v
	}
	switch t {
	case TypeInt16:
		return Int16(int16(v.Int()))
	case TypeInt32:
		return Int32(int32(v.Int()))
	case TypeInt64:
		return Int64(v.Int())
	case TypeFloat32:
		return Float32(float32(v.Int())) // from the integer at once: a detour over float64 would round twice
	case TypeFloat64:
		if v.IsInteger() {
			return Float64(float64(v.Int()))
		}
		return Float64(v.Float())
	}
	return v
}

// projectorError wraps a cause only when it comes from the projector itself; Kafka Connect lets others through as they are.
func projectorError(message string, cause error) error {
	if e, ok := errors.AsType[*Error](cause); ok && e.Class != SchemaProjectorException {
		return cause
	}
	return &Error{Kind: KindData, Class: SchemaProjectorException, Message: message, Cause: cause}
}

func orNull(text string, ok bool) string {
	if !ok {
		return "null"
	}
	return text
}
