package transform

// RegexRouter changes the topic of records.
//
// Supported: all of Kafka Connect 4.3. The regular expression must match the whole topic; then its first occurrence in the
// topic, which can be shorter, is replaced. See package javaregex for the few constructs that are not supported. A wrong
// replacement is an error of each record that matches, not of the configuration.

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func regexRouter() []connect.TransformClass {
	def := configdef.MustNew(
		configdef.ConfigKey{
			Name: "regex", Type: configdef.TypeString, Required: true, Validator: validRegex(), Importance: configdef.ImportanceHigh,
			Documentation: "Regular expression to use for matching.",
		},
		configdef.ConfigKey{
			Name: "replacement", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceHigh,
			Documentation: "Replacement string.",
		},
	)
	return []connect.TransformClass{{
		Name: packageName + "RegexRouter", Config: def,
		New: func(config map[string]string) (connect.Transform, error) {
			c, err := smt.Parse(def, config)
			if err != nil {
				return nil, err
			}
			regex, err := javaregex.Compile(c.String("regex"))
			if err != nil {
				return nil, smt.ConfigError(err)
			}
			return &router{regex: regex, replacement: c.String("replacement")}, nil
		},
	}}
}

func validRegex() configdef.Validator {
	return configdef.ValidRegex(func(pattern string) error {
		_, err := javaregex.Compile(pattern)
		return err
	})
}

type router struct {
	regex       *javaregex.Regexp
	replacement string
	routes      smt.Topics[string]
}

// Apply implements connect.Transform.
func (t *router) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	to, known := t.routes.Find(r.Topic)
	if !known {
		if to, err = t.route(r.Topic); err != nil {
			return false, smt.RegexError(err)
		}
		t.routes.Put(r.Topic, to)
	}
	r.Topic = to
	return true, nil
}

func (t *router) route(topic string) (string, error) {
	topic = strings.Clone(topic) // it may lie in the memory of its batch, and so would parts of it
	matches, err := t.regex.Matches(topic)
	if err != nil || !matches {
		return topic, err
	}
	return t.regex.ReplaceFirst(topic, t.replacement)
}
