package confluent

import (
	"errors"
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Version is the release of connect-transforms whose documentation the transforms follow.
const Version = "1.6"

const packageName = "io.confluent.connect.transforms."

// Classes returns the transforms.
func Classes() []connect.TransformClass {
	classes := slices.Concat(drop(), extractTopic(), tombstoneHandler())
	for i := range classes {
		classes[i].Version = Version
	}
	return classes
}

// operand is the part of a record that a transform works on.
type operand uint8

const (
	keyOperand operand = iota
	valueOperand
)

func (o operand) get(r *connect.Record) (*connect.Schema, connect.Value) {
	if o == keyOperand {
		return r.KeySchema, r.Key
	}
	return r.ValueSchema, r.Value
}

func (o operand) set(r *connect.Record, s *connect.Schema, v connect.Value) {
	if o == keyOperand {
		r.KeySchema, r.Key = s, v
		return
	}
	r.ValueSchema, r.Value = s, v
}

func (o operand) String() string {
	if o == keyOperand {
		return "key"
	}
	return "value"
}

// class returns a class whose configuration is parsed before it is built.
func class(name string, def *configdef.Def, build func(configdef.Config) (connect.Transform, error)) connect.TransformClass {
	return connect.TransformClass{
		Name: packageName + name, Config: def,
		New: func(config map[string]string) (connect.Transform, error) {
			c, err := def.Parse(config)
			if err != nil {
				return nil, configError(err)
			}
			return build(c)
		},
	}
}

// configError makes the first mistake in a configuration a KindConfig error.
func configError(err error) error {
	message := err.Error()
	if first, ok := errors.AsType[*configdef.Error](err); ok {
		message = first.Message
	}
	return connect.ConfigError(message)
}
