// Package jsonpath looks into structs and maps by the JSON paths that configurations of transforms hold, which are those of Jayway
// JsonPath.
//
// A path begins with $ and goes on with steps:
//
//	.name  ['name']  ["name"]   a field of a struct, an entry of a map
//	[2]  [-1]                   an element of an array, from the end if negative
//	.*  [*]                     all fields, entries or elements
//	[?(predicate)]              the elements of an array for which the predicate holds; a struct or map itself
//
// A predicate compares paths, which begin with @ for what is looked at or with $, and literals ('text', "text", 1, -1.5, true,
// false) by == != === !== < <= > >= and:
//
//	=~ /regex/i                 the whole text matches; flags are i, m, s, x, u and d
//	in ['a', 'b']  nin [...]    equal to one of them, or to none
//	contains 'a'                an array with an equal element, a text with this part
//	size 3  empty true          the number of elements or characters
//
// A path alone holds where there is something other than null. Predicates are joined by && and ||, negated by ! and put in
// parentheses. A comparison with something that is missing or null does not hold, whatever its operator: so says the
// documentation of Confluent's Filter, for which this was made. Texts, numbers and booleans are compared; a text equals a number
// that is written like it, unless by ===.
//
// Refused, and named when they are: deep scans (..), slices, lists of names or indexes, functions, the literal null, and the
// operators all, anyof, noneof, subsetof, type and matches.
package jsonpath
