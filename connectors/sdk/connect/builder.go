package connect

// SchemaBuilder builds a Schema step by step. The first mistake is kept and returned by Build; steps after it do nothing.
// A builder is used once and from one goroutine.
type SchemaBuilder struct {
	s        Schema
	err      error
	optional bool // whether Optional or Required was called
}

// indexedFields is the number of fields from which a schema keeps a hash index; below it a scan is faster.
const indexedFields = 9

// NewSchema starts a schema of the given type.
func NewSchema(t Type) *SchemaBuilder {
	b := &SchemaBuilder{s: Schema{typ: t}}
	if t < TypeInt8 || t > TypeStruct {
		b.fail("type cannot be null")
	}
	return b
}

// NewStructSchema starts a STRUCT schema.
func NewStructSchema() *SchemaBuilder { return NewSchema(TypeStruct) }

// NewArraySchema starts an ARRAY schema; elem may be nil only where elements are mixed or unknown, as in headers.
func NewArraySchema(elem *Schema) *SchemaBuilder {
	b := NewSchema(TypeArray)
	b.s.value = elem
	return b
}

// NewMapSchema starts a MAP schema; key and value may be nil only where they are mixed or unknown, as in headers.
func NewMapSchema(key, value *Schema) *SchemaBuilder {
	b := NewSchema(TypeMap)
	b.s.key, b.s.value = key, value
	return b
}

// NewSchemaLike starts a schema with the type, name, version, doc and parameters of s: what transforms call copying the
// basics. Optionality, default, fields and element schemas are not taken over.
func NewSchemaLike(s *Schema) *SchemaBuilder {
	return &SchemaBuilder{s: Schema{
		typ: s.typ, name: s.name, hasName: s.hasName, logical: s.logical, version: s.version, hasVersion: s.hasVersion,
		doc: s.doc, hasDoc: s.hasDoc, params: append([]Parameter(nil), s.params...), hasParams: s.hasParams,
	}}
}

// Optional makes null a value of the schema.
func (b *SchemaBuilder) Optional() *SchemaBuilder { return b.SetOptional(true) }

// Required is the default: null is no value of the schema.
func (b *SchemaBuilder) Required() *SchemaBuilder { return b.SetOptional(false) }

// SetOptional is Optional or Required.
func (b *SchemaBuilder) SetOptional(optional bool) *SchemaBuilder {
	if b.ok() && b.once(!b.optional || b.s.optional == optional, "optional") {
		b.s.optional, b.optional = optional, true
	}
	return b
}

// Name sets the name; the names of the logical types have a meaning.
func (b *SchemaBuilder) Name(name string) *SchemaBuilder {
	if b.ok() && b.once(!b.s.hasName || b.s.name == name, "name") {
		b.s.name, b.s.hasName, b.s.logical = name, true, logicalOf(name)
	}
	return b
}

// Version sets the version.
func (b *SchemaBuilder) Version(version int32) *SchemaBuilder {
	if b.ok() && b.once(!b.s.hasVersion || b.s.version == version, "version") {
		b.s.version, b.s.hasVersion = version, true
	}
	return b
}

// Doc sets the documentation.
func (b *SchemaBuilder) Doc(doc string) *SchemaBuilder {
	if b.ok() && b.once(!b.s.hasDoc || b.s.doc == doc, "doc") {
		b.s.doc, b.s.hasDoc = doc, true
	}
	return b
}

// Default sets the default value, of which a copy is kept. It must be valid for the schema as built so far, so fields and
// optionality come first.
func (b *SchemaBuilder) Default(v Value) *SchemaBuilder {
	if !b.ok() || !b.once(!b.s.hasDefault || b.s.def.Equal(v), "default") {
		return b
	}
	if err := ValidateValue("", &b.s, v); err != nil {
		b.err = &Error{Kind: KindData, Class: SchemaBuilderException, Message: "Invalid default value", Cause: err}
		return b
	}
	if !v.IsNull() { // a default of null is no default
		b.s.def, b.s.hasDefault = v.Clone(nil), true
	}
	return b
}

// Parameter adds one parameter; a second value under the same key replaces the first.
func (b *SchemaBuilder) Parameter(key, value string) *SchemaBuilder {
	if !b.ok() {
		return b
	}
	b.s.hasParams = true
	for i := range b.s.params {
		if b.s.params[i].Key == key {
			b.s.params[i].Value = value
			return b
		}
	}
	b.s.params = append(b.s.params, Parameter{Key: key, Value: value})
	return b
}

// Parameters adds parameters. Without any it makes the schema have an empty map of parameters, which differs from none.
func (b *SchemaBuilder) Parameters(params ...Parameter) *SchemaBuilder {
	if b.ok() {
		b.s.hasParams = true
	}
	for _, p := range params {
		b.Parameter(p.Key, p.Value)
	}
	return b
}

// Field adds a field to a STRUCT schema.
func (b *SchemaBuilder) Field(name string, s *Schema) *SchemaBuilder {
	if !b.ok() {
		return b
	}
	switch {
	case b.s.typ != TypeStruct:
		b.fail("Cannot create fields on type " + b.s.typ.String())
	case name == "":
		b.fail("fieldName cannot be null.")
	case s == nil:
		b.fail("fieldSchema for field " + name + " cannot be null.")
	case b.s.FieldIndex(name) >= 0:
		b.fail("Cannot create field because of field name duplication " + name)
	default:
		b.s.fields = append(b.s.fields, Field{Name: name, Schema: s})
		b.index()
	}
	return b
}

func (b *SchemaBuilder) index() {
	n := len(b.s.fields)
	if n < indexedFields {
		return
	}
	if b.s.index == nil {
		b.s.index = make(map[string]int, 2*n)
		for i, f := range b.s.fields {
			b.s.index[f.Name] = i
		}
	}
	b.s.index[b.s.fields[n-1].Name] = n - 1
}

// Build returns the schema, or the first mistake as a KindData error of class SchemaBuilderException.
func (b *SchemaBuilder) Build() (*Schema, error) {
	if b.err != nil {
		return nil, b.err
	}
	s := b.s
	s.hash = s.computeHash()
	return &s, nil
}

// MustBuild is Build for schemas that are constants of a program. It panics on a mistake.
func (b *SchemaBuilder) MustBuild() *Schema {
	s, err := b.Build()
	if err != nil {
		panic(err)
	}
	return s
}

func (b *SchemaBuilder) ok() bool { return b.err == nil }

// once fails, and returns false, when an attribute that was set is set again to something else.
func (b *SchemaBuilder) once(unsetOrSame bool, attribute string) bool {
	if !unsetOrSame {
		b.fail("Invalid SchemaBuilder call: " + attribute + " has already been set.")
	}
	return unsetOrSame
}

func (b *SchemaBuilder) fail(message string) {
	b.err = &Error{Kind: KindData, Class: SchemaBuilderException, Message: message}
}
