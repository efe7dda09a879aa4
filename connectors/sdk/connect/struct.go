package connect

import "unsafe"

// Struct is a view of a KindStruct: a schema and a window of slots, one a field, in field order. Copying a Struct copies
// the view, not the fields; Put through any copy is seen by all. The zero Struct has no schema and must not be used.
type Struct struct {
	// window[0] is a header that holds the schema; fields start at window[1]. So a struct is one pointer in a Value.
	window []Value
}

// NewStruct returns a struct on the heap with every field null. In a batch use Arena.NewStruct. It panics with a DataException
// when s is no struct schema.
func NewStruct(s *Schema) Struct { return (*Arena)(nil).NewStruct(s) }

// Value returns the struct as a Value.
func (s Struct) Value() Value {
	return Value{ptr: unsafe.Pointer(unsafe.SliceData(s.window)), num: uint64(len(s.window)), meta: meta{kind: KindStruct}}
}

// Schema returns the schema the struct was made with.
func (s Struct) Schema() *Schema { return (*Schema)(s.window[0].ptr) }

// Fields returns the raw slots in field order, nulls included, without default substitution. Writing to them changes the
// struct and is not validated.
func (s Struct) Fields() []Value { return s.window[1:] }

// Field returns the raw value of the i-th field.
func (s Struct) Field(i int) Value { return s.window[i+1] }

// SetField sets the i-th field without validation.
func (s Struct) SetField(i int, v Value) { s.window[i+1] = v }

// GetWithoutDefault returns the raw value of the named field.
func (s Struct) GetWithoutDefault(name string) (Value, error) {
	i, err := s.lookup(name)
	if err != nil {
		return Value{}, err
	}
	return s.window[i+1], nil
}

// Get returns the value of the named field, or the default of its schema when the value is null and there is a default.
func (s Struct) Get(name string) (Value, error) {
	i, err := s.lookup(name)
	if err != nil {
		return Value{}, err
	}
	return s.FieldOrDefault(i), nil
}

// GetOfType returns the raw value of the named field, whose schema must be of type t.
func (s Struct) GetOfType(name string, t Type) (Value, error) {
	i, err := s.lookup(name)
	if err != nil {
		return Value{}, err
	}
	if s.Schema().fields[i].Schema.typ != t {
		return Value{}, DataError("Field '" + name + "' is not of type " + t.String())
	}
	return s.window[i+1], nil
}

// FieldOrDefault returns the i-th value, or the default of its schema when the value is null and there is a default.
func (s Struct) FieldOrDefault(i int) Value {
	v := s.window[i+1]
	if v.kind == KindNull {
		if f := s.Schema().fields[i].Schema; f.hasDefault {
			return f.def
		}
	}
	return v
}

// Put validates v against the schema of the named field and stores it. A null is refused for a required field even if
// its schema has a default: leave the field unset instead.
func (s Struct) Put(name string, v Value) error {
	i, err := s.lookup(name)
	if err != nil {
		return err
	}
	f := s.Schema().fields[i]
	if err := ValidateValue(f.Name, f.Schema, v); err != nil {
		return err
	}
	s.window[i+1] = v
	return nil
}

func (s Struct) lookup(name string) (int, error) {
	if i := s.Schema().FieldIndex(name); i >= 0 {
		return i, nil
	}
	return 0, DataError(name + " is not a valid field name")
}

// Equal reports whether both have equal schemas and equal raw fields.
func (s Struct) Equal(o Struct) bool {
	return s.Schema().Equal(o.Schema()) && equalValues(s.window[1:], o.window[1:])
}
