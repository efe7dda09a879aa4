package store

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// plainProperties reads what nearly every configuration in the topic looks like: {"properties":{"name":"value",…}} without spaces,
// escapes, nulls, repeated names and other values than text. ok is false for anything else, which encoding/json reads, and judges. A
// process that starts reads the whole topic before its first answer, and spent most of that time there.
func plainProperties(value []byte) (p Properties, ok bool) {
	inside, begins := bytes.CutPrefix(value, []byte(`{"properties":{"`))
	inside, ends := bytes.CutSuffix(inside, []byte(`"}}`))
	if !begins || !ends || !utf8.Valid(inside) || bytes.ContainsFunc(inside, func(r rune) bool { return r < ' ' || r == '\\' }) {
		return nil, false
	}
	// Every quote begins or ends a text, so between them there is in turn: name : value , name : value
	parts := strings.Split(string(inside), `"`)
	if len(parts)%4 != 3 {
		return nil, false
	}
	p = make(Properties, 0, len(parts)/4+1)
	seen := make(map[string]struct{}, len(parts)/4+1)
	for i := 0; i < len(parts); i += 4 {
		if parts[i+1] != ":" || i+3 < len(parts) && parts[i+3] != "," {
			return nil, false
		}
		seen[parts[i]] = struct{}{}
		p = append(p, Property{Name: parts[i], Value: &parts[i+2]})
	}
	return p, len(seen) == len(p)
}
