package javatime

// PatternError is a pattern that cannot be compiled.
type PatternError struct {
	// Message is the text of Java's IllegalArgumentException, or what is not supported.
	Message string
}

// Error returns the message.
func (e *PatternError) Error() string { return e.Message }
