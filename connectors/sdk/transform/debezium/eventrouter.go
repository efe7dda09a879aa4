package debezium

// EventRouter (outbox.EventRouter) makes a message of each row that is inserted into an outbox table.
//
// Supported: all keys of Debezium 3.3 but those of tracing, which have no effect: table.field.event.id, .key, .type, .payload, .timestamp
// and .schema.version, table.fields.additional.placement and .error.on.missing, table.op.invalid.behavior, table.expand.json.payload,
// table.json.payload.null.behavior, route.by.field, route.topic.regex, route.topic.replacement and route.tombstone.on.empty.payload.
// Tombstones and deletions are dropped; so are updates, without a log line, unless table.op.invalid.behavior is fatal. Records that are
// no change events pass. Expanding JSON allocates memory for each record.

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const placementKey = "table.fields.additional.placement"

func eventRouter() []connect.TransformClass {
	word := func(name, doc, def string, words ...string) configdef.ConfigKey {
		key := text(name, doc, def)
		key.Validator = optionalWord(words...)
		return key
	}
	regex := text("route.topic.regex", "What to find in the field that routes.", "(?<routedByValue>.*)")
	regex.Validator = configdef.ValidRegex(func(pattern string) error {
		_, err := javaregex.Compile(pattern)
		return err
	})
	def := configdef.MustNew(
		text("table.field.event.id", "The column with the id, which becomes the header id.", "id"),
		text("table.field.event.key", "The column with the key.", "aggregateid"),
		text("table.field.event.type", "The column with the type. It is not looked at.", "type"),
		text("table.field.event.payload", "The column with the message.", "payload"),
		text("table.field.event.timestamp", "The column with the timestamp. Without it, the event's ts_ms is taken.", nil),
		text("table.field.event.schema.version", "The column with the version of the envelope's schema.", nil),
		list(placementKey, "Further columns, as column:placement or column:placement:name. Placements are header, envelope and partition."),
		boolean("table.fields.additional.error.on.missing", "Whether such a column that is missing is an error.", true),
		word("table.op.invalid.behavior", "What becomes of updates: warn and error drop them, fatal makes them an error.", "warn", "warn", "error", "fatal"),
		boolean("table.expand.json.payload", "Whether a message that is JSON becomes a struct.", false),
		word("table.json.payload.null.behavior", "What becomes of nulls in it: ignore or optional_bytes.", "ignore", "ignore", "optional_bytes"),
		text("route.by.field", "The column that routes.", "aggregatetype"),
		regex,
		text("route.topic.replacement", "The topic, with groups of route.topic.regex.", "outbox.event.${routedByValue}"),
		boolean("route.tombstone.on.empty.payload", "Whether an empty message becomes a tombstone.", false),
	)
	return []connect.TransformClass{smt.Class(packageName+"outbox.EventRouter", def, newEventRouter)}
}

type outboxRouter struct {
	id, key, payload, timestamp, version, routeBy string
	additions                                     []addition
	envelops                                      bool // whether there is an envelope around the message
	failsOnMissing, failsOnUpdates, tombstones    bool
	expander                                      *jsonExpander // nil if messages stay as they are
	regex                                         *javaregex.Regexp
	replacement                                   string
	topics                                        smt.Topics[string]
	plans                                         smt.Plans[outboxPlan]
	envelopes                                     smt.Plans[messagePlan]
}

// addition places a further column.
type addition struct{ column, placement, name string }

// outboxPlan says where the columns are in a row; -1 for those that are not there.
type outboxPlan struct {
	after                                         int
	row                                           *connect.Schema
	id, key, payload, timestamp, version, routeBy int
	additions                                     []int
	keySchema                                     *connect.Schema
}

// messagePlan is the schema of the envelope around a message, and what it was made for beside the schema of the message.
type messagePlan struct {
	row     *connect.Schema
	topic   string
	version connect.Value
	schema  *connect.Schema
}

