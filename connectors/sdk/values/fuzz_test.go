package values_test

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

// FuzzParseString asks for what every text must satisfy: it ends, what it gives is a value of the schema it gives (apart
// from arrays of different arrays, for which Kafka Connect takes the last schema), and text comes back whole.
func FuzzParseString(f *testing.F) {
	for _, seed := range []string{
		"", " ", "null", "true", "12", "-1.5e3", "1e2147483647", "2020-01-01", "12:34:56.789Z", "2019-08-23T14:34:54.346Z",
		`[1,2.5,"a"]`, `{"a":1,"b":[null]}`, `["a\"b", " ,"]`, "[[[[", " [x", `{"a":1 "b":2}`, "\xed\xa0\x80", "１２",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, v := values.ParseString(text)
		switch {
		case s == nil:
			if !v.IsNull() {
				t.Fatalf("%q: value %s has no schema", text, v)
			}
		case s.Type().IsPrimitive():
			if err := connect.ValidateValue("", s, v); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
		}
		if v.Kind() == connect.KindString && v.Str() != text {
			t.Fatalf("%q was cut to %q", text, v.Str())
		}
		again, w := values.ParseString(text)
		if !again.Equal(s) || !w.Equal(v) {
			t.Fatalf("%q: %s %s the second time, %s %s the first", text, again, w, s, v)
		}
	})
}

func TestParseStringEndsOnDeepNesting(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("[", 1_000_000), strings.Repeat(`{"a":`, 300_000), strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		strings.Repeat(" ", 1_000_000) + "[x", "[" + strings.Repeat("1,", 300_000) + "x]",
	} {
		s, v := values.ParseString(text)
		if s != connect.StringSchema || v.Str() != text {
			t.Errorf("a text of %d bytes became %s", len(text), s)
		}
	}
}

func TestParseStringReadsLargeMapsInLinearTime(t *testing.T) {
	var b strings.Builder
	for i := range 100_000 {
		b.WriteString(string(rune('{' - min(i, 1)*('{'-','))))
		b.WriteString(string(values.AppendText([]byte(`"k`), connect.Int32(int32(i)))) + `":1`)
	}
	s, v := values.ParseString(b.String() + "}")
	if s.Type() != connect.TypeMap || v.Map().Len() != 100_000 {
		t.Fatalf("got %s", s)
	}
}

func TestParseStringKeepsTextAfterLeadingBlanks(t *testing.T) {
	for _, text := range []string{" [WARN] disk full", "\t{oops", "  [1,2"} {
		if s, v := values.ParseString(text); s != connect.StringSchema || v.Str() != text {
			t.Errorf("%q became %s %s", text, s, v)
		}
	}
}

func TestScalarsAreReadWithoutAllocation(t *testing.T) {
	for _, text := range []string{"12", "-1.5", "true", "null", "hello world", "2020-01-01", "12:34:56.789Z", "2019-08-23T14:34:54.346Z"} {
		if n := testing.AllocsPerRun(100, func() { values.ParseString(text) }); n != 0 {
			t.Errorf("%q takes %v allocations", text, n)
		}
	}
}

func TestUTF8ReplacesWhatJavaReplaces(t *testing.T) {
	for bytes, want := range map[string]string{
		"h\xe9\x80\x00": "h\uFFFD\x00", "\xff\xfe": "\uFFFD\uFFFD", "\xf0\x9fa": "\uFFFDa", "\xe2(\xa1": "\uFFFD(\uFFFD",
		"\xf4\x90\x80\x80": "\uFFFD\uFFFD\uFFFD\uFFFD", "\xed\xa0\x80x": "\uFFFDx", "\xc0\xaf": "\uFFFD\uFFFD",
	} {
		if got := values.DecodeUTF8(nil, []byte(bytes)); got != want {
			t.Errorf("decoded %q to %q, want %q", bytes, got, want)
		}
	}
	if got := string(values.AppendUTF8([]byte("<"), "a\xed\xa0\xbdb\xed\xb0\x80")); got != "<a?b?" {
		t.Errorf("encoded unpaired surrogates to %q", got)
	}
}

func BenchmarkParseString(b *testing.B) {
	for _, text := range []string{"42", "3.14", "hello world", "2019-08-23T14:34:54.346Z", `{"a":1,"b":[1,2,3]}`} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				values.ParseString(text)
			}
		})
	}
}
