package configdef

import "fmt"

// Type is the type of a key's value.
type Type uint8

// The types of values, with the Go type of a parsed value.
const (
	TypeBoolean  Type = iota + 1 // bool
	TypeString                   // string
	TypeInt                      // int32
	TypeShort                    // int16
	TypeLong                     // int64
	TypeDouble                   // float64
	TypeList                     // []string
	TypeClass                    // Class
	TypePassword                 // Password
)

//nolint:gochecknoglobals // a constant table; Go has no constant maps or arrays
var typeNames = [...]string{"", "BOOLEAN", "STRING", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD"}

// String returns Kafka's name of the type, for instance "BOOLEAN".
func (t Type) String() string { return nameOf(typeNames[:], int(t), "Type") }

// ParseTypeName returns the type with Kafka's name ("BOOLEAN", "LIST", …).
func ParseTypeName(name string) (Type, error) {
	for i, n := range typeNames {
		if n == name && i > 0 {
			return Type(i), nil
		}
	}
	return 0, fmt.Errorf("unknown configuration type %q: use one of %v", name, typeNames[1:])
}

// Importance says how much a key matters to a user.
type Importance uint8

// The importances, most important first.
const (
	ImportanceHigh Importance = iota + 1
	ImportanceMedium
	ImportanceLow
)

//nolint:gochecknoglobals // a constant table; Go has no constant maps or arrays
var importanceNames = [...]string{"", "HIGH", "MEDIUM", "LOW"}

// String returns Kafka's name of the importance, for instance "HIGH".
func (i Importance) String() string { return nameOf(importanceNames[:], int(i), "Importance") }

// Width says how wide a user interface should make the field for a key's value.
type Width uint8

// The widths. The zero value is WidthNone.
const (
	WidthNone Width = iota
	WidthShort
	WidthMedium
	WidthLong
)

//nolint:gochecknoglobals // a constant table; Go has no constant maps or arrays
var widthNames = [...]string{"NONE", "SHORT", "MEDIUM", "LONG"}

// String returns Kafka's name of the width, for instance "NONE".
func (w Width) String() string { return nameOf(widthNames[:], int(w), "Width") }

func nameOf(names []string, i int, kind string) string {
	if i < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", kind, i)
}
