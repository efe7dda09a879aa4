package confluent

// Filter lets pass records in which a JSON path finds something, or those in which it does not.
//
// Supported: Filter$Key and Filter$Value with all keys of release 1.6: filter.condition, filter.type and missing.or.null.behavior. Of
// JSON paths, what package jsonpath supports; the rest is refused by name. missing.or.null.behavior is about fields outside of
// predicates: inside, what is missing or null satisfies no comparison. A null key or value passes.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/jsonpath"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func filter() []connect.TransformClass {
	condition := configdef.ConfigKey{
		Name: "filter.condition", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceHigh,
		Documentation: "A JSON path with a predicate, such as $.key[?(@.nestedKey == 'value')].",
	}
	condition.Validator = configdef.Lambda("JSON path", func(name string, value any) error {
		text, _ := value.(string)
		if _, err := jsonpath.Parse(text); err != nil {
			return configdef.Invalid(name, value, err.Error())
		}
		return nil
	})
	def := configdef.MustNew(
		condition,
		configdef.ConfigKey{
			Name: "filter.type", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceHigh,
			Validator:     configdef.ValidString("include", "exclude"),
			Documentation: "What becomes of records that match: include lets them pass and drops the others, exclude drops them.",
		},
		configdef.ConfigKey{
			Name: "missing.or.null.behavior", Type: configdef.TypeString, Default: "fail", Importance: configdef.ImportanceMedium,
			Validator:     configdef.ValidString("fail", "include", "exclude"),
			Documentation: "What becomes of records without the fields of the condition: fail makes them an error, include lets them pass, exclude drops them.",
		},
	)
	return smt.KeyAndValue(packageName+"Filter", def, func(o smt.Operand, c configdef.Config) (connect.Transform, error) {
		path, err := jsonpath.Parse(c.String("filter.condition"))
		if err != nil {
			return nil, smt.ConfigError(configdef.Invalid("filter.condition", c.String("filter.condition"), err.Error()))
		}
		return &recordFilter{
			Operand: o, condition: c.String("filter.condition"), path: path, includes: c.String("filter.type") == "include",
			missing: c.String("missing.or.null.behavior"),
		}, nil
	})
}

type recordFilter struct {
	smt.Operand
	condition string
	path      *jsonpath.Path
	includes  bool
	missing   string
}

// Apply implements connect.Transform.
func (t *recordFilter) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	_, v := t.Get(r)
	if v.IsNull() {
		return true, nil
	}
	outcome, err := t.path.Match(v)
	switch {
	case err != nil:
		return false, smt.RegexError(err)
	case outcome != jsonpath.Missing:
		return (outcome == jsonpath.Found) == t.includes, nil
	case t.missing == "fail":
		return false, &connect.Error{
			Kind: connect.KindData, Class: connect.DataException,
			Message: "The condition " + t.condition + " cannot be applied: a field of it is missing or null in the " + t.String(),
			Hint:    "set missing.or.null.behavior to include or exclude such records",
		}
	}
	return t.missing == "include", nil
}
