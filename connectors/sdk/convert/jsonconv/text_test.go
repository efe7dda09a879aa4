package jsonconv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
)

func TestEveryByteIsWrittenRightAtEveryPlaceOfTextsOfEveryLength(t *testing.T) {
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				before, after := strings.Repeat("a", at), strings.Repeat("~", length-at-1)
				got := string(jsonconv.AppendString(nil, before+string([]byte{byte(c)})+after))
				if want := `"` + before + written(byte(c)) + after + `"`; got != want {
					t.Errorf("byte %#x at %d of %d: got %s, want %s", c, at, length, got, want)
				}
			}
		}
	}
	if got := string(jsonconv.AppendString(nil, "")); got != `""` {
		t.Errorf("got %s", got)
	}
}

// written returns how one byte stands in a document.
func written(c byte) string {
	short := map[byte]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`}
	switch s, ok := short[c]; {
	case ok:
		return s
	case c < 0x20:
		return fmt.Sprintf(`\u%04X`, c)
	case c >= 0x80:
		return "\uFFFD"
	}
	return string(rune(c))
}
