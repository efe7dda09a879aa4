package values

import (
	"strings"
	"unsafe"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// The lengths of the three forms of an instant, in UTF-16 units: only a text of exactly that length is tried, although the
// forms themselves allow any number of digits.
const (
	dateLength      = len("2020-01-01")
	timeLength      = len("12:34:56.789Z")
	timestampLength = len("2020-01-01T12:34:56.789Z")
	// maxInstant is the most bytes a text of those lengths can have.
	maxInstant = 3 * timestampLength
)

// temporal reads a date, a time or a timestamp; colons may be escaped.
func temporal(text string) (parsed, bool) {
	if len(text) < dateLength || len(text) > maxInstant {
		return parsed{}, false
	}
	if strings.Contains(text, `\:`) {
		text = strings.ReplaceAll(text, `\:`, ":")
	}
	switch utf16Length(text) {
	case dateLength:
		ms, ok := javatext.ParseISODate(text)
		return parsed{connect.DateSchema, connect.TimeMillis(ms)}, ok
	case timeLength:
		ms, ok := javatext.ParseISOTime(text)
		return parsed{connect.TimeSchema, connect.TimeMillis(ms)}, ok
	case timestampLength:
		ms, ok := javatext.ParseISOTimestamp(text)
		return parsed{connect.TimestampSchema, connect.TimeMillis(ms)}, ok
	}
	return parsed{}, false
}

// temporalBytes is temporal for a text that need not outlive the call.
func temporalBytes(text []byte) (parsed, bool) {
	return temporal(unsafe.String(unsafe.SliceData(text), len(text)))
}
