package transform

// TimestampRouter changes the topic of records to one with the record's timestamp in it.
//
// Supported: all of Kafka Connect 4.3. timestamp.format is a pattern of SimpleDateFormat, in UTC and for the locale en_US; see
// package javatime. As in Kafka Connect, a wrong pattern is an error of each record, not of the configuration.

import (
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatime"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func timestampRouter() []connect.TransformClass {
	key := func(name, def, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{Name: name, Type: configdef.TypeString, Default: def, Importance: configdef.ImportanceHigh, Documentation: doc}
	}
	def := configdef.MustNew(
		key("topic.format", "${topic}-${timestamp}",
			"Format string which can contain <code>${topic}</code> and <code>${timestamp}</code> as placeholders for the topic and timestamp, respectively."),
		key("timestamp.format", "yyyyMMdd", "Format string for the timestamp that is compatible with <code>java.text.SimpleDateFormat</code>."),
	)
	return []connect.TransformClass{{
		Name: packageName + "TimestampRouter", Config: def,
		New: func(config map[string]string) (connect.Transform, error) {
			c, err := smt.Parse(def, config)
			if err != nil {
				return nil, err
			}
			t := &timeRouter{topic: c.String("topic.format")}
			t.format, t.wrong = javatime.CompileSimpleDateFormat(c.String("timestamp.format"), time.UTC, time.Now())
			return t, nil
		},
	}}
}

type timeRouter struct {
	topic  string
	format *javatime.SimpleDateFormat
	wrong  error // the pattern cannot be compiled
	routes smt.Names
	// Scratch memory for the timestamp, the topic with the old topic in it, and the whole.
	timestamp, partly, whole []byte
}

// Apply implements connect.Transform.
func (t *timeRouter) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	if r.Timestamp == connect.NoTimestamp {
		return false, connect.DataError("Timestamp missing on record: " + smt.RecordText(r))
	}
	if t.wrong != nil {
		return false, &connect.Error{
			Kind: connect.KindData, Class: connect.IllegalArgumentException, Message: t.wrong.Error(), Hint: "correct timestamp.format",
		}
	}
	t.timestamp = t.format.AppendFormat(t.timestamp[:0], r.Timestamp)
	t.partly = smt.AppendReplaced(t.partly[:0], []byte(t.topic), "${topic}", r.Topic)
	t.whole = smt.AppendReplaced(t.whole[:0], t.partly, "${timestamp}", t.timestamp)
	r.Topic = t.routes.Intern(t.whole)
	return true, nil
}
