package jsonconv

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// toUTF8 returns data as it is unless it is UTF-16 or UTF-32, which Jackson detects by a byte order mark or by where the
// zeros are among the first bytes, the first character being ASCII (RFC 4627, section 3). Code units without meaning
// become U+FFFD.
func toUTF8(data []byte) []byte {
	order, width, mark := detect(data)
	if width == 0 {
		return data
	}
	data = data[mark:]
	out := make([]byte, 0, len(data))
	for len(data) >= width {
		var r rune
		if width == 4 {
			r = rune(order.Uint32(data))
		} else {
			r = rune(order.Uint16(data))
		}
		data = data[width:]
		if width == 2 && utf16.IsSurrogate(r) && len(data) >= 2 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(data))); pair != utf8.RuneError {
				r, data = pair, data[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// detect returns the byte order, the bytes in a unit and those in the byte order mark; a width of 0 means UTF-8.
func detect(data []byte) (order binary.ByteOrder, width, mark int) {
	zero := func(i int) bool { return data[i] == 0 }
	if len(data) >= 4 {
		switch {
		case bytes.HasPrefix(data, []byte{0, 0, 0xFE, 0xFF}):
			return binary.BigEndian, 4, 4
		case bytes.HasPrefix(data, []byte{0xFF, 0xFE, 0, 0}):
			return binary.LittleEndian, 4, 4
		case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
			return binary.BigEndian, 2, 2
		case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
			return binary.LittleEndian, 2, 2
		case zero(0) && zero(1) && zero(2):
			return binary.BigEndian, 4, 0
		case zero(1) && zero(2) && zero(3):
			return binary.LittleEndian, 4, 0
		}
	}
	switch {
	case len(data) < 2:
	case zero(0):
		return binary.BigEndian, 2, 0
	case zero(1):
		return binary.LittleEndian, 2, 0
	}
	return nil, 0, 0
}
