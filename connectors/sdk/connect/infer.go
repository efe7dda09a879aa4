package connect

// TypeOf returns the schema type whose values are of kind k; ok is false for null, decimals and instants, which have none
// without a schema that names a logical type.
func TypeOf(k Kind) (t Type, ok bool) {
	switch k {
	case KindInt8, KindInt16, KindInt32, KindInt64, KindFloat32, KindFloat64:
		return TypeInt8 + Type(k-KindInt8), true
	case KindBool:
		return TypeBoolean, true
	case KindString, KindBytes, KindArray, KindMap, KindStruct:
		return TypeString + Type(k-KindString), true
	}
	return 0, false
}

// InferSchema returns the schema that Kafka Connect's Values.inferSchema finds by looking at v: that of a struct, the plain one
// of a scalar, an array or map schema when it is not empty and all elements have the same type. It returns nil when there is
// none, which is so for null, decimals, instants, and mixed elements.
func InferSchema(v Value) *Schema {
	switch v.kind {
	case KindStruct:
		return v.Struct().Schema()
	case KindArray:
		elem := inferElements(v.Array(), 0, 1)
		if elem == nil {
			return nil
		}
		return &Schema{typ: TypeArray, value: elem}
	case KindMap:
		slots := v.Map().entries
		key, value := inferElements(slots, 0, 2), inferElements(slots, 1, 2)
		if key == nil || value == nil {
			return nil
		}
		return &Schema{typ: TypeMap, key: key, value: value}
	}
	return primitiveSchema(v.kind)
}

// primitiveSchema returns the shared schema of a scalar kind, nil for others.
func primitiveSchema(k Kind) *Schema {
	switch k {
	case KindBool:
		return BooleanSchema
	case KindInt8:
		return Int8Schema
	case KindInt16:
		return Int16Schema
	case KindInt32:
		return Int32Schema
	case KindInt64:
		return Int64Schema
	case KindFloat32:
		return Float32Schema
	case KindFloat64:
		return Float64Schema
	case KindString:
		return StringSchema
	case KindBytes:
		return BytesSchema
	}
	return nil
}

// inferElements returns a schema of the one type that all slots have, optional when one is null. Of nested arrays, maps and
// structs only the type is taken over, as in Kafka Connect.
func inferElements(slots []Value, from, step int) *Schema {
	s := &Schema{}
	for i := from; i < len(slots); i += step {
		if slots[i].kind == KindNull {
			s.optional = true
			continue
		}
		elem := InferSchema(slots[i])
		if elem == nil || s.typ != 0 && s.typ != elem.typ {
			return nil
		}
		s.typ = elem.typ
	}
	if s.typ == 0 {
		return nil
	}
	return s
}
