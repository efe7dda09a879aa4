// Package javaregex matches the regular expressions that users of Kafka Connect write, which are those of
// java.util.regex.
//
// A pattern is parsed by Java's grammar and printed again for one of two engines. Nearly all go to Go's regexp, which
// takes time linear in the text whatever the pattern. Its classes, flags and dot mean something else than Java's, so
// nothing of the original text is passed on: every literal, class, property and flag is worked out to a set of characters
// first. Patterns with look-around, back-references, atomic groups, possessive quantifiers or line anchors in multi-line
// mode, which no linear engine has, go to github.com/dlclark/regexp2. It backtracks as Java does, so a bad pattern can take
// exponential time there; Timeout ends that with an error, where Java would hang.
//
// Two constructs depend on the text. `$` and `\Z` match before a final line terminator, and `\b` knows letters beyond
// ASCII: a text that ends in a line terminator, or one that is not ASCII, is then given to the backtracking engine too.
//
// Not supported, and refused with an error that says so: `\X`, `\N{…}`, `\b{g}`, Unicode blocks (`\p{InGreek}`), and the
// flag U.
package javaregex
