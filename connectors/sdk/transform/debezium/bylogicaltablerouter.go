package debezium

// ByLogicalTableRouter changes the topic of records of several tables to one, and makes their keys differ.
//
// Supported: topic.regex, topic.replacement, key.enforce.uniqueness, key.field.name, key.field.regex, key.field.replacement and
// schema.name.adjustment.mode. logical.table.cache.size has no effect. Any record whose topic matches is routed; a key must be a struct or null; only change events get new schemas. An
// empty topic leaves the record as it is. See package javaregex for the few constructs that are not supported.

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func byLogicalTableRouter() []connect.TransformClass {
	regex := func(name, doc string) configdef.ConfigKey {
		key := text(name, doc, nil)
		key.Validator = configdef.ValidRegex(func(pattern string) error {
			_, err := javaregex.Compile(pattern)
			return err
		})
		return key
	}
	topicRegex, replacement := regex("topic.regex", "The topics to route."), text("topic.replacement", "The new topic, with groups of topic.regex.", nil)
	topicRegex.Required, replacement.Required = true, true
	keyRegex := text("key.field.regex", "What to find in the old topic for the key's new field.", nil)
	adjust := text("schema.name.adjustment.mode", "Whether characters that Avro does not take in names become underscores (avro) or their numbers (avro_unicode), or stay (none).", string(noAdjustment))
	adjust.Validator = configdef.ValidString(string(noAdjustment), string(avroAdjustment), string(avroUnicodeMode))
	cache := configdef.ConfigKey{
		Name: "logical.table.cache.size", Type: configdef.TypeInt, Default: 16, Importance: configdef.ImportanceLow, Documentation: "Has no effect.",
	}
	def := configdef.MustNew(
		topicRegex, replacement,
		boolean("key.enforce.uniqueness", "Whether the key gets a field that tells the old topic.", true),
		text("key.field.name", "The name of that field.", "__dbz__physicalTableIdentifier"),
		keyRegex,
		text("key.field.replacement", "What that field holds instead of the old topic, with groups of key.field.regex.", nil),
		adjust, cache,
	)
	return []connect.TransformClass{smt.Class(packageName+"ByLogicalTableRouter", def, newByLogicalTableRouter)}
}

type tableRouter struct {
	regex       *javaregex.Regexp
	replacement string
	keyField    string            // empty if keys stay as they are
	keyRegex    *javaregex.Regexp // nil if the field is the old topic
	keyText     string
	names       adjustment
	routes      smt.Topics[*route]
	keys        smt.Plans[keyPlan]
	envelopes   smt.Plans[envelopePlan]
}

// route is where records of one topic go.
type route struct {
	topic string // empty when records stay
	hash  uint64 // of topic
	table connect.Value
}

// keyPlan is the new schema of a key.
type keyPlan struct {
	topic  string // that it was made for
	schema *connect.Schema
}

// envelopePlan is the new schema of an event and of its rows.
type envelopePlan struct {
	topic         string // that it was made for
	schema, row   *connect.Schema
	before, after int
}

func newByLogicalTableRouter(c configdef.Config) (connect.Transform, error) {
	t := &tableRouter{replacement: c.String("topic.replacement"), keyText: c.String("key.field.replacement"), names: adjustment(c.String("schema.name.adjustment.mode"))}
	var err error
	if t.regex, err = javaregex.Compile(c.String("topic.regex")); err != nil {
		return nil, smt.ConfigError(configdef.Invalid("topic.regex", c.String("topic.regex"), err.Error()))
	}
	if c.Bool("key.enforce.uniqueness") {
		t.keyField = c.String("key.field.name")
	}
	pattern := c.String("key.field.regex")
	switch {
	case strings.TrimSpace(pattern) == "":
		return t, nil
	case strings.TrimSpace(t.keyText) == "":
		return nil, smt.ConfigError(configdef.Errorf("key.field.replacement", "key.field.replacement must be non-empty if key.field.regex is set."))
	}
	if t.keyRegex, err = javaregex.Compile(pattern); err != nil {
		return nil, smt.ConfigError(configdef.Invalid("key.field.regex", pattern, err.Error()))
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *tableRouter) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	to, known := t.routes.Find(r.Topic)
	if !known {
		if to, err = t.newRoute(strings.Clone(r.Topic)); err != nil { // it may lie in the memory of its batch
			return false, smt.RegexError(err)
		}
		t.routes.Put(r.Topic, to)
	}
	if to.topic == "" {
		return true, nil
	}
	if err := t.setKey(r, a, to); err != nil {
		return false, err
	}
	if isEnvelope(r) {
		if err := t.setEnvelope(r, a, to); err != nil {
			return false, err
		}
	}
	r.Topic = to.topic
	return true, nil
}