func newEventRouter(c configdef.Config) (connect.Transform, error) {
	t := &outboxRouter{
		id: c.String("table.field.event.id"), key: c.String("table.field.event.key"), payload: c.String("table.field.event.payload"),
		timestamp: c.String("table.field.event.timestamp"), version: c.String("table.field.event.schema.version"), routeBy: c.String("route.by.field"),
		failsOnMissing: c.Bool("table.fields.additional.error.on.missing"), tombstones: c.Bool("route.tombstone.on.empty.payload"),
		failsOnUpdates: strings.EqualFold(c.String("table.op.invalid.behavior"), "fatal"), replacement: c.String("route.topic.replacement"),
	}
	var err error
	if t.regex, err = javaregex.Compile(c.String("route.topic.regex")); err != nil {
		return nil, smt.ConfigError(configdef.Invalid("route.topic.regex", c.String("route.topic.regex"), err.Error()))
	}
	if c.Bool("table.expand.json.payload") {
		t.expander = &jsonExpander{keepsNulls: strings.EqualFold(c.String("table.json.payload.null.behavior"), "optional_bytes")}
	}
	for _, placement := range c.List(placementKey) {
		parts := strings.Split(placement, ":")
		if len(parts) == 2 {
			parts = append(parts, parts[0])
		}
		if len(parts) != 3 || parts[0] == "" || parts[2] == "" {
			return nil, smt.ConfigError(configdef.Invalid(placementKey, placement, "A column, its placement and maybe a name are needed, with colons between"))
		}
		place := strings.ToLower(strings.TrimSpace(parts[1]))
		if place != "header" && place != "envelope" && place != "partition" {
			return nil, smt.ConfigError(configdef.Invalid(placementKey, placement, "The placement must be header, envelope or partition"))
		}
		t.additions = append(t.additions, addition{parts[0], place, parts[2]})
		t.envelops = t.envelops || place == "envelope"
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *outboxRouter) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	switch {
	case r.Value.IsNull():
		return false, nil
	case !isEnvelope(r):
		return true, nil
	}
	event := r.Value.Struct()
	op, err := event.GetOfType("op", connect.TypeString)
	if err != nil {
		return false, err
	}
	switch {
	case op.Str() == "d", op.Str() == "u" && !t.failsOnUpdates:
		return false, nil
	case op.Str() == "u":
		return false, &connect.Error{
			Kind: connect.KindData, Class: "java.lang.IllegalStateException", Message: "Unexpected update message received " + r.Key.String() + ", fail.",
		}
	}
	plan, err := t.plans.Find(event.Schema(), t.plan)
	if err != nil {
		return false, err
	}
	row, err := smt.StructOf(event.Field(plan.after), "Read Outbox Event")
	if err != nil {
		return false, err
	}
	if err := smt.SameFields(row, plan.row); err != nil {
		return false, err
	}
	err = t.makeMessage(r, a, plan, event, row)
	return err == nil, err
}

// makeMessage makes the record the message of a row.
func (t *outboxRouter) makeMessage(r *connect.Record, a *connect.Arena, plan *outboxPlan, event, row connect.Struct) error {
	schema, payload := plan.row.Fields()[plan.payload].Schema, row.FieldOrDefault(plan.payload)
	if t.expander != nil && payload.Kind() == connect.KindString {
		if s, v, ok := t.expander.expand(t.payload, payload.Str()); ok {
			schema, payload = s, v
		}
	}
	routed := row.Field(plan.routeBy)
	if routed.Kind() != connect.KindString {
		return connect.DataError("The column " + t.routeBy + ", which says the topic, must be a text, but it is " + smt.ClassName(routed))
	}
	var err error
	if r.Timestamp, err = t.timestampOf(plan, event, row); err != nil {
		return err
	}
	r.Headers = roomFor(a, r.Headers, 1+len(t.additions))
	addHeader(r, "id", plan.row.Fields()[plan.id].Schema, row.FieldOrDefault(plan.id))
	if err := t.addColumns(r, plan, row); err != nil {
		return err
	}
	r.KeySchema, r.Key = plan.keySchema, row.FieldOrDefault(plan.key)
	switch empty := payload.IsNull() || payload.Kind() == connect.KindString && javatext.Trim(payload.Str()) == ""; {
	case empty && t.tombstones:
		r.ValueSchema, r.Value = nil, connect.Null()
	case t.envelops:
		if r.ValueSchema, r.Value, err = t.envelope(a, plan, row, routed.Str(), schema, payload); err != nil {
			return err
		}
	default:
		r.ValueSchema, r.Value = schema, payload
	}
	r.Topic, err = t.topic(routed.Str())
	return err
}

