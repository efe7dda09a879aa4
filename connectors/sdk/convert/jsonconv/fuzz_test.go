package jsonconv_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
)

func addSeeds(f *testing.F) {
	for _, text := range []string{
		``, ` `, `null`, `true`, `1`, `-0`, `01`, `1.0`, `1e400`, `-1e-400`, `0.30000000000000004`, `123456789012345678901234567890`, `1E+2`,
		`"a"`, `"\u00e9\ud83d\ude00\ud800x"`, "\"\xed\xa0\x80\"", "\"\xff\"", `"a` + "\t" + `b"`, `[1,2,[3]]`, `{"a":1,"b":{"c":[1,{"d":null}]}}`,
		`{"a":1,"a":2}`, `{ "a" : 1 , "b" : [ ] }`, `{"a":1} trailing`, `[1,`, `{"a"}`, `tru`, `truex`, `1x`, "\xef\xbb\xbf{}", "\x00[\x00]",
		`{"schema":null,"payload":{"a":1}}`, `{"schema":{"type":"int32"},"payload":1}`, `{"payload":1,"schema":{"type":"int32"}}`,
		`{"schema":{"type":"struct","fields":[{"type":"int8","field":"a"},{"type":"string","optional":true,"field":"b"},{"type":"float","field":"c","default":1.5}]},"payload":{"a":300,"b":null}}`,
		`{"schema":{"type":"struct","fields":[{"type":"int8","field":"a"},{"type":"string","optional":true,"field":"b"}]},"payload":{"b":"x","z":[1],"a":1,"a":2}}`,
		`{"schema":{"type":"map","keys":{"type":"string"},"values":{"type":"double"}},"payload":{"x":1,"y":2.5,"x":3}}`,
		`{"schema":{"type":"map","keys":{"type":"int32"},"values":{"type":"string"}},"payload":[[1,"a"],[1,"b"]]}`,
		`{"schema":{"type":"array","items":{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}}},"payload":["AQ==",1.5]}`,
		`{"schema":{"type":"int64","name":"org.apache.kafka.connect.data.Timestamp"},"payload":1}`,
		`{"schema":{"type":"int32","name":"org.apache.kafka.connect.data.Time"},"payload":86400001}`,
		`{"schema":{"type":"bytes"},"payload":" AQI= AQ=="}`,
	} {
		f.Add([]byte(text))
	}
}

// same compares values, and their order and the texts of their numbers beside.
func same(a, b connect.Value) bool { return a.Equal(b) && a.String() == b.String() }

func FuzzFastReaderAgreesWithPlainReader(f *testing.F) {
	addSeeds(f)
	convs := []both{
		newConverter(f, "schemas.enable", "false"), newConverter(f), newConverter(f, "replace.null.with.default", "false"),
		newConverter(f, "schema.content", `{"type":"struct","fields":[{"type":"int64","field":"a"},{"type":"string","optional":true,"field":"b"}]}`),
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for i, conv := range convs { // with the memory of whatever was read before
			wantSchema, want, err := jsonconv.ReadPlain(conv, nil, data)
			for range 2 {
				s, v, ok := jsonconv.ReadFast(conv, nil, data)
				if !ok {
					continue
				}
				if err != nil {
					t.Fatalf("converter %d: fast reads %s, plain fails: %v", i, v, err)
				}
				if s != wantSchema && !s.Equal(wantSchema) || !same(v, want) {
					t.Fatalf("converter %d: fast reads %s %s, plain %s %s", i, s, v, wantSchema, want)
				}
			}
			if e := new(connect.Error); err != nil && (!errors.As(err, &e) || e.Kind != connect.KindData) {
				t.Fatalf("converter %d: %v is no data error", i, err)
			}
		}
	})
}