func (t *tableRouter) newRoute(topic string) (to *route, err error) {
	to = new(route)
	to.topic, err = replaceWhole(t.regex, topic, t.replacement, "")
	to.hash = smt.HashText(to.topic)
	if err != nil || t.keyField == "" {
		return to, err
	}
	table := topic
	if t.keyRegex != nil {
		table, err = replaceWhole(t.keyRegex, topic, t.keyText, topic)
	}
	to.table = connect.String(table)
	return to, err
}

// replaceWhole returns s with the first match replaced if the whole of s matches, otherwise what is given for that.
func replaceWhole(regex *javaregex.Regexp, s, replacement, otherwise string) (string, error) {
	if matches, err := regex.Matches(s); !matches || err != nil {
		return otherwise, err
	}
	return regex.ReplaceFirst(s, replacement)
}

func (t *tableRouter) setKey(r *connect.Record, a *connect.Arena, to *route) error {
	if r.Key.IsNull() { // as that of a table without a primary key
		r.KeySchema = nil
		return nil
	}
	from, err := smt.StructOf(r.Key, "Updating schema")
	if err != nil {
		return err
	}
	plan, err := t.keys.FindFor(from.Schema(), to.hash,
		func(p *keyPlan) bool { return p.topic == to.topic },
		func(s *connect.Schema) (p keyPlan, err error) {
			p.topic = to.topic
			p.schema, err = t.renamed(s, to.topic+".Key", t.keyField)
			return p, err
		})
	if err != nil {
		return err
	}
	key, err := copyStruct(a, plan.schema, from, true)
	if err != nil {
		return err
	}
	if t.keyField != "" {
		key.SetField(len(from.Fields()), to.table)
	}
	r.KeySchema, r.Key = plan.schema, key.Value()
	return nil
}

// renamed returns a struct schema under another name, with a text field more if that has a name.
func (t *tableRouter) renamed(s *connect.Schema, name, field string) (*connect.Schema, error) {
	b := t.builder(s, name)
	for _, f := range s.Fields() {
		b.Field(f.Name, f.Schema)
	}
	if field != "" {
		b.Field(field, connect.StringSchema)
	}
	return b.Build()
}

// builder begins a struct schema with everything of s but its name, its fields and its default.
func (t *tableRouter) builder(s *connect.Schema, name string) *connect.SchemaBuilder {
	b := connect.NewStructSchema().Name(t.names.of(name)).SetOptional(s.Optional())
	if version, ok := s.Version(); ok {
		b.Version(version)
	}
	return smt.CopyNotes(b, s)
}

func (t *tableRouter) setEnvelope(r *connect.Record, a *connect.Arena, to *route) error {
	from := r.Value.Struct()
	plan, err := t.envelopes.FindFor(from.Schema(), to.hash,
		func(p *envelopePlan) bool { return p.topic == to.topic },
		func(s *connect.Schema) (envelopePlan, error) { return t.planEnvelope(s, to.topic) })
	if err != nil {
		return err
	}
	event := a.NewStruct(plan.schema)
	for i, v := range from.Fields() {
		switch {
		case v.IsNull():
			v, err = smt.NullField(plan.schema, i, from, i, i != plan.before && i != plan.after)
		case i == plan.before || i == plan.after:
			var row connect.Struct
			if row, err = smt.StructOf(v, "Updating schema"); err != nil {
				return err
			}
			if err = smt.SameFields(row, from.Schema().Fields()[plan.before].Schema); err != nil {
				return err
			}
			row, err = copyStruct(a, plan.row, row, true)
			v = row.Value()
		}
		if err != nil {
			return err
		}
		event.SetField(i, v)
	}
	r.ValueSchema, r.Value = plan.schema, event.Value()
	return nil
}

func (t *tableRouter) planEnvelope(s *connect.Schema, topic string) (plan envelopePlan, err error) {
	plan.topic, plan.before, plan.after = topic, s.FieldIndex("before"), s.FieldIndex("after")
	if plan.before < 0 || s.Fields()[plan.before].Schema.Type() != connect.TypeStruct {
		return plan, connect.DataError("A change event must have a struct in its field before")
	}
	if plan.row, err = t.renamed(s.Fields()[plan.before].Schema, topic+".Value", ""); err != nil {
		return plan, err
	}
	b := t.builder(s, topic+".Envelope")
	for i, f := range s.Fields() {
		if i == plan.before || i == plan.after {
			f.Schema = plan.row
		}
		b.Field(f.Name, f.Schema)
	}
	plan.schema, err = b.Build()
	return plan, err
}
