// Package javaregex matches the regular expressions that users of Kafka Connect write, which are those of
// java.util.regex.
//
// A pattern is parsed by Java's grammar and given to one of two engines. Nearly all go to Go's regexp, which takes time linear in the
// text whatever the pattern. Its classes, flags and dot mean something else than Java's, so nothing of the original text is passed
// on: every literal, class, property and flag is worked out to a set of characters first. Patterns with look-around, back-references,
// atomic groups, possessive quantifiers or line anchors in multi-line mode, which no linear engine has, go to a backtracking one
// (backtrack.go), which follows Java's node by node, for the order in which it tries things decides what groups hold. A bad pattern
// can take exponential time there; a limit of steps ends that with an error that names it, where Java would hang. It is steps that are
// counted, not time: a function that is frozen in the middle of a match has not become slow.
//
// Some constructs depend on the text. `$` and `\Z` match before a final line terminator, and `\b` sees marks on letters: a text that
// ends in a line terminator, or one that is not ASCII, is then given to the backtracking engine too. So are patterns
// with groups in some loops, when somebody asks for what they hold.
//
// Behaviour is that of JDK 19 and later, where `\b` knows words as `\w` does. testdata holds what Java makes of three thousand
// patterns.
//
// Not supported, and refused with an error that says so: `\X`, `\N{…}`, `\b{g}`, and properties of which Go has no tables, Emoji and
// javaMirrored. Characters beyond U+FFFF are whole: Java also looks between their halves.
package javaregex
