package transform

// DropHeaders removes all headers of given names.
//
// Supported: all of Kafka Connect 4.3. Names must be equal to the last character; the order of the other headers stays.

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func dropHeaders() []connect.TransformClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "headers", Type: configdef.TypeList, Required: true, Validator: configdef.AnyNonDuplicateValues(false, false),
		Importance: configdef.ImportanceHigh, Documentation: "The name of the headers to be removed.",
	})
	return []connect.TransformClass{{
		Name: packageName + "DropHeaders", Config: def,
		New: func(config map[string]string) (connect.Transform, error) {
			c, err := smt.Parse(def, config)
			if err != nil {
				return nil, err
			}
			return &headerDropper{names: c.List("headers")}, nil
		},
	}}
}

type headerDropper struct{ names []string }

// Apply implements connect.Transform.
func (t *headerDropper) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	if !slices.ContainsFunc(r.Headers, t.drops) {
		return true, nil
	}
	kept := a.Headers(len(r.Headers))[:0] // records may share their headers
	for _, h := range r.Headers {
		if !t.drops(h) {
			kept = append(kept, h)
		}
	}
	r.Headers = kept
	return true, nil
}

func (t *headerDropper) drops(h connect.Header) bool { return slices.Contains(t.names, h.Key) }
