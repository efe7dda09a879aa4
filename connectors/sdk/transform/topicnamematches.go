package transform

// TopicNameMatches is true for records of a topic that matches a regular expression as a whole.
//
// Supported: all of Kafka Connect 4.3. See package javaregex for the few constructs that are not supported.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const predicatePackage = packageName + "predicates."

func topicNameMatches() connect.PredicateClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "pattern", Type: configdef.TypeString, Required: true,
		Validator: configdef.Composite(configdef.NonEmptyString(), validRegex()), Importance: configdef.ImportanceMedium,
		Documentation: "A Java regular expression for matching against the name of a record's topic.",
	})
	return connect.PredicateClass{
		Name: predicatePackage + "TopicNameMatches", Config: def,
		New: func(config map[string]string) (connect.Predicate, error) {
			c, err := smt.Parse(def, config)
			if err != nil {
				return nil, err
			}
			regex, err := javaregex.Compile(c.String("pattern"))
			if err != nil {
				return nil, smt.ConfigError(err)
			}
			return &topicMatcher{regex: regex}, nil
		},
	}
}

type topicMatcher struct {
	regex   *javaregex.Regexp
	results smt.Topics[bool]
}

// Test implements connect.Predicate.
func (p *topicMatcher) Test(r *connect.Record) (bool, error) {
	if matches, known := p.results.Find(r.Topic); known {
		return matches, nil
	}
	matches, err := p.regex.Matches(r.Topic)
	if err != nil {
		return false, smt.RegexError(err)
	}
	p.results.Put(r.Topic, matches)
	return matches, nil
}
