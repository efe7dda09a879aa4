package javatext_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// golden are the kinds of lines of text.jsonl: what Ferry makes of a text, "" where it refuses it.
func golden() map[string]func(in string) string {
	bits := func(in string, size int) uint64 {
		n, _ := strconv.ParseUint(in, 16, size)
		return n
	}
	return map[string]func(string) string{
		"double": func(in string) string { return string(javatext.AppendDouble(nil, math.Float64frombits(bits(in, 64)))) },
		"float": func(in string) string {
			return string(javatext.AppendFloat(nil, math.Float32frombits(uint32(bits(in, 32)))))
		},
		"decimal": func(in string) string {
			digits, scale, _ := strings.Cut(in, " ")
			unscaled, _ := new(big.Int).SetString(digits, 10)
			n, _ := strconv.ParseInt(scale, 10, 32)
			return string(javatext.AppendDecimal(nil, unscaled, int32(n)))
		},
		"parseDouble": func(in string) string {
			f, err := javatext.ParseDouble(in)
			if math.IsNaN(f) { // Go's has other bits
				f = math.Float64frombits(0x7ff8 << 48)
			}
			return accepted(fmt.Sprintf("%016x", math.Float64bits(f)), err)
		},
		"parseFloat": func(in string) string {
			f, err := javatext.ParseFloat(in)
			return accepted(fmt.Sprintf("%08x", math.Float32bits(f)), err)
		},
		"parseLong": func(in string) string {
			n, err := javatext.ParseInt(in, 64)
			return accepted(strconv.FormatInt(n, 10), err)
		},
		"parseByte": func(in string) string {
			n, err := javatext.ParseInt(in, 8)
			return accepted(strconv.FormatInt(n, 10), err)
		},
		"parseDecimal": func(in string) string {
			unscaled, scale, err := javatext.ParseDecimal(in)
			return accepted(fmt.Sprint(unscaled, scale), err)
		},
		"upper": func(in string) string { return string(javatext.AppendUpper(nil, in)) },
		"lower": func(in string) string { return string(javatext.AppendLower(nil, in)) },
	}
}

func accepted(text string, err error) string {
	if err != nil {
		return ""
	}
	return text
}

func TestTextsAreThoseOfJava(t *testing.T) {
	f, err := os.Open("testdata/text.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	kinds, counts := golden(), make(map[string]int)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c [3]*string
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		kind, in, want := *c[0], *c[1], c[2]
		if want == nil {
			want = new(string)
		}
		if r, _ := utf8.DecodeRuneInString(in); r >= 0x10D50 && r <= 0x10D85 { // of Unicode 16, which Go does not have
			continue
		}
		counts[kind]++
		if got := kinds[kind](in); got != *want {
			t.Errorf("%s of %q is %q, want %q", kind, in, got, *want)
		}
	}
	for kind := range kinds {
		if counts[kind] < 400 {
			t.Errorf("there are %d cases of %s", counts[kind], kind)
		}
	}
	t.Log(counts)
}
