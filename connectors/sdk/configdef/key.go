package configdef

import (
	"errors"
	"fmt"
	"slices"
)

// ConfigKey defines one key of a configuration. The zero value of every field but
// Name, Type and Importance is a sensible one.
type ConfigKey struct {
	// Name is the key as users write it, for instance "batch.size".
	Name string
	// Type is the type of its value.
	Type Type
	// Required says that the key has no default and must be set. A set but empty
	// value counts as set.
	Required bool
	// Default is the value of a key that is not set: a value of the Type, a text
	// that parses to one, a plain int for any number, or nil for null.
	Default any
	// Validator checks the parsed value; nil means any value will do.
	Validator Validator
	// Importance is how much the key matters; it must be set.
	Importance Importance
	// Documentation explains the key to users.
	Documentation string
	// Group is the heading under which a user interface shows the key; empty for
	// none.
	Group string
	// OrderInGroup is the position under that heading. Without a group it is -1,
	// whatever is set here.
	OrderInGroup int
	// Width is the width of its input field.
	Width Width
	// DisplayName is its label; by default the Name.
	DisplayName string
	// Dependents are the keys whose recommendations depend on this one.
	Dependents []string
	// Recommender proposes values and says whether the key is to be shown; may
	// be nil.
	Recommender Recommender
}

// HasDefault reports whether the key may be left out.
func (k ConfigKey) HasDefault() bool { return !k.Required }

// DefaultText returns the default as text, as [ConvertToString] renders it: nil
// if there is none or if it is null. A password's default is "[hidden]".
func (k ConfigKey) DefaultText() *string {
	if k.Required {
		return nil
	}
	// New has checked that the default is of the key's type.
	s, _ := ConvertToString(k.Default, k.Type)
	return s
}

// prepared returns the key as it is stored: with its defaults filled in and its
// default value parsed and checked.
func (k ConfigKey) prepared() (ConfigKey, error) {
	if k.Name == "" {
		return k, errors.New("define configuration: a key has no name")
	}
	if k.Type < TypeBoolean || k.Type > TypePassword {
		return k, fmt.Errorf("define configuration %s: %v is no type of a value", k.Name, k.Type)
	}
	if k.Importance < ImportanceHigh || k.Importance > ImportanceLow {
		return k, fmt.Errorf("define configuration %s: set its Importance", k.Name)
	}
	if k.Required && k.Default != nil {
		return k, fmt.Errorf("define configuration %s: a required key cannot have a default", k.Name)
	}
	if k.DisplayName == "" {
		k.DisplayName = k.Name
	}
	if k.Group == "" {
		k.OrderInGroup = -1
	}
	k.Dependents = slices.Clone(k.Dependents)
	if k.Required {
		return k, nil
	}
	return k.withParsedDefault()
}

func (k ConfigKey) withParsedDefault() (ConfigKey, error) {
	value, err := ParseType(k.Name, defaultValue(k.Type, k.Default), k.Type, anyClass)
	if err != nil {
		return k, err
	}
	k.Default = value
	if k.Validator != nil {
		if err := k.Validator.Validate(k.Name, value); err != nil {
			return k, asError(k.Name, err)
		}
	}
	return k, nil
}

// defaultValue turns a plain int into the number a key of type t holds, if it
// fits: an untyped constant in a definition is an int.
func defaultValue(t Type, v any) any {
	n, ok := v.(int)
	if !ok {
		return v
	}
	switch {
	case t == TypeShort && int(int16(n)) == n:
		return int16(n)
	case t == TypeLong, int(int32(n)) != n:
		return int64(n)
	case t == TypeDouble:
		return float64(n)
	}
	return int32(n)
}

// anyClass accepts every name: definitions are trusted to name their defaults.
func anyClass(name string) (Class, bool) { return Class(name), true }
