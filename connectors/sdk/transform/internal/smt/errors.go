package smt

import (
	"errors"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

// ConfigError makes a mistake in a configuration a KindConfig error that names the key.
func ConfigError(err error) error {
	e := connect.ConfigError(err.Error())
	if first, ok := errors.AsType[*configdef.Error](err); ok {
		e.Message = first.Message
		if !strings.Contains(first.Message, first.Key) {
			e.Hint = "correct the key " + first.Key
		}
	}
	e.Cause = errors.Unwrap(err)
	return e
}

// RegexError makes a failed match or replacement an error about the record at hand.
func RegexError(err error) error {
	if e, ok := errors.AsType[*javaregex.ReplacementError](err); ok {
		return &connect.Error{Kind: connect.KindData, Class: e.Class, Message: e.Message, Hint: "correct the replacement"}
	}
	return &connect.Error{
		Kind: connect.KindData, Class: connect.ConnectException, Message: err.Error(),
		Hint: "simplify the regular expression: nested repetitions, look-around and back-references can take exponential time",
	}
}
