package connect

// Type is the type of a Schema.
type Type uint8

// The types of Kafka Connect's data model.
const (
	TypeInt8 Type = iota + 1
	TypeInt16
	TypeInt32
	TypeInt64
	TypeFloat32
	TypeFloat64
	TypeBoolean
	TypeString
	TypeBytes
	TypeArray
	TypeMap
	TypeStruct
)

//nolint:gochecknoglobals // a constant table; Go has no constant arrays
var typeNames = [...]string{"", "INT8", "INT16", "INT32", "INT64", "FLOAT32", "FLOAT64", "BOOLEAN", "STRING", "BYTES", "ARRAY", "MAP", "STRUCT"}

// String returns the name of the type as Kafka Connect's messages print it, in upper case.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "INVALID"
}

// IsPrimitive reports whether the type is neither ARRAY, MAP nor STRUCT.
func (t Type) IsPrimitive() bool { return t >= TypeInt8 && t <= TypeBytes }

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

// Logical says which of Kafka Connect's logical types a schema's name makes it. Only the name counts, not the version.
type Logical uint8

// The logical types.
const (
	LogicalNone Logical = iota
	LogicalDecimal
	LogicalDate
	LogicalTime
	LogicalTimestamp
)

// Names of the logical types.
const (
	DecimalName   = "org.apache.kafka.connect.data.Decimal"
	DateName      = "org.apache.kafka.connect.data.Date"
	TimeName      = "org.apache.kafka.connect.data.Time"
	TimestampName = "org.apache.kafka.connect.data.Timestamp"
	// DecimalScale is the parameter of a Decimal schema that holds its scale.
	DecimalScale = "scale"
)

// Schema describes values. It is immutable once built and may be shared by any number of goroutines; records of one kind
// share one pointer, so that comparing pointers nearly always settles equality. A nil *Schema means schemaless.
type Schema struct {
	typ        Type
	logical    Logical
	optional   bool
	hasName    bool
	hasVersion bool
	hasDoc     bool
	hasDefault bool
	hasParams  bool
	version    int32
	name       string
	doc        string
	def        Value
	params     []Parameter
	fields     []Field
	index      map[string]int
	key        *Schema
	value      *Schema
	hash       uint64 // 0 in the shared schemas below: see Hash
}

// Field is one field of a struct schema; its index is its position in Schema.Fields.
type Field struct {
	Name   string
	Schema *Schema
}

// Parameter is one entry of a schema's parameters, which keep their order.
type Parameter struct{ Key, Value string }

// Type returns the type.
func (s *Schema) Type() Type { return s.typ }

// Logical returns the logical type that the name stands for.
func (s *Schema) Logical() Logical { return s.logical }

// Optional reports whether null is a value of this schema.
func (s *Schema) Optional() bool { return s.optional }

// Name returns the name; ok is false when there is none, which differs from an empty one.
func (s *Schema) Name() (name string, ok bool) { return s.name, s.hasName }

// Version returns the version; ok is false when there is none.
func (s *Schema) Version() (version int32, ok bool) { return s.version, s.hasVersion }

// Doc returns the documentation; ok is false when there is none.
func (s *Schema) Doc() (doc string, ok bool) { return s.doc, s.hasDoc }

// Default returns the default value; ok is false when there is none.
func (s *Schema) Default() (v Value, ok bool) { return s.def, s.hasDefault }

// Parameters returns the parameters in order; ok is false when there is no parameter map at all, which differs from an
// empty one. The slice must not be changed.
func (s *Schema) Parameters() (params []Parameter, ok bool) { return s.params, s.hasParams }

// Parameter returns the parameter of the given key.
func (s *Schema) Parameter(key string) (value string, ok bool) {
	for _, p := range s.params {
		if p.Key == key {
			return p.Value, true
		}
	}
	return "", false
}

// Fields returns the fields of a struct schema in order. The slice must not be changed.
func (s *Schema) Fields() []Field { return s.fields }

// FieldIndex returns the position of the named field, or -1.
func (s *Schema) FieldIndex(name string) int {
	if s.index == nil { // few fields: a scan beats a hash
		for i := range s.fields {
			if s.fields[i].Name == name {
				return i
			}
		}
		return -1
	}
	if i, ok := s.index[name]; ok {
		return i
	}
	return -1
}

