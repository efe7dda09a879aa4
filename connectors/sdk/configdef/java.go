package configdef

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// This file holds the rules of Java that users can see: how numbers are read and
// printed, how values appear in messages, and in which order a HashSet lists them.

// parseJavaInteger reads a number as Long.parseLong does: an optional sign and
// decimal digits of any script in the basic plane, nothing else.
func parseJavaInteger(s string) (int64, bool) {
	digits := make([]byte, 0, len(s))
	for i, r := range s {
		if i == 0 && (r == '-' || r == '+') {
			digits = append(digits, byte(r))
			continue
		}
		d, ok := decimalDigit(r)
		if !ok {
			return 0, false
		}
		digits = append(digits, d)
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return n, err == nil
}

// decimalDigit returns the ASCII digit of the same value. Decimal digits of the
// basic plane come in runs of ten, each of which begins a run with zero.
func decimalDigit(r rune) (byte, bool) {
	if r >= '0' && r <= '9' {
		return byte(r), true
	}
	if r < 0x80 || r > 0xffff {
		return 0, false
	}
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return '0' + byte((r-rune(run.Lo))%10), true
		}
	}
	return 0, false
}

// javaDouble is the grammar of Double.parseDouble (java.lang.Double.valueOf in the
// Java SE documentation): decimal or hexadecimal, with an optional type suffix.
var javaDouble = regexp.MustCompile(`^([+-]?)(?:(NaN|Infinity)|((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]?)$`)

// parseJavaDouble reads a number as Double.parseDouble does. Numbers too large are
// infinite, not errors.
func parseJavaDouble(s string) (float64, bool) {
	m := javaDouble.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	sign, word, digits := m[1], m[2], m[3]
	var f float64
	switch word {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		f = math.Inf(1)
	default:
		var err error
		f, err = strconv.ParseFloat(digits, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0, false
		}
	}
	if sign == "-" {
		f = -f
	}
	return f, true
}

// formatJavaDouble prints a number as Double.toString does, or Float.toString for
// 32 bits.
func formatJavaDouble(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	if abs := math.Abs(f); f == 0 || (abs >= 1e-3 && abs < 1e7) {
		s := strconv.FormatFloat(f, 'f', -1, bits)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, bits), "e")
	if !strings.Contains(mantissa, ".") {
		// Java prints two digits at least, and of those with two the nearest:
		// the smallest number is 4.9E-324, not 5.0E-324.
		mantissa, exponent, _ = strings.Cut(strconv.FormatFloat(f, 'e', 1, bits), "e")
	}
	n, err := strconv.Atoi(exponent)
	if err != nil {
		return mantissa + "E" + exponent
	}
	return mantissa + "E" + strconv.Itoa(n)
}

// asFloat returns a number of any configuration type as float64.
func asFloat(value any) (float64, bool) {
	switch v := value.(type) {
	case int16:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// text prints a value as Java's string concatenation does, which is how values
// appear in messages.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return formatJavaDouble(v, 64)
	case float32:
		return formatJavaDouble(float64(v), 32)
	case Class:
		return "class " + string(v)
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	}
	return fmt.Sprint(value)
}

// javaType names the Java class of a value, for messages about wrong types.
func javaType(value any) string {
	switch value.(type) {
	case string:
		return "java.lang.String"
	case bool:
		return "java.lang.Boolean"
	case int16:
		return "java.lang.Short"
	case int32:
		return "java.lang.Integer"
	case int64:
		return "java.lang.Long"
	case float32:
		return "java.lang.Float"
	case float64:
		return "java.lang.Double"
	case []string:
		return "java.util.ArrayList"
	case Class:
		return "java.lang.Class"
	case Password:
		return "org.apache.kafka.common.config.types.Password"
	}
	return fmt.Sprintf("%T", value)
}

// upperCase is Java's toUpperCase for the root locale, as far as it matters to
// words of a configuration: sharp s becomes two letters.
func upperCase(s string) string {
	return strings.ToUpper(strings.ReplaceAll(s, "ß", "SS"))
}

// hashSetOrder returns the distinct values in the order in which a java.util.HashSet
// filled with them lists them: by bucket, and within a bucket by insertion. The
// table has 16 buckets and doubles when it is three quarters full.
func hashSetOrder(values []string) []string {
	ordered := distinct(values)
	buckets := uint32(16)
	for uint32(len(ordered)) > buckets/4*3 {
		buckets *= 2
	}
	bucket := func(s string) uint32 {
		var h uint32
		for _, unit := range utf16.Encode([]rune(s)) {
			h = 31*h + uint32(unit)
		}
		return (h ^ h>>16) & (buckets - 1)
	}
	slices.SortStableFunc(ordered, func(a, b string) int { return int(bucket(a)) - int(bucket(b)) })
	return ordered
}
