package confluent

// MessageTimestampRouter changes the topic of records to one with a timestamp from the value in it.
//
// Supported: MessageTimestampRouter with all keys of release 1.6: topic.format, message.timestamp.keys, message.timestamp.format and
// topic.timestamp.format. The value must be a map. The timestamp is the text under the first of the keys that is there; both formats
// are patterns of SimpleDateFormat, in UTC and for the locale en_US, see package javatime. Only topic.format has a default: the
// others must be set. Timestamps that are no text are refused.

import (
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatime"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func messageTimestampRouter() []connect.TransformClass {
	format := func(name, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{
			Name: name, Type: configdef.TypeString, Required: true, Validator: configdef.NonEmptyString(), Importance: configdef.ImportanceHigh,
			Documentation: doc + " A pattern of java.text.SimpleDateFormat.",
		}
	}
	def := configdef.MustNew(
		configdef.ConfigKey{
			Name: "topic.format", Type: configdef.TypeString, Default: "${topic}-${timestamp}", Importance: configdef.ImportanceHigh,
			Documentation: "The new topic, in which ${topic} and ${timestamp} stand for the old one and the timestamp.",
		},
		format("message.timestamp.format", "How the timestamp is written in the value."),
		format("topic.timestamp.format", "How the timestamp is written in the topic."),
		configdef.ConfigKey{
			Name: "message.timestamp.keys", Type: configdef.TypeList, Required: true, Validator: configdef.NonEmptyList(), Importance: configdef.ImportanceHigh,
			Documentation: "The fields that may hold the timestamp. The first that is there counts.",
		},
	)
	return []connect.TransformClass{smt.Class(packageName+"MessageTimestampRouter", def, newMessageTimestampRouter)}
}

type messageRouter struct {
	topic        string
	fields       []string
	from, to     *javatime.SimpleDateFormat
	routes       smt.Names
	text, partly []byte // scratch memory
	whole        []byte
}

func newMessageTimestampRouter(c configdef.Config) (connect.Transform, error) {
	t := &messageRouter{topic: c.String("topic.format"), fields: c.List("message.timestamp.keys")}
	for key, format := range map[string]**javatime.SimpleDateFormat{"message.timestamp.format": &t.from, "topic.timestamp.format": &t.to} {
		compiled, err := javatime.CompileSimpleDateFormat(c.String(key), time.UTC, time.Now())
		if err != nil {
			return nil, smt.ConfigError(configdef.Invalid(key, c.String(key), err.Error()))
		}
		*format = compiled
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *messageRouter) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	m, err := smt.MapOf(r.Value, "routing by a timestamp in the message")
	if err != nil {
		return false, err
	}
	name, v := t.find(m)
	switch v.Kind() {
	case connect.KindString:
	case connect.KindNull:
		return false, connect.DataError("The value has none of the fields of message.timestamp.keys")
	default:
		return false, connect.DataError("The timestamp must be a text, but field " + name + " is a " + v.Kind().JavaClass())
	}
	millis, ok := t.from.Parse(v.Str())
	if !ok {
		return false, connect.DataError("The timestamp in field " + name + " does not match message.timestamp.format: " + v.Str())
	}
	t.text = t.to.AppendFormat(t.text[:0], millis)
	t.partly = smt.AppendReplaced(t.partly[:0], []byte(t.topic), "${topic}", r.Topic)
	t.whole = smt.AppendReplaced(t.whole[:0], t.partly, "${timestamp}", t.text)
	r.Topic = t.routes.Intern(t.whole)
	return true, nil
}

// find returns the first field that is there and not null.
func (t *messageRouter) find(m connect.Map) (name string, v connect.Value) {
	for _, name := range t.fields {
		if v, _ := m.Get(name); !v.IsNull() {
			return name, v
		}
	}
	return "", connect.Null()
}
