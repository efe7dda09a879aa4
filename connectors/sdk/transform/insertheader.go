package transform

// InsertHeader adds a header of fixed name and value to every record, behind those of the same name.
//
// Supported: all of Kafka Connect 4.3. The type of the value is guessed from its text, as it is for headers that
// SimpleHeaderConverter reads: 5 is an INT8, 1970-01-01 a Date, [1,2] an array, null a header without a value.

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

func insertHeader() []connect.TransformClass {
	key := func(name, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{
			Name: name, Type: configdef.TypeString, Required: true, Validator: configdef.NonNull(), Importance: configdef.ImportanceHigh, Documentation: doc,
		}
	}
	def := configdef.MustNew(
		key("header", "The name of the header."),
		key("value.literal", "The literal value that is to be set as the header value on all records."),
	)
	return []connect.TransformClass{{
		Name: packageName + "InsertHeader", Config: def,
		New: func(config map[string]string) (connect.Transform, error) {
			c, err := smt.Parse(def, config)
			if err != nil {
				return nil, err
			}
			s, v := values.ParseString(c.String("value.literal"))
			return &headerInserter{header: connect.Header{Key: c.String("header"), Schema: s, Value: v}}, nil
		},
	}}
}

type headerInserter struct{ header connect.Header }

// Apply implements connect.Transform.
func (t *headerInserter) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	r.Headers = connect.AppendHeader(a, slices.Clip(r.Headers), t.header) // records may share what lies behind their headers
	return true, nil
}
