package connect

// ValidateValue checks that v is a value of s, as deep as it goes: the kind is exactly the schema's (nothing is widened),
// null only where the schema is optional, structs of an equal schema and complete. field names what is checked in the
// message; empty means "value". A schema without element schemas accepts any elements. A nil s accepts everything.
// Errors are KindData with the text of Kafka Connect's ConnectSchema.validateValue. It does not allocate on success.
func ValidateValue(field string, s *Schema, v Value) error {
	if s == nil {
		return nil
	}
	return validate(&location{field: field}, s, v)
}

// ValidateStruct checks every field of st. A null is fine where the field is optional or has a default.
func ValidateStruct(st Struct) error {
	fields := st.Schema().fields
	for i := range fields {
		f := &fields[i]
		v := st.window[i+1]
		if v.kind == KindNull && (f.Schema.optional || f.Schema.hasDefault) {
			continue
		}
		if err := validate(&location{field: f.Name}, f.Schema, v); err != nil {
			return err
		}
	}
	return nil
}

// location is the way to a value, as a list from the inside out that lives on the stack: text is made on failure only.
type location struct {
	in    string // "element of array " and so on
	outer *location
	field string
}

func (l *location) String() string {
	text := ""
	for ; l.outer != nil; l = l.outer {
		text += l.in
	}
	if l.field == "" {
		return text + "value"
	}
	return text + `field: "` + l.field + `"`
}

func validate(at *location, s *Schema, v Value) error {
	if v.kind == KindNull {
		if s.optional {
			return nil
		}
		return DataError("Invalid value: null used for required " + at.String() + ", schema type: " + s.typ.String())
	}
	if v.kind != s.valueKind() {
		return DataError("Invalid Java object for schema" + s.quotedName() + " with type " + s.typ.String() +
			": class " + v.kind.JavaClass() + " for " + at.String())
	}
	switch v.kind {
	case KindStruct:
		if !v.Struct().Schema().Equal(s) {
			return DataError("Struct schemas do not match.")
		}
		return ValidateStruct(v.Struct())
	case KindArray:
		return validateAll(at, "element of array ", s.value, v.Array(), 0, 1)
	case KindMap:
		if err := validateAll(at, "key of map ", s.key, v.Map().entries, 0, 2); err != nil {
			return err
		}
		return validateAll(at, "value of map ", s.value, v.Map().entries, 1, 2)
	}
	return nil
}

func validateAll(at *location, in string, s *Schema, slots []Value, from, step int) error {
	if s == nil {
		return nil
	}
	inner := location{in: in, outer: at}
	for i := from; i < len(slots); i += step {
		if err := validate(&inner, s, slots[i]); err != nil {
			return err
		}
	}
	return nil
}

// valueKind returns the one kind of value that s describes. The name of a logical type wins over the type, whatever it is.
func (s *Schema) valueKind() Kind {
	switch s.logical {
	case LogicalDecimal:
		return KindDecimal
	case LogicalDate, LogicalTime, LogicalTimestamp:
		return KindTime
	}
	return s.typ.Kind()
}

// Kind returns the kind of value that a schema of this type describes when it is of no logical type.
func (t Type) Kind() Kind {
	switch t {
	case TypeInt8, TypeInt16, TypeInt32, TypeInt64, TypeFloat32, TypeFloat64:
		return KindInt8 + Kind(t-TypeInt8)
	case TypeBoolean:
		return KindBool
	case TypeString, TypeBytes, TypeArray, TypeMap, TypeStruct:
		return KindString + Kind(t-TypeString)
	}
	return KindNull
}

func (s *Schema) quotedName() string {
	if !s.hasName {
		return ""
	}
	return ` "` + s.name + `"`
}
