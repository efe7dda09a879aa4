package preview

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// InputError says what is wrong with a record as it was given.
type InputError struct {
	// Field is the path of the field, empty for the record as a whole.
	Field string
	// Message says what is wrong and what is wanted.
	Message string
}

// Error names the field and what is wrong with it.
func (e *InputError) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return "field " + e.Field + ": " + e.Message
}

func wrong(field, format string, args ...any) error {
	return &InputError{field, fmt.Sprintf(format, args...)}
}

// input is a record as it was given. Data is not looked into yet.
type input struct {
	topic         string
	partition     int32 // connect.NoPartition if it is missing
	offset        int64 // connect.NoOffset if it is missing
	timestamp     int64 // connect.NoTimestamp if it is missing
	timestampType connect.TimestampType
	key, value    datum
	headers       []inputHeader
}

type inputHeader struct {
	key   string
	value datum
}

// datum is data as it was given: JSON, or bytes. Neither is null.
type datum struct {
	field string // its path
	json  json.RawMessage
	bytes []byte
}

// member is one member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members reads a JSON object, in its order; a name that is there twice is refused.
func members(field string, text []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, wrong(field, "it must be a JSON object")
	}
	var all []member
	seen := make(map[string]bool)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, malformed(field, err)
		}
		m := member{name: t.(string)} //nolint:forcetypeassert // the decoder accepts nothing else as a name
		if err := d.Decode(&m.value); err != nil {
			return nil, malformed(field, err)
		}
		if seen[m.name] {
			return nil, wrong(join(field, m.name), "it is there twice")
		}
		seen[m.name] = true
		all = append(all, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, malformed(field, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, wrong(field, "there is text behind the JSON object")
	}
	return all, nil
}

func malformed(field string, err error) error {
	if err == io.EOF { //nolint:errorlint // the decoder returns io.EOF itself
		err = io.ErrUnexpectedEOF
	}
	return wrong(field, "the JSON cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

// parse reads a record. Errors are *InputError.
func parse(text []byte) (*input, error) {
	if !utf8.Valid(text) {
		return nil, wrong("", "it is not UTF-8; bytes are given in Base64, as valueBase64")
	}
	fields, err := members("", text)
	if err != nil {
		return nil, err
	}
	in := &input{partition: connect.NoPartition, offset: connect.NoOffset, timestamp: connect.NoTimestamp, key: datum{field: "key"}, value: datum{field: "value"}}
	for _, f := range fields {
		if err := in.set(f.name, f.value); err != nil {
			return nil, err
		}
	}
	switch {
	case in.topic == "":
		return nil, wrong("topic", "it is missing, or empty")
	case in.timestampType != connect.NoTimestampType && in.timestamp == connect.NoTimestamp:
		return nil, wrong("timestampType", "there is no timestamp")
	}
	return in, nil
}

func (in *input) set(name string, value json.RawMessage) error {
	var err error
	var n int64
	switch name {
	case "topic":
		in.topic, err = text(name, value)
	case "partition":
		n, err = number(name, value, 31, connect.NoPartition)
		in.partition = int32(n)
	case "offset":
		in.offset, err = number(name, value, 63, connect.NoOffset)
	case "timestamp":
		in.timestamp, err = number(name, value, 63, connect.NoTimestamp)
	case "timestampType":
		in.timestampType, err = timestampType(name, value)
	case "key", "keyText", "keyBase64":
		err = in.key.set("", "key", name, value)
	case "value", "valueText", "valueBase64":
		err = in.value.set("", "value", name, value)
	case "headers":
		err = in.setHeaders(value)
	default:
		err = wrong(name, "a record has no such field; it has topic, partition, offset, timestamp, timestampType, headers, and key and value, "+
			"also as keyText, keyBase64, valueText and valueBase64")
	}
	return err
}

// set takes data in, given under a name that begins with base.
func (d *datum) set(prefix, base, name string, value json.RawMessage) error {
	at := join(prefix, name)
	if d.json != nil || d.bytes != nil {
		return wrong(at, "there is %s already", d.field)
	}
	d.field = at
	if isNull(value) {
		return nil
	}
	if name == base {
		d.json = value
		return nil
	}
	s, err := text(at, value)
	if err != nil {
		return err
	}
	d.bytes = append([]byte{}, s...)
	if name == base+"Base64" {
		if d.bytes, err = base64.StdEncoding.AppendDecode([]byte{}, []byte(s)); err != nil {
			return wrong(at, "it is not Base64")
		}
	}
	return nil
}

func (in *input) setHeaders(value json.RawMessage) error {
	if isNull(value) {
		return nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(value, &list); err != nil {
		return wrong("headers", `they must be an array of {"key": …, "value": …}`)
	}
	for i, raw := range list {
		at := "headers[" + strconv.Itoa(i) + "]"
		fields, err := members(at, raw)
		if err != nil {
			return err
		}
		h := inputHeader{value: datum{field: at + ".value"}}
		named := false
		for _, f := range fields {
			switch f.name {
			case "key":
				named = true
				h.key, err = text(at+".key", f.value)
			case "value", "valueText", "valueBase64":
				err = h.value.set(at, "value", f.name, f.value)
			default:
				err = wrong(at+"."+f.name, "a header has no such field; it has key and value, or valueText or valueBase64")
			}
			if err != nil {
				return err
			}
		}
		if !named {
			return wrong(at+".key", "it is missing")
		}
		in.headers = append(in.headers, h)
	}
	return nil
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }

func text(field string, value json.RawMessage) (string, error) {
	var s string
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return "", wrong(field, "it must be text, and is %s", excerpt(value))
	}
	return s, nil
}

// number reads a whole number that is not negative and has at most so many bits; null is none.
func number[N int32 | int64](field string, value json.RawMessage, bits int, none N) (int64, error) {
	if isNull(value) {
		return int64(none), nil
	}
	n, err := strconv.ParseUint(string(value), 10, bits)
	if err != nil {
		return 0, wrong(field, "it must be a whole number from 0 to %d, and is %s", uint64(1)<<bits-1, excerpt(value))
	}
	return int64(n), nil
}

func timestampType(field string, value json.RawMessage) (connect.TimestampType, error) {
	s, err := text(field, value)
	if err != nil {
		return connect.NoTimestampType, err
	}
	for _, t := range []connect.TimestampType{connect.CreateTime, connect.LogAppendTime} {
		if s == t.String() {
			return t, nil
		}
	}
	return connect.NoTimestampType, wrong(field, "it must be CreateTime or LogAppendTime, and is %s", excerpt(value))
}

// excerpt is the beginning of a value, for an error.
func excerpt(value []byte) string {
	const limit = 40
	if len(value) <= limit {
		return string(value)
	}
	return strings.ToValidUTF8(string(value[:limit]), "") + "…"
}
