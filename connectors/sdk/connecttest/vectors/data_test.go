package vectors

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Every value and record of the vectors must decode, or say that it has no counterpart; what decodes equals itself.
func TestEveryRecordOfTheVectorsDecodesAndEqualsItself(t *testing.T) {
	for _, file := range []string{"transforms.jsonl", "predicates.jsonl"} {
		var decoded, skipped int
		for _, c := range Read(t, file) {
			for _, raw := range []json.RawMessage{
				Decode[struct{ Record json.RawMessage }](t, c.Input).Record,
				outputRecord(t, c),
			} {
				if isNull(raw) {
					continue
				}
				r, err := Record(raw)
				if errors.Is(err, ErrNoCounterpart) {
					skipped++
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", c.ID, err)
					continue
				}
				if err := EqualRecord(raw, r); err != nil {
					t.Errorf("%s: a record differs from itself: %v", c.ID, err)
				}
				decoded++
			}
		}
		t.Logf("%s: %d records decoded, %d without counterpart", file, decoded, skipped)
		if decoded < 100 {
			t.Errorf("%s: only %d records decoded", file, decoded)
		}
	}
}

func outputRecord(t *testing.T, c Case) json.RawMessage {
	t.Helper()
	if c.Output == nil {
		return nil
	}
	var o struct{ Record json.RawMessage }
	if err := json.Unmarshal(c.Output, &o); err != nil {
		return nil // predicates answer true or false
	}
	return o.Record
}

func TestValuesDecodeToTheirKinds(t *testing.T) {
	for raw, want := range map[string]connect.Value{
		`{"null":true}`:                             connect.Null(),
		`{"int64":"-5"}`:                            connect.Int64(-5),
		`{"float32":"1.5"}`:                         connect.Float32(1.5),
		`{"float64":"-0.0"}`:                        connect.Float64(negativeZero()),
		`{"bytes":"AQI=","buffer":true}`:            connect.Bytes([]byte{1, 2}),
		`{"bigint":"7"}`:                            connect.Decimal(7, 0),
		`{"decimal":{"unscaled":"-12","scale":-3}}`: connect.Decimal(-12, -3),
		`{"timestamp":-1}`:                          connect.TimeMillis(-1),
		`{"array":[{"int8":1},{"null":true}]}`:      connect.Array([]connect.Value{connect.Int8(1), connect.Null()}),
		`{"map":[[{"string":"k"},{"bool":true}]],"hashOrder":true}`:            connect.NewMap([]connect.Value{connect.String("k"), connect.Bool(true)}).Value(),
		`{"struct":[],"schema":{"type":"STRUCT","optional":true,"fields":[]}}`: connect.NewStruct(connect.NewStructSchema().Optional().MustBuild()).Value(),
	} {
		got, err := Value(nil, json.RawMessage(raw))
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: got %s, %v, want %s", raw, got, err, want)
		}
	}
}

func negativeZero() float64 {
	zero := 0.0
	return -zero
}

func TestWhatIsNoValueIsRefused(t *testing.T) {
	for raw, none := range map[string]bool{
		`{"javaObject":"java.lang.Character"}`: true,
		`{"array":[{"javaObject":"x"}]}`:       true,
		`{"class":"x"}`:                        true,
		`{}`:                                   false,
		`{"struct":[]}`:                        false,
		`{"bigint":"x"}`:                       false,
		`{"float64":"x"}`:                      false,
	} {
		_, err := Value(nil, json.RawMessage(raw))
		if err == nil || errors.Is(err, ErrNoCounterpart) != none {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestDifferencesAreNamedByPlace(t *testing.T) {
	for _, tc := range []struct{ want, got, difference string }{
		{`{"int32":1}`, `{"int64":"1"}`, "value is int64 1, want int32 1"},
		{`{"float64":"0.0"}`, `{"float64":"-0.0"}`, "value is float64 -0.0, want float64 0.0"},
		{`{"float64":"NaN"}`, `{"float64":"NaN"}`, ""},
		{`{"array":[{"int8":1}]}`, `{"array":[{"int8":2}]}`, "value[0] is int8 2"},
		{`{"array":[]}`, `{"array":[{"int8":2}]}`, "1 elements, want 0"},
		{`{"map":[[{"string":"a"},{"int8":1}],[{"string":"b"},{"int8":2}]]}`, `{"map":[[{"string":"b"},{"int8":2}],[{"string":"a"},{"int8":1}]]}`, `key string "b" at position 0`},
		{`{"map":[[{"string":"a"},{"int8":1}],[{"string":"b"},{"int8":2}]],"hashOrder":true}`, `{"map":[[{"string":"b"},{"int8":2}],[{"string":"a"},{"int8":1}]]}`, ""},
		{`{"map":[[{"string":"a"},{"int8":1}]],"hashOrder":true}`, `{"map":[[{"string":"a"},{"int8":2}]]}`, "value{a} is int8 2"},
		{`{"map":[[{"string":"a"},{"int8":1}]],"hashOrder":true}`, `{"map":[[{"string":"c"},{"int8":1}]]}`, `no entry with key string "a"`},
	} {
		got, err := Value(nil, json.RawMessage(tc.got))
		if err != nil {
			t.Fatal(err)
		}
		err = EqualValue(json.RawMessage(tc.want), nil, got)
		if (err == nil) != (tc.difference == "") || err != nil && !strings.Contains(err.Error(), tc.difference) {
			t.Errorf("%s against %s: %v, want %q", tc.want, tc.got, err, tc.difference)
		}
	}
}

func TestBytesTellNullFromEmpty(t *testing.T) {
	empty := json.RawMessage(`{"utf8":""}`)
	if err := EqualBytes(empty, nil); err == nil {
		t.Error("null passes for empty")
	}
	if err := EqualBytes(json.RawMessage(`null`), []byte{}); err == nil {
		t.Error("empty passes for null")
	}
	if err := EqualBytes(json.RawMessage(`{"base64":"/w=="}`), []byte{0xff}); err != nil {
		t.Error(err)
	}
}

func TestSchemasDifferInEveryAttribute(t *testing.T) {
	plain := json.RawMessage(`{"type":"INT32","optional":false}`)
	for _, other := range []string{
		`null`, `{"type":"INT64","optional":false}`, `{"type":"INT32","optional":true}`,
		`{"type":"INT32","optional":false,"name":""}`, `{"type":"INT32","optional":false,"version":0}`,
		`{"type":"INT32","optional":false,"doc":""}`, `{"type":"INT32","optional":false,"parameters":{}}`,
		`{"type":"INT32","optional":false,"default":{"int32":0}}`,
	} {
		s, err := Schema(json.RawMessage(other))
		if err != nil {
			t.Fatal(err)
		}
		if err := EqualSchema(plain, s); err == nil {
			t.Errorf("%s passes for %s", other, plain)
		}
		if err := EqualSchema(json.RawMessage(other), s); err != nil {
			t.Errorf("%s differs from itself: %v", other, err)
		}
	}
}
