package debezium

// Filter and ContentBasedRouter evaluate scripts.
//
// Supported: nothing. Ferry runs no scripts: their configurations are refused, with what to use instead.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func scripting() []connect.TransformClass {
	refused := func(name, expression, instead string) connect.TransformClass {
		def := configdef.MustNew(
			text("topic.regex", "The topics whose records are looked at.", nil),
			text("language", "The language of the script.", nil),
			text(expression, "The script.", nil),
			text("null.handling.mode", "What becomes of tombstones: keep, drop or evaluate.", "keep"),
		)
		return smt.Class(packageName+name, def, func(c configdef.Config) (connect.Transform, error) {
			e := connect.ConfigError(packageName + name + " is not supported: it evaluates a script (" + expression + ", language " + c.String("language") +
				"), and Ferry runs none")
			e.Hint = instead
			return nil, e
		})
	}
	return []connect.TransformClass{
		refused("Filter", "condition", "use io.confluent.connect.transforms.Filter$Value with a JSON path in filter.condition, "+
			"or org.apache.kafka.connect.transforms.Filter with a predicate"),
		refused("ContentBasedRouter", "topic.expression", "use io.confluent.connect.transforms.ExtractTopic$Value with a JSON path to a field that holds the topic, "+
			"route.by.field of ExtractNewRecordState, or org.apache.kafka.connect.transforms.RegexRouter"),
	}
}
