package jsonconv

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// ClassName is the name users write in key.converter, value.converter and header.converter.
const ClassName = "org.apache.kafka.connect.json.JsonConverter"

// Keys of the configuration.
const (
	TypeConfig                   = "converter.type"
	SchemasEnableConfig          = "schemas.enable"
	SchemasCacheSizeConfig       = "schemas.cache.size"
	SchemaContentConfig          = "schema.content"
	DecimalFormatConfig          = "decimal.format"
	ReplaceNullWithDefaultConfig = "replace.null.with.default"
)

// Class returns JsonConverter as a converter of keys and values.
func Class() connect.ConverterClass {
	def := configDef()
	return connect.ConverterClass{
		Name: ClassName, Config: def,
		New: func(config map[string]string) (connect.Converter, error) { return newConverter(def, config) },
	}
}

// HeaderClass returns JsonConverter as a converter of headers.
func HeaderClass() connect.HeaderConverterClass {
	def := configDef()
	return connect.HeaderConverterClass{
		Name: ClassName, Config: def,
		New: func(config map[string]string) (connect.HeaderConverter, error) { return newConverter(def, config) },
	}
}

func configDef() *configdef.Def {
	return configdef.MustNew(
		configdef.ConfigKey{
			Name: TypeConfig, Type: configdef.TypeString, Required: true, Validator: configdef.ValidString("key", "value", "header"),
			Importance: configdef.ImportanceLow, Documentation: "What is converted: key, value or header. The framework sets it.",
		},
		configdef.ConfigKey{
			Name: SchemasEnableConfig, Type: configdef.TypeBoolean, Default: true, Importance: configdef.ImportanceHigh,
			Group: "Schemas", OrderInGroup: 0, Width: configdef.WidthMedium, DisplayName: "Enable Schemas",
			Documentation: "Write every value in an envelope together with its schema, and expect that when reading.",
		},
		configdef.ConfigKey{
			Name: SchemasCacheSizeConfig, Type: configdef.TypeInt, Default: 1000, Importance: configdef.ImportanceHigh,
			Group: "Schemas", OrderInGroup: 1, Width: configdef.WidthMedium, DisplayName: "Schema Cache Size",
			Documentation: "How many schemas are remembered, for reading and for writing each.",
		},
		configdef.ConfigKey{
			Name: SchemaContentConfig, Type: configdef.TypeString, Importance: configdef.ImportanceHigh,
			Group: "Schemas", OrderInGroup: 2, Width: configdef.WidthMedium, DisplayName: "Schema Content",
			Documentation: "A schema in JSON, as in the envelope, that all messages have. Messages are then read as values without " +
				"an envelope. It needs schemas.enable and does not change what is written.",
		},
		configdef.ConfigKey{
			Name: DecimalFormatConfig, Type: configdef.TypeString, Default: "BASE64", Importance: configdef.ImportanceLow,
			Validator: configdef.CaseInsensitiveValidString("NUMERIC", "BASE64"),
			Group:     "Serialization", OrderInGroup: 0, Width: configdef.WidthMedium, DisplayName: "Decimal Format",
			Documentation: "How decimals are written: BASE64, the unscaled value in binary, or NUMERIC, a number. Both are read.",
		},
		configdef.ConfigKey{
			Name: ReplaceNullWithDefaultConfig, Type: configdef.TypeBoolean, Default: true, Importance: configdef.ImportanceLow,
			Group: "Serialization", OrderInGroup: 1, Width: configdef.WidthMedium, DisplayName: "Replace null with default",
			Documentation: "Read and write a null as the default of its schema, where there is one.",
		},
	)
}

func newConverter(def *configdef.Def, props map[string]string) (*converter, error) {
	config, err := def.Parse(props)
	if err != nil {
		return nil, connect.ConfigError(err.Error())
	}
	c := &converter{
		schemas: config.Bool(SchemasEnableConfig),
		writer: writer{
			plans:              newCache[uint64](config.Int(SchemasCacheSizeConfig)),
			numericDecimals:    strings.EqualFold(config.String(DecimalFormatConfig), "NUMERIC"),
			replaceWithDefault: config.Bool(ReplaceNullWithDefaultConfig),
		},
	}
	c.reader = reader{
		replaceWithDefault: c.writer.replaceWithDefault,
		plans:              newCache[string](config.Int(SchemasCacheSizeConfig)),
		shapes:             shape{},
		budget:             shapeBudget,
	}
	return c, c.useSchemaContent(config.String(SchemaContentConfig))
}

// useSchemaContent parses schema.content. Empty, blank and null text mean that it is not set. It is parsed even when
// schemas are off, so that a mistake in it shows.
func (c *converter) useSchemaContent(text string) error {
	p, n, err := newPlain([]byte(text), c.reader.replaceWithDefault)
	if err != nil {
		e := connect.DataError("Failed to parse schema in converter config due to serialization error: ")
		e.Hint, e.Cause = "correct "+SchemaContentConfig, err
		return e
	}
	if n.kind == nodeMissing || n.kind == nodeNull {
		return nil
	}
	s, err := p.schema(n)
	if err != nil {
		return err
	}
	if c.schemas {
		c.content = newPlan(s)
	}
	return nil
}
