package jsonconv

import (
	"bytes"
	"encoding/base64"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// appendBase64 appends b as base64 in quotes.
func appendBase64(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}

// decodeBase64 decodes text into memory from a as Jackson does: white space before every group of four is skipped, and
// groups may follow after padding.
func decodeBase64(a *connect.Arena, text []byte) ([]byte, bool) {
	out := a.Bytes(base64.StdEncoding.DecodedLen(len(text)))
	if !bytes.ContainsAny(text, "\r\n") { // which Go would skip anywhere
		if n, err := base64.StdEncoding.Decode(out, text); err == nil {
			return out[:n], true
		}
	}
	out = out[:0]
	for {
		for len(text) > 0 && text[0] <= ' ' {
			text = text[1:]
		}
		if len(text) == 0 {
			return out, true
		}
		var group [3]byte
		if len(text) < 4 || bytes.ContainsAny(text[:4], "\r\n") {
			return nil, false
		}
		n, err := base64.StdEncoding.Decode(group[:], text[:4])
		if err != nil {
			return nil, false
		}
		out = append(out, group[:n]...)
		text = text[4:]
	}
}
