package smt

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Operand is the part of a record that a transform works on.
type Operand uint8

// The operands.
const (
	Key Operand = iota
	Value
)

// Get returns the schema and the value of the operand of r.
func (o Operand) Get(r *connect.Record) (*connect.Schema, connect.Value) {
	if o == Key {
		return r.KeySchema, r.Key
	}
	return r.ValueSchema, r.Value
}

// Set replaces schema and value of the operand of r.
func (o Operand) Set(r *connect.Record, s *connect.Schema, v connect.Value) {
	if o == Key {
		r.KeySchema, r.Key = s, v
		return
	}
	r.ValueSchema, r.Value = s, v
}

// String returns key or value.
func (o Operand) String() string {
	if o == Key {
		return "key"
	}
	return "value"
}

// Class returns the class of a transform whose configuration is parsed before it is built.
func Class(name string, def *configdef.Def, build func(configdef.Config) (connect.Transform, error)) connect.TransformClass {
	return connect.TransformClass{
		Name: name, Config: def,
		New: func(config map[string]string) (connect.Transform, error) {
			c, err := Parse(def, config)
			if err != nil {
				return nil, err
			}
			return build(c)
		},
	}
}

// KeyAndValue returns the variants name$Key and name$Value of a transform.
func KeyAndValue(name string, def *configdef.Def, build func(Operand, configdef.Config) (connect.Transform, error)) []connect.TransformClass {
	variant := func(suffix string, o Operand) connect.TransformClass {
		return Class(name+suffix, def, func(c configdef.Config) (connect.Transform, error) { return build(o, c) })
	}
	return []connect.TransformClass{variant("$Key", Key), variant("$Value", Value)}
}

// Parse reads a plugin's configuration. Of several mistakes it reports the first, as Kafka Connect does.
func Parse(def *configdef.Def, config map[string]string) (configdef.Config, error) {
	c, err := def.Parse(config)
	if err != nil {
		return c, ConfigError(err)
	}
	return c, nil
}

// StructOf returns a value that must be a struct; purpose is what for, as errors name it.
func StructOf(v connect.Value, purpose string) (connect.Struct, error) {
	if v.Kind() != connect.KindStruct {
		return connect.Struct{}, connect.DataError("Only Struct objects supported for [" + purpose + "], found: " + ClassName(v))
	}
	return v.Struct(), nil
}

// MapOf returns a value that must be a map; purpose is what for, as errors name it.
func MapOf(v connect.Value, purpose string) (connect.Map, error) {
	if v.Kind() != connect.KindMap {
		return connect.Map{}, connect.DataError("Only Map objects supported in absence of schema for [" + purpose + "], found: " + ClassName(v))
	}
	return v.Map(), nil
}

// ClassName returns the name of the Java class of a value, null for null.
func ClassName(v connect.Value) string {
	if v.IsNull() {
		return "null"
	}
	return v.Kind().JavaClass()
}
