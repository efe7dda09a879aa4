package jsonpath

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

// predicate holds or not for v, which lies in root.
type predicate interface {
	test(root, v connect.Value) (bool, error)
}

type not struct{ of predicate }

func (p not) test(root, v connect.Value) (bool, error) {
	holds, err := p.of.test(root, v)
	return !holds, err
}

// either holds when one of two does.
type either struct{ left, right predicate }

func (p either) test(root, v connect.Value) (bool, error) {
	if holds, err := p.left.test(root, v); holds || err != nil {
		return holds, err
	}
	return p.right.test(root, v)
}

type both struct{ left, right predicate }

func (p both) test(root, v connect.Value) (bool, error) {
	if holds, err := p.left.test(root, v); !holds || err != nil {
		return false, err
	}
	return p.right.test(root, v)
}

// exists holds where there is something other than null.
type exists struct{ at operand }

func (p exists) test(root, v connect.Value) (bool, error) { return !p.at.value(root, v).IsNull(), nil }

// operand is a literal, or a definite path from @ or $.
type operand struct {
	literal  connect.Value
	path     *Path // nil for a literal
	fromRoot bool
}

func (o *operand) value(root, v connect.Value) connect.Value {
	switch {
	case o.path == nil:
		return o.literal
	case o.fromRoot:
		return o.path.Get(root)
	}
	return o.path.Get(v)
}

type comparison struct {
	left, right operand
	operator    string
	list        []operand // of in and nin
	isList      bool
	regex       *javaregex.Regexp // of =~
}

func (p *comparison) test(root, v connect.Value) (bool, error) {
	left := p.left.value(root, v)
	if left.IsNull() {
		return false, nil
	}
	if p.regex != nil {
		text, ok := textOf(left)
		if !ok {
			return false, nil
		}
		return p.regex.Matches(text)
	}
	if p.operator == "in" || p.operator == "nin" {
		in, known := p.isIn(root, v, left)
		return known && in == (p.operator == "in"), nil
	}
	right := p.right.value(root, v)
	if right.IsNull() {
		return false, nil
	}
	return compare(p.operator, left, right), nil
}

// isIn reports whether left equals an element of the list; known is false when the list is a path that leads to no array.
func (p *comparison) isIn(root, v, left connect.Value) (in, known bool) {
	for i := range p.list {
		if equal(left, p.list[i].value(root, v)) {
			return true, true
		}
	}
	if p.isList {
		return false, true
	}
	array := p.right.value(root, v)
	return array.Kind() == connect.KindArray && contains(array, left), array.Kind() == connect.KindArray
}

func compare(operator string, left, right connect.Value) bool {
	switch operator {
	case "==":
		return equal(left, right)
	case "!=":
		return !equal(left, right)
	case "===":
		return sameType(left, right) && equal(left, right)
	case "!==":
		return !sameType(left, right) || !equal(left, right)
	case "contains":
		return contains(left, right)
	case "size":
		n, ok := sizeOf(left)
		return ok && right.IsInteger() && right.Int() == int64(n)
	case "empty":
		n, ok := sizeOf(left)
		return ok && right.Kind() == connect.KindBool && right.Bool() == (n == 0)
	}
	order, ok := order(left, right)
	switch operator {
	case "<":
		return ok && order < 0
	case "<=":
		return ok && order <= 0
	case ">":
		return ok && order > 0
	}
	return ok && order >= 0
}

// contains reports whether an array has an element, or a text a part.
func contains(v, part connect.Value) bool {
	if v.Kind() == connect.KindString {
		text, ok := textOf(part)
		return ok && strings.Contains(v.Str(), text)
	}
	if v.Kind() != connect.KindArray {
		return false
	}
	for _, elem := range v.Array() {
		if equal(elem, part) {
			return true
		}
	}
	return false
}

// sizeOf returns the number of elements, entries, fields, or characters as Java counts them.
func sizeOf(v connect.Value) (n int, ok bool) {
	switch v.Kind() {
	case connect.KindString:
		for _, r := range v.Str() {
			n += max(1, utf16.RuneLen(r))
		}
		return n, true
	case connect.KindArray, connect.KindMap, connect.KindStruct:
		return members(v), true
	}
	return 0, false
}

// textOf returns the text that a regular expression is matched with.
func textOf(v connect.Value) (text string, ok bool) {
	switch {
	case v.Kind() == connect.KindString:
		return v.Str(), utf8.ValidString(v.Str())
	case isNumber(v), v.Kind() == connect.KindBool:
		return v.String(), true
	}
	return "", false
}
