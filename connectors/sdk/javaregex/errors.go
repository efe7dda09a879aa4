package javaregex

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// SyntaxError stands for java.util.regex.PatternSyntaxException.
type SyntaxError struct {
	// Description is what is wrong.
	Description string
	// Index is the position near which it is wrong, in characters; -1 if unknown.
	Index int
	// Pattern is the whole pattern.
	Pattern string
}

// Error returns Java's text: the description with the index, the pattern, and a caret under the place.
func (e *SyntaxError) Error() string {
	text := e.Description
	if e.Index >= 0 {
		text += " near index " + strconv.Itoa(e.Index)
	}
	text += "\n" + e.Pattern
	if e.Index >= 0 && e.Index < utf8.RuneCountInString(e.Pattern) {
		text += "\n" + strings.Repeat(" ", e.Index) + "^"
	}
	return text
}

// ReplacementError is a mistake in the replacement of ReplaceFirst.
type ReplacementError struct {
	// Class is the full name of the exception that Java throws.
	Class string
	// Message is its text.
	Message string
}

// Error returns the message.
func (e *ReplacementError) Error() string { return e.Message }

func illegalArgument(message string) error {
	return &ReplacementError{Class: "java.lang.IllegalArgumentException", Message: message}
}
