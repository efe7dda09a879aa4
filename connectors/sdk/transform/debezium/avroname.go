package debezium

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// adjustment is what becomes of characters that names in Avro cannot have: schema.name.adjustment.mode.
type adjustment string

const (
	noAdjustment    adjustment = "none"
	avroAdjustment  adjustment = "avro"         // they become underscores
	avroUnicodeMode adjustment = "avro_unicode" // they become their numbers, and so does the underscore that begins these
)

// of returns the name of a schema as it is to be. A digit cannot be first.
func (a adjustment) of(name string) string {
	if a == noAdjustment {
		return name
	}
	var b strings.Builder
	for i, c := range utf16.Encode([]rune(name)) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' && c < 0x80
		digit := c >= '0' && c <= '9'
		switch {
		case letter, c == '_' && a == avroAdjustment, i > 0 && (digit || c == '.'):
			b.WriteByte(byte(c))
		case digit && a == avroAdjustment:
			b.WriteByte('_')
			b.WriteByte(byte(c))
		case a == avroAdjustment:
			b.WriteByte('_')
		default:
			fmt.Fprintf(&b, "_u%04x", c)
		}
	}
	return b.String()
}
