package jsonpath

import (
	"cmp"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

func isNumber(v connect.Value) bool { return v.IsNumber() || v.Kind() == connect.KindDecimal }

func sameType(v, w connect.Value) bool {
	return v.Kind() == w.Kind() || isNumber(v) && isNumber(w)
}

// equal compares texts, numbers and booleans. A number equals a text that is written like it.
func equal(v, w connect.Value) bool {
	switch {
	case isNumber(v) && isNumber(w):
		return compareNumbers(v, w) == 0
	case v.Kind() == connect.KindString && isNumber(w):
		n, err := strconv.ParseFloat(v.Str(), 64)
		return err == nil && n == float(w)
	case isNumber(v) && w.Kind() == connect.KindString:
		return equal(w, v)
	case v.Kind() == connect.KindString, v.Kind() == connect.KindBool:
		return v.Equal(w)
	}
	return false
}

// order compares two numbers or two texts; ok is false for everything else.
func order(v, w connect.Value) (n int, ok bool) {
	switch {
	case isNumber(v) && isNumber(w):
		return compareNumbers(v, w), true
	case v.Kind() == connect.KindString && w.Kind() == connect.KindString:
		return cmp.Compare(v.Str(), w.Str()), true
	}
	return 0, false
}

// compareNumbers is exact for integers; others are compared as FLOAT64.
func compareNumbers(v, w connect.Value) int {
	if v.IsInteger() && w.IsInteger() {
		return cmp.Compare(v.Int(), w.Int())
	}
	return cmp.Compare(float(v), float(w))
}

func float(v connect.Value) float64 {
	switch {
	case v.IsInteger():
		return float64(v.Int())
	case v.Kind() == connect.KindDecimal:
		return values.DecimalToFloat(v, 64)
	case v.Kind() == connect.KindFloat32: // as it is written: 0.1 is 0.1
		n, _ := strconv.ParseFloat(v.String(), 64) // the text of a number is a number
		return n
	}
	return v.Float()
}
