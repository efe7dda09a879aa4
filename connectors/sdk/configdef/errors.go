package configdef

import (
	"errors"
	"fmt"
	"strings"
)

// Error is one thing that is wrong with a configuration: Kafka's ConfigException,
// in its words.
type Error struct {
	// Key is the key it is about; empty if it is not about a single key.
	Key string
	// Message is the whole text.
	Message string
	// Cause is what failed underneath, if anything did. Its text is not part of
	// Message.
	Cause error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf returns an Error about a key, with the given text as the message. A %w
// operand becomes the cause.
func Errorf(key, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Key: key, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// Invalid returns the usual Error about a value: "Invalid value v for
// configuration key: reason". The reason may be empty. A Password in value stays
// hidden.
func Invalid(key string, value any, reason string) *Error {
	message := "Invalid value " + text(value) + " for configuration " + key
	if reason != "" {
		message += ": " + reason
	}
	return &Error{Key: key, Message: message}
}

// missing is the Error about a required key that is not set.
func missing(key string) *Error {
	return Errorf(key, "Missing required configuration %q which has no default value.", key)
}

// Errors is everything that is wrong with a configuration, in the order of the
// definition. It has at least one element, and works with errors.As.
type Errors []*Error

// Error returns the messages, one on each line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Message
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors one by one.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, err := range e {
		errs[i] = err
	}
	return errs
}

// asError makes any error an Error about a key.
func asError(key string, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Key: key, Message: err.Error(), Cause: err}
}