// KeySchema returns the schema of a map's keys; nil for other types, and for maps of mixed or unknown keys.
func (s *Schema) KeySchema() *Schema { return s.key }

// ValueSchema returns the schema of a map's values or an array's elements; nil for other types, and where elements are
// mixed or unknown.
func (s *Schema) ValueSchema() *Schema { return s.value }

// Equal reports whether s and o describe the same values: everything is compared, documentation and parameters included.
// Both may be nil.
func (s *Schema) Equal(o *Schema) bool {
	if s == o {
		return true
	}
	if s == nil || o == nil {
		return false
	}
	if !s.equalHead(o) || !s.equalParameters(o) || len(s.fields) != len(o.fields) {
		return false
	}
	for i := range s.fields {
		if s.fields[i].Name != o.fields[i].Name || !s.fields[i].Schema.Equal(o.fields[i].Schema) {
			return false
		}
	}
	return s.key.Equal(o.key) && s.value.Equal(o.value)
}

func (s *Schema) equalHead(o *Schema) bool {
	return s.typ == o.typ && s.optional == o.optional &&
		s.hasName == o.hasName && s.name == o.name &&
		s.hasVersion == o.hasVersion && s.version == o.version &&
		s.hasDoc == o.hasDoc && s.doc == o.doc &&
		s.hasDefault == o.hasDefault && s.def.Equal(o.def)
}

// equalParameters compares parameters as Java compares maps, without regard to order.
func (s *Schema) equalParameters(o *Schema) bool {
	if s.hasParams != o.hasParams || len(s.params) != len(o.params) {
		return false
	}
	for _, p := range s.params {
		if v, ok := o.Parameter(p.Key); !ok || v != p.Value {
			return false
		}
	}
	return true
}

func logicalOf(name string) Logical {
	switch name {
	case DecimalName:
		return LogicalDecimal
	case DateName:
		return LogicalDate
	case TimeName:
		return LogicalTime
	case TimestampName:
		return LogicalTimestamp
	}
	return LogicalNone
}

// The schemas without any attribute, shared by everybody.
//
//nolint:gochecknoglobals // immutable, as Kafka Connect's Schema.STRING_SCHEMA and its like are
var (
	Int8Schema    = &Schema{typ: TypeInt8}
	Int16Schema   = &Schema{typ: TypeInt16}
	Int32Schema   = &Schema{typ: TypeInt32}
	Int64Schema   = &Schema{typ: TypeInt64}
	Float32Schema = &Schema{typ: TypeFloat32}
	Float64Schema = &Schema{typ: TypeFloat64}
	BooleanSchema = &Schema{typ: TypeBoolean}
	StringSchema  = &Schema{typ: TypeString}
	BytesSchema   = &Schema{typ: TypeBytes}

	OptionalInt8Schema    = &Schema{typ: TypeInt8, optional: true}
	OptionalInt16Schema   = &Schema{typ: TypeInt16, optional: true}
	OptionalInt32Schema   = &Schema{typ: TypeInt32, optional: true}
	OptionalInt64Schema   = &Schema{typ: TypeInt64, optional: true}
	OptionalFloat32Schema = &Schema{typ: TypeFloat32, optional: true}
	OptionalFloat64Schema = &Schema{typ: TypeFloat64, optional: true}
	OptionalBooleanSchema = &Schema{typ: TypeBoolean, optional: true}
	OptionalStringSchema  = &Schema{typ: TypeString, optional: true}
	OptionalBytesSchema   = &Schema{typ: TypeBytes, optional: true}

	DateSchema      = &Schema{typ: TypeInt32, logical: LogicalDate, hasName: true, name: DateName, hasVersion: true, version: 1}
	TimeSchema      = &Schema{typ: TypeInt32, logical: LogicalTime, hasName: true, name: TimeName, hasVersion: true, version: 1}
	TimestampSchema = &Schema{typ: TypeInt64, logical: LogicalTimestamp, hasName: true, name: TimestampName, hasVersion: true, version: 1}

	OptionalTimestampSchema = &Schema{typ: TypeInt64, logical: LogicalTimestamp, hasName: true, name: TimestampName, hasVersion: true, version: 1, optional: true}
)
