package primconv

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Classes returns the converters of this package.
func Classes() []connect.ConverterClass {
	return []connect.ConverterClass{
		{Name: stringClass, Config: stringConfig(), New: newString},
		{Name: "org.apache.kafka.connect.converters.ByteArrayConverter", Config: typeConfig(), New: stateless(byteArray{})},
		{Name: "org.apache.kafka.connect.converters.BooleanConverter", Config: typeConfig(), New: stateless(boolean{})},
		{Name: "org.apache.kafka.connect.converters.ShortConverter", Config: typeConfig(), New: stateless(&shortNumber)},
		{Name: "org.apache.kafka.connect.converters.IntegerConverter", Config: typeConfig(), New: stateless(&integerNumber)},
		{Name: "org.apache.kafka.connect.converters.LongConverter", Config: typeConfig(), New: stateless(&longNumber)},
		{Name: "org.apache.kafka.connect.converters.FloatConverter", Config: typeConfig(), New: stateless(&floatNumber)},
		{Name: "org.apache.kafka.connect.converters.DoubleConverter", Config: typeConfig(), New: stateless(&doubleNumber)},
	}
}

// HeaderClasses returns the same converters for headers.
func HeaderClasses() []connect.HeaderConverterClass {
	var classes []connect.HeaderConverterClass
	for _, c := range Classes() {
		classes = append(classes, connect.HeaderConverterClass{
			Name: c.Name, Config: c.Config,
			New: func(config map[string]string) (connect.HeaderConverter, error) {
				converter, err := c.New(config)
				return headers{converter}, err
			},
		})
	}
	return classes
}

// headers converts headers as values, without regard to their names.
type headers struct{ connect.Converter }

func (h headers) AppendHeader(dst []byte, topic, _ string, s *connect.Schema, v connect.Value) ([]byte, error) {
	return h.AppendData(dst, topic, s, v)
}

func (h headers) ReadHeader(a *connect.Arena, topic, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	return h.ReadData(a, topic, data)
}

func stateless(c connect.Converter) func(map[string]string) (connect.Converter, error) {
	return func(map[string]string) (connect.Converter, error) { return c, nil }
}

// typeConfig defines the one key that all converters have. The runtime sets it.
func typeConfig() *configdef.Def {
	return configdef.MustNew(configdef.ConfigKey{
		Name: "converter.type", Type: configdef.TypeString, Required: true,
		Validator: configdef.ValidString("key", "value", "header"), Importance: configdef.ImportanceLow,
		Documentation: "How this converter will be used.",
	})
}
