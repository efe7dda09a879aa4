package connect

// Kind says which member of the union a Value holds. It is a property of the value alone; the schema beside it may
// narrow it further (a KindTime under a Date schema is a day).
type Kind uint8

// The kinds of Value. Each corresponds to the one Java class that Kafka Connect's data model accepts for it.
const (
	KindNull    Kind = iota // null
	KindBool                // java.lang.Boolean
	KindInt8                // java.lang.Byte
	KindInt16               // java.lang.Short
	KindInt32               // java.lang.Integer
	KindInt64               // java.lang.Long
	KindFloat32             // java.lang.Float
	KindFloat64             // java.lang.Double
	KindString              // java.lang.String
	KindBytes               // byte[] or java.nio.ByteBuffer
	KindArray               // java.util.List
	KindMap                 // java.util.Map
	KindStruct              // org.apache.kafka.connect.data.Struct
	KindDecimal             // java.math.BigDecimal
	KindTime                // java.util.Date, used by Date, Time and Timestamp alike
	kindHeader              // first slot of a struct's window; never visible outside this package
)

// String returns a short lower-case name, for messages of Ferry's own. Messages that imitate Kafka Connect use JavaClass.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k].name
	}
	return "invalid"
}

// JavaClass returns the name of the Java class that Kafka Connect would hold for this kind, as its error texts print
// it; empty for KindNull.
func (k Kind) JavaClass() string {
	if int(k) < len(kindNames) {
		return kindNames[k].class
	}
	return ""
}

//nolint:gochecknoglobals // a constant table; Go has no constant arrays
var kindNames = [...]struct{ name, class string }{
	KindNull:    {"null", ""},
	KindBool:    {"boolean", "java.lang.Boolean"},
	KindInt8:    {"int8", "java.lang.Byte"},
	KindInt16:   {"int16", "java.lang.Short"},
	KindInt32:   {"int32", "java.lang.Integer"},
	KindInt64:   {"int64", "java.lang.Long"},
	KindFloat32: {"float32", "java.lang.Float"},
	KindFloat64: {"float64", "java.lang.Double"},
	KindString:  {"string", "java.lang.String"},
	KindBytes:   {"bytes", "[B"},
	KindArray:   {"array", "java.util.ArrayList"},
	KindMap:     {"map", "java.util.HashMap"},
	KindStruct:  {"struct", "org.apache.kafka.connect.data.Struct"},
	KindDecimal: {"decimal", "java.math.BigDecimal"},
	KindTime:    {"time", "java.util.Date"},
	kindHeader:  {"header", ""},
}
