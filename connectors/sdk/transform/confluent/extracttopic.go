package confluent

// ExtractTopic makes a text in the key, the value or a header the topic of a record.
//
// Supported: ExtractTopic$Key, ExtractTopic$Value and ExtractTopic$Header with all keys of release 1.6. Of JSON paths, those that name
// one field or element, step by step: $.a.b[0], $['a']['b'] or $["a"]["b"]; filters, wildcards and what package jsonpath refuses are
// refused. Of several headers of one name the last counts. What is found must be text.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/jsonpath"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func extractTopic() []connect.TransformClass {
	field := configdef.ConfigKey{
		Name: "field", Type: configdef.TypeString, Default: "", Importance: configdef.ImportanceMedium,
		Documentation: "The field or header that holds the topic. Empty for a key or value that is a text itself.",
	}
	format := configdef.ConfigKey{
		Name: "field.format", Type: configdef.TypeString, Default: "PLAIN", Validator: configdef.ValidString("JSON_PATH", "PLAIN", ""),
		Importance: configdef.ImportanceMedium, Documentation: "How field is written: PLAIN (the default) for a name, JSON_PATH for a path to a nested field.",
	}
	skip := configdef.ConfigKey{
		Name: "skip.missing.or.null", Type: configdef.TypeBoolean, Default: false, Importance: configdef.ImportanceLow,
		Documentation: "Whether records without the field, or with a null in its place, pass unchanged. Otherwise they are an error.",
	}
	def := configdef.MustNew(field, format, skip)
	return append(
		smt.KeyAndValue(packageName+"ExtractTopic", def, newTopicExtractor), smt.Class(packageName+"ExtractTopic$Header", def, newHeaderTopic),
	)
}

type topicExtractor struct {
	smt.Operand
	field string
	path  *jsonpath.Path // nil for a name, and for the whole
	what  string         // what is looked at, for errors
	skip  bool
}

func newTopicExtractor(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	t := &topicExtractor{Operand: o, field: c.String("field"), what: "the " + o.String(), skip: c.Bool("skip.missing.or.null")}
	if t.field != "" {
		t.what = "field " + t.field + " of " + t.what
	}
	switch {
	case t.field == "":
	case c.String("field.format") == "JSON_PATH":
		path, err := jsonpath.Parse(t.field)
		switch {
		case err != nil:
			return nil, smt.ConfigError(configdef.Invalid("field", t.field, err.Error()))
		case !path.IsDefinite() || path.IsRoot():
			e := connect.ConfigError("Invalid value " + t.field + " for configuration field: a JSON path to one field is needed")
			e.Hint = `write it as $["a"]["b"] or $.a.b`
			return nil, e
		}
		t.path = path
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *topicExtractor) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	_, v := t.Get(r)
	switch {
	case t.path != nil:
		v = t.path.Get(v)
	case t.field != "":
		if v, err = member(v, t.field); err != nil {
			return false, err
		}
	}
	return setTopic(r, v, t.what, t.skip)
}

// member returns a field of a struct or an entry of a map; null when it is not there.
func member(v connect.Value, name string) (connect.Value, error) {
	switch v.Kind() {
	case connect.KindNull:
		return v, nil
	case connect.KindStruct:
		st := v.Struct()
		if i := st.Schema().FieldIndex(name); i >= 0 {
			return st.FieldOrDefault(i), nil
		}
		return connect.Null(), nil
	case connect.KindMap:
		found, _ := v.Map().Get(name)
		return found, nil
	}
	return v, connect.DataError("Only a struct or a map has a field " + name + ", but found " + v.Kind().JavaClass())
}

func setTopic(r *connect.Record, v connect.Value, what string, skip bool) (keep bool, err error) {
	switch {
	case v.Kind() == connect.KindString:
		r.Topic = v.Str()
	case !v.IsNull():
		return false, connect.DataError("The topic must be a text, but " + what + " is a " + v.Kind().JavaClass())
	case !skip:
		return false, &connect.Error{
			Kind: connect.KindData, Class: connect.DataException, Message: "The topic cannot be extracted: " + what + " is missing or null",
			Hint: "set skip.missing.or.null to let such records pass unchanged",
		}
	}
	return true, nil
}

type headerTopic struct {
	name string
	what string
	skip bool
}

func newHeaderTopic(c configdef.Config) (connect.Transform, error) {
	switch {
	case c.String("field") == "":
		return nil, connect.ConfigError("Invalid value  for configuration field: the name of a header is required")
	case c.String("field.format") == "JSON_PATH":
		return nil, connect.ConfigError("Invalid value JSON_PATH for configuration field.format: a header has no path, only PLAIN is possible")
	}
	return &headerTopic{name: c.String("field"), what: "header " + c.String("field"), skip: c.Bool("skip.missing.or.null")}, nil
}

// Apply implements connect.Transform.
func (t *headerTopic) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	h, _ := connect.LastHeader(r.Headers, t.name)
	return setTopic(r, h.Value, t.what, t.skip)
}
