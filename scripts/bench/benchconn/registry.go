package benchconn

import (
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Registry returns the two classes together with the built-in plugins.
func Registry() (*connect.Registry, error) { return connect.NewRegistry(builtin.With(Classes(nil)...)) }

// JSON returns a JsonConverter for values, with or without the schema in each.
func JSON(registry *connect.Registry, schemas bool) (connect.Converter, error) {
	class, err := registry.Converter("org.apache.kafka.connect.json.JsonConverter")
	if err != nil {
		return nil, err
	}
	return class.New(map[string]string{"converter.type": "value", "schemas.enable": strconv.FormatBool(schemas)})
}
