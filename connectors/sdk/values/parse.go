package values

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// maxDepth bounds the nesting of arrays and maps, and with it the stack.
const maxDepth = 1000

// ParseString guesses the type of text (kafka-connect: Values.parseString). `null` gives no schema and a null. Text in the
// result shares the memory of text; arrays, maps and large decimals are on the heap; everything else does not allocate.
func ParseString(text string) (*connect.Schema, connect.Value) {
	if text == "" {
		return connect.StringSchema, connect.String("")
	}
	p := parser{tokens: tokens{text: text}}
	if got, ok := p.parse(false); ok {
		return got.schema, got.value
	}
	return connect.StringSchema, connect.String(text)
}

type parser struct {
	tokens
	depth int
}

// parsed is a value with the schema that was guessed for it, nil for null.
type parsed struct {
	schema *connect.Schema
	value  connect.Value
}

// parse reads one value. At the top level it fails when the text is nothing but a string; embedded in an array or a map, where
// strings are quoted, when it is no value at all.
func (p *parser) parse(embedded bool) (parsed, bool) {
	if !p.hasNext() {
		return parsed{}, true
	}
	if embedded && p.consume(`"`) {
		return p.quoted(), true
	}
	if got, ok := p.literal(embedded); ok {
		return got, true
	}
	if got, ok := p.container(); ok {
		return got, true
	}
	token := javatext.Trim(p.next())
	if token == "" {
		return parsed{}, false
	}
	return p.scalar(token)
}

// container reads an array or a map; when there is none that can be read, it goes back.
func (p *parser) container() (got parsed, ok bool) {
	start := p.mark()
	p.depth++
	switch {
	case p.consume("["):
		got, ok = p.array()
	case p.consume("{"):
		got, ok = p.mapping()
	default:
		p.depth--
		return parsed{}, false
	}
	p.depth--
	if !ok {
		p.rewind(start)
	}
	return got, ok
}

// literal reads null, true and false. At the top level nothing may follow.
func (p *parser) literal(embedded bool) (parsed, bool) {
	start := p.mark()
	word := start // where the token begins, apart from blanks
	for word < len(p.text) && p.text[word] <= ' ' {
		word++
	}
	for i := range literals {
		l := &literals[i]
		if !strings.HasPrefix(p.text[word:], l.text) {
			continue
		}
		if p.consume(l.text) && (embedded || !p.hasNext()) {
			return l.parsed, true
		}
		p.rewind(start)
	}
	return parsed{}, false
}

//nolint:gochecknoglobals // a constant table; Go has no constant structs
var literals = [...]struct {
	text string
	parsed
}{
	{"null", parsed{}},
	{"true", parsed{connect.BooleanSchema, connect.Bool(true)}},
	{"false", parsed{connect.BooleanSchema, connect.Bool(false)}},
}

// quoted reads a string after its opening quote, up to the closing one or the end. Escapes stay as they are, and blank
// tokens before a delimiter are lost: `" "` is empty.
func (p *parser) quoted() parsed {
	var content string
	for end := p.mark(); p.hasNext() && !p.consume(`"`); end = p.mark() {
		start := p.mark()
		token := p.next()
		if start == end || content == "" { // nothing was lost in between: a longer piece of the same text
			content = p.text[start-len(content) : start+len(token)]
			continue
		}
		return p.quotedWithGap(content, token)
	}
	if t, ok := temporal(content); ok {
		return t
	}
	return parsed{connect.StringSchema, connect.String(content)}
}

// quotedWithGap goes on with a quoted string whose content is no longer one piece of the text.
func (p *parser) quotedWithGap(before, token string) parsed {
	var b strings.Builder
	b.WriteString(before)
	b.WriteString(token)
	for p.hasNext() && !p.consume(`"`) {
		b.WriteString(p.next())
	}
	if t, ok := temporal(b.String()); ok {
		return t
	}
	return parsed{connect.StringSchema, connect.String(b.String())}
}

// scalar reads an instant or a number.
func (p *parser) scalar(token string) (parsed, bool) {
	first, _ := utf8.DecodeRuneInString(token)
	digit := unicode.IsDigit(first) && first < 0x10000
	if digit {
		if got, ok := p.instant(token); ok {
			return got, true
		}
	}
	if digit || first == '+' || first == '-' {
		if d, ok := parseDecimal(token); ok {
			return classify(d), true
		}
	}
	return parsed{}, false
}

// instant reads a date, which is one token, or a time or timestamp, which are five, since colons are tokens.
func (p *parser) instant(token string) (parsed, bool) {
	start := p.mark()
	if rest, ok := p.skip(4); ok && len(token)+len(rest) <= maxInstant {
		var buf [maxInstant]byte
		if got, ok := temporalBytes(append(append(buf[:0], token...), rest...)); ok {
			return got, true
		}
	}
	p.rewind(start)
	return temporal(token)
}

func (p *parser) array() (parsed, bool) {
	var elems []connect.Value
	var common merger
	for p.depth <= maxDepth && p.hasNext() {
		if p.consume("]") {
			return alignedArray(elems, common.schema)
		}
		if p.consume(",") {
			return parsed{}, false
		}
		e, ok := p.parse(true)
		if !ok {
			return parsed{}, false
		}
		common.merge(e.schema)
		elems = append(elems, e.value)
		here := p.mark()
		switch {
		case p.consume("]"):
			p.rewind(here)
		case !p.consume(","):
			return parsed{}, false
		}
	}
	return parsed{}, false
}

func alignedArray(elems []connect.Value, common *connect.Schema) (parsed, bool) {
	if common != nil {
		for i := range elems {
			v, err := Convert(nil, common, nil, elems[i])
			if err != nil {
				return parsed{}, false
			}
			elems[i] = v
		}
	}
	return parsed{connect.NewArraySchema(common).MustBuild(), connect.Array(elems)}, true
}

func (p *parser) mapping() (parsed, bool) {
	var m entries
	var keys, values merger
	for p.depth <= maxDepth && p.hasNext() {
		if p.consume("}") {
			return m.aligned(keys.schema, values.schema)
		}
		if p.consume(",") {
			return parsed{}, false
		}
		k, ok := p.parse(true)
		if !ok || k.value.IsNull() || !p.consume(":") {
			return parsed{}, false
		}
		v, ok := p.parse(true)
		if !ok {
			return parsed{}, false
		}
		m.put(k.value, v.value)
		p.consume(",")
		keys.merge(k.schema)
		values.merge(v.schema)
	}
	return parsed{}, false
}
