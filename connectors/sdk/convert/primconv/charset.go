package primconv

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

func isUTF8(name string) bool {
	return strings.EqualFold(name, "UTF-8") || strings.EqualFold(name, "UTF8")
}

// charset encodes and decodes as java.nio.charset does.
type charset struct {
	encoder, decoder transform.Transformer
}

var errNoCharset = errors.New("unknown or unsupported name")

// charsetOf finds a character set by its IANA name or one of the aliases that Java users write.
func charsetOf(name string) (charset, error) {
	encode, decode := lookUp(name)
	if encode == nil {
		return charset{}, errNoCharset
	}
	return charset{encode.NewEncoder().Transformer, decode.NewDecoder().Transformer}, nil
}

func lookUp(name string) (encode, decode encoding.Encoding) {
	upper := strings.ToUpper(name)
	switch upper {
	case "UTF-16", "UTF16": // Java writes a byte order mark and reads without one as big-endian
		e := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
		return e, e
	case "UTF-16BE":
		e := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
		return e, e
	case "UTF-16LE":
		e := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
		return e, e
	case "UTF-32", "UTF32": // Java writes no byte order mark here, but reads one
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case "UTF-32BE":
		e := utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
		return e, e
	case "UTF-32LE":
		e := utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
		return e, e
	case "ASCII":
		name = "US-ASCII"
	case "ISO8859_1", "ISO8859-1", "LATIN1":
		name = "ISO-8859-1"
	}
	if number, ok := strings.CutPrefix(upper, "CP125"); ok {
		name = "windows-125" + number
	}
	e, err := ianaindex.IANA.Encoding(name)
	if err != nil || e == nil {
		return nil, nil
	}
	return e, e
}

// encode appends UTF-8 text in the character set, with a question mark for each character that it lacks.
func (c charset) encode(dst, text []byte) []byte {
	c.encoder.Reset()
	for {
		var n int
		var err error
		dst, n, err = appendTransformed(dst, text, c.encoder)
		text = text[n:]
		if err == nil || len(text) == 0 {
			return dst
		}
		_, size := utf8.DecodeRune(text)
		text = text[size:]
		dst, _, _ = appendTransformed(dst, question, c.encoder) // every character set has a question mark
	}
}

//nolint:gochecknoglobals // a constant; Go has no constant slices
var question = []byte("?")

// decode appends the text in UTF-8.
func (c charset) decode(dst, data []byte) []byte {
	c.decoder.Reset()
	for {
		var n int
		var err error
		dst, n, err = appendTransformed(dst, data, c.decoder)
		data = data[n:]
		if err == nil || len(data) == 0 {
			return dst
		}
		data = data[1:]
		dst = append(dst, "\uFFFD"...)
	}
}

// appendTransformed appends as much of src as t takes without an error, and grows dst as needed.
func appendTransformed(dst, src []byte, t transform.Transformer) (longer []byte, taken int, err error) {
	for {
		dst = slices.Grow(dst, len(src)-taken+16)
		nDst, nSrc, err := t.Transform(dst[len(dst):cap(dst)], src[taken:], true)
		dst, taken = dst[:len(dst)+nDst], taken+nSrc
		if !errors.Is(err, transform.ErrShortDst) {
			return dst, taken, err
		}
	}
}