func FuzzSchemalessAgreesWithEncodingJSON(f *testing.F) {
	addSeeds(f)
	conv := newConverter(f, "schemas.enable", "false")
	f.Fuzz(func(t *testing.T, data []byte) {
		_, got, err := conv.ReadData(nil, "", data)
		if !utf8.Valid(data) || !json.Valid(data) {
			return // read more leniently, or in another encoding
		}
		parsed, _ := parse(data)
		if err != nil {
			if len(data) < 1000 && !hugeExponent(data) {
				t.Fatalf("encoding/json reads %v, got %v", parsed, err)
			}
			return
		}
		if want := slowInfer(parsed); !replaceSurrogates(got).Equal(want) {
			t.Fatalf("got %s, want %s", got, want)
		}
		checkWriting(t, conv, got)
	})
}

// hugeExponent reports whether a number in data may have an exponent that BigDecimal refuses.
func hugeExponent(data []byte) bool {
	return bytes.ContainsAny(data, "eE") && bytes.ContainsFunc(data, func(r rune) bool { return r >= '0' && r <= '9' }) && len(data) > 10
}

// replaceSurrogates does what encoding/json does with surrogates that stand alone.
func replaceSurrogates(v connect.Value) connect.Value {
	switch v.Kind() {
	case connect.KindString:
		var b strings.Builder
		for s := v.Str(); s != ""; {
			r, size := utf8.DecodeRuneInString(s)
			if r == utf8.RuneError && size == 1 {
				size = 3
			}
			b.WriteRune(r)
			s = s[size:]
		}
		return connect.String(b.String())
	case connect.KindArray:
		var out []connect.Value
		for _, e := range v.Array() {
			out = append(out, replaceSurrogates(e))
		}
		return connect.Array(out)
	case connect.KindMap:
		m := connect.NewMap(nil)
		for i := range v.Map().Len() {
			k, e := v.Map().Entry(i)
			m = m.Put(nil, replaceSurrogates(k).Str(), replaceSurrogates(e))
		}
		return m.Value()
	}
	return v
}

// checkWriting says that what the converter writes is what encoding/json reads, and reads back as itself.
func checkWriting(t *testing.T, conv both, v connect.Value) {
	t.Helper()
	data, err := conv.AppendData([]byte{}, "", nil, v)
	if err != nil {
		t.Fatal(err)
	}
	if v.IsNull() {
		if data != nil {
			t.Fatalf("wrote %s for null", data)
		}
		return
	}
	if !json.Valid(data) {
		t.Fatalf("wrote %q, which is no JSON", data)
	}
	_, back, err := conv.ReadData(nil, "", data)
	if hasInfinity(v) {
		return // written as a string
	}
	if err != nil || !same(back, v) {
		t.Fatalf("wrote %q, which reads as %s (%v), not %s", data, back, err, v)
	}
}

func hasInfinity(v connect.Value) bool {
	return strings.Contains(v.String(), "Infinity") || strings.Contains(v.String(), "-0.0")
}

func FuzzSchemasAgreeWithEncodingJSON(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		m := newMaker(seed)
		s := m.schema(3)
		conv := newConverter(t)
		for range 3 {
			v := m.value(s)
			data, err := conv.AppendData([]byte("x"), "", s, v)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := parse(data[1:])
			if err != nil {
				t.Fatalf("%s: %v", data, err)
			}
			want := map[string]any{"schema": slowSchema(s), "payload": slowPayload(s, v)}
			if !reflect.DeepEqual(parsed, any(want)) {
				t.Fatalf("wrote %s, want %v", data, want)
			}
			checkReadBack(t, conv, data[1:], s, v)
		}
	})
}

func checkReadBack(t *testing.T, conv both, data []byte, s *connect.Schema, v connect.Value) {
	t.Helper()
	if def, ok := s.Default(); ok && v.IsNull() {
		v = def
	}
	for name, read := range map[string]func() (*connect.Schema, connect.Value, error){
		"both readers": func() (*connect.Schema, connect.Value, error) { return conv.ReadData(nil, "", data) },
		"plain reader": func() (*connect.Schema, connect.Value, error) { return jsonconv.ReadPlain(conv, nil, data) },
	} {
		backSchema, back, err := read()
		if err != nil || !backSchema.Equal(s) || !same(back, v) {
			t.Fatalf("%s: %s reads as %s %s (%v), want %s", name, data, backSchema, back, err, v)
		}
	}
}