// addColumns places further columns in headers and the partition.
func (t *outboxRouter) addColumns(r *connect.Record, plan *outboxPlan, row connect.Struct) error {
	r.Partition = connect.NoPartition
	for i, add := range t.additions {
		at := plan.additions[i]
		switch {
		case at < 0:
		case add.placement == "header":
			addHeader(r, add.name, plan.row.Fields()[at].Schema, row.FieldOrDefault(at))
		case add.placement == "partition":
			if v := row.Field(at); v.Kind() == connect.KindInt32 {
				r.Partition = int32(v.Int())
			} else if !v.IsNull() {
				return connect.DataError("Field '" + add.column + "' is not of type INT32")
			}
		}
	}
	return nil
}

// addHeader adds a header for which there is room.
func addHeader(r *connect.Record, name string, s *connect.Schema, v connect.Value) {
	if v.IsNull() {
		s = nil
	}
	r.Headers = append(r.Headers, connect.Header{Key: name, Schema: s, Value: v})
}

// topic is what RegexRouter would make of the value that routes.
func (t *outboxRouter) topic(routed string) (topic string, err error) {
	topic, known := t.topics.Find(routed)
	if known {
		return topic, nil
	}
	routed = strings.Clone(routed) // it lies in the memory of its batch
	if topic, err = replaceWhole(t.regex, routed, t.replacement, routed); err != nil {
		return "", smt.RegexError(err)
	}
	t.topics.Put(routed, topic)
	return topic, nil
}

// timestampOf returns the timestamp of a message in milliseconds.
func (t *outboxRouter) timestampOf(plan *outboxPlan, event, row connect.Struct) (int64, error) {
	if t.timestamp != "" {
		s, v := plan.row.Fields()[plan.timestamp].Schema, row.Field(plan.timestamp)
		kind, named := s.Name()
		switch {
		case v.IsNull():
		case v.Kind() != connect.KindInt64:
			return 0, outboxError("Unsupported field type " + smt.ClassName(v) + " for event timestamp")
		case !named:
			return 0, outboxError("Unsupported field type " + s.Type().String() + " (without logical schema name) for event timestamp")
		case kind == timestamp:
			return v.Int(), nil
		case kind == microTimestamp:
			return v.Int() / 1_000, nil
		case kind == nanoTimestamp:
			return v.Int() / 1_000_000, nil
		default:
			return 0, outboxError("Unsupported field type " + kind + " for event timestamp")
		}
	}
	v, err := event.GetOfType("ts_ms", connect.TypeInt64)
	if v.Kind() != connect.KindInt64 {
		return connect.NoTimestamp, err
	}
	return v.Int(), err
}

func outboxError(message string) error {
	return &connect.Error{Kind: connect.KindData, Class: connect.ConnectException, Message: message}
}

func (t *outboxRouter) plan(event *connect.Schema) (plan outboxPlan, err error) {
	if plan.after = event.FieldIndex("after"); plan.after < 0 || event.Fields()[plan.after].Schema.Type() != connect.TypeStruct {
		return plan, connect.DataError("A change event must have a struct in its field after")
	}
	plan.row = event.Fields()[plan.after].Schema
	plan.timestamp, plan.version = plan.row.FieldIndex(t.timestamp), plan.row.FieldIndex(t.version)
	plan.id, plan.key, plan.payload, plan.routeBy = plan.row.FieldIndex(t.id), plan.row.FieldIndex(t.key), plan.row.FieldIndex(t.payload), plan.row.FieldIndex(t.routeBy)
	switch {
	case plan.payload < 0:
		return plan, outboxError("Unable to find payload field " + t.payload + " in event")
	case t.timestamp != "" && plan.timestamp < 0:
		return plan, outboxError("Unable to find timestamp field " + t.timestamp + " in event")
	case plan.id < 0:
		return plan, outboxError("Unable to find event-id field " + t.id + " in event")
	case plan.key < 0:
		return plan, connect.DataError(t.key + " is not a valid field name")
	case plan.routeBy < 0:
		return plan, connect.DataError(t.routeBy + " is not a valid field name")
	case t.version != "" && plan.version < 0 && t.envelops:
		return plan, connect.DataError(t.version + " is not a valid field name")
	}
	plan.keySchema = plan.row.Fields()[plan.key].Schema
	for _, add := range t.additions {
		at := plan.row.FieldIndex(add.column)
		if at < 0 && t.failsOnMissing {
			return plan, connect.DataError(add.column + " is not a valid field name")
		}
		plan.additions = append(plan.additions, at)
	}
	return plan, nil
}
