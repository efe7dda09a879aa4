package transform

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const packageName = "org.apache.kafka.connect.transforms."

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

// forKeyAndValue returns the variants name$Key and name$Value of a transform.
func forKeyAndValue(name string, def *configdef.Def, build func(operand, configdef.Config) (connect.Transform, error)) []connect.TransformClass {
	variant := func(suffix string, o operand) connect.TransformClass {
		return connect.TransformClass{
			Name: packageName + name + suffix, Config: def,
			New: func(config map[string]string) (connect.Transform, error) {
				c, err := parse(def, config)
				if err != nil {
					return nil, err
				}
				return build(o, c)
			},
		}
	}
	return []connect.TransformClass{variant("$Key", keyOperand), variant("$Value", valueOperand)}
}

// parse reads a plugin's configuration. Of several mistakes it reports the first, as Kafka Connect does.
func parse(def *configdef.Def, config map[string]string) (configdef.Config, error) {
	c, err := def.Parse(config)
	if err != nil {
		return c, configError(err)
	}
	return c, nil
}

func structOf(v connect.Value, purpose string) (connect.Struct, error) {
	if v.Kind() != connect.KindStruct {
		return connect.Struct{}, connect.DataError("Only Struct objects supported for [" + purpose + "], found: " + className(v))
	}
	return v.Struct(), nil
}

func mapOf(v connect.Value, purpose string) (connect.Map, error) {
	if v.Kind() != connect.KindMap {
		return connect.Map{}, connect.DataError("Only Map objects supported in absence of schema for [" + purpose + "], found: " + className(v))
	}
	return v.Map(), nil
}

func className(v connect.Value) string {
	if v.IsNull() {
		return "null"
	}
	return v.Kind().JavaClass()
}
