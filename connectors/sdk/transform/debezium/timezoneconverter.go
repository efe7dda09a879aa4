package debezium

// TimezoneConverter shows the timestamps of change events in another time zone.
//
// Supported: all keys: converted.timezone, include.list and exclude.list. Of the rows, and of source where a rule names a field of it,
// fields of the types ZonedTimestamp, ZonedTime, Timestamp, MicroTimestamp and NanoTimestamp of io.debezium.time and Timestamp of Kafka
// Connect are converted. Text keeps its instant and gets the zone's offset, looked up as if the text's local time were the zone's, and
// for ZonedTime today's; numbers are moved by the offset. All this is as in Debezium. Other temporal types stay, without a log line.

import (
	"slices"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatime"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func timezoneConverter() []connect.TransformClass {
	zone := text("converted.timezone", "The time zone: a name such as America/New_York, or an offset such as +02:00.", nil)
	zone.Required, zone.Importance = true, configdef.ImportanceHigh
	const rules = " Rules: source:table, source:table:field, topic:topic, topic:topic:field or name:field."
	def := configdef.MustNew(
		zone,
		list("include.list", "Rules for the fields to convert."+rules),
		list("exclude.list", "Rules for the fields not to convert."+rules),
	)
	return []connect.TransformClass{smt.Class(packageName+"TimezoneConverter", def, newTimezoneConverter)}
}

type zoneConverter struct {
	zone  zone
	mode  listMode
	rules []zoneRule
	plans smt.Plans[zonePlan]
}

// listMode says what the rules are.
type listMode uint8

const (
	allFields listMode = iota
	included
	excluded
)

// zoneRule names fields of events from a table or topic; without fields it is about all.
type zoneRule struct {
	by                    ruleKind
	name                  string
	before, after, source []string
	any                   bool // whether fields are named
}

// ruleKind is what a rule's name names. Rules are tried in this order.
type ruleKind uint8

const (
	byTopic ruleKind = iota
	byTable
	byEither
)

// zonePlan says where in an event the structs are, and which of their fields can be converted.
type zonePlan struct{ before, after, source zoneFields }

type zoneFields struct {
	at     int // field of the event, -1 for none
	schema *connect.Schema
	fields []zoneField
}

type zoneField struct {
	at   int
	name string
	kind string // the name of its type
}

func newTimezoneConverter(c configdef.Config) (connect.Transform, error) {
	t := new(zoneConverter)
	var ok bool
	if t.zone, ok = newZone(c.String("converted.timezone")); !ok {
		return nil, smt.ConfigError(configdef.Invalid("converted.timezone", c.String("converted.timezone"),
			"Specify a geographic time zone, as America/Los_Angeles, or an offset from UTC, as +08:00"))
	}
	include, exclude := c.List("include.list"), c.List("exclude.list")
	key, rules := "include.list", include
	switch {
	case len(include) > 0 && len(exclude) > 0:
		return nil, smt.ConfigError(configdef.Errorf("exclude.list", "Both include and exclude lists are specified. Please specify only one."))
	case len(include) > 0:
		t.mode = included
	case len(exclude) > 0:
		t.mode, key, rules = excluded, "exclude.list", exclude
	}
	prefix := ""
	for _, text := range rules {
		if !t.addRule(text, &prefix) {
			return nil, smt.ConfigError(configdef.Invalid(key, text,
				"Specify a list of rules of the forms source:<tablename>:<fieldnames>, topic:<topicname>:<fieldnames>, <matchname>:<fieldnames>"))
		}
	}
	slices.SortStableFunc(t.rules, func(a, b zoneRule) int { return int(a.by) - int(b.by) })
	return t, nil
}

// addRule reads a rule. A prefix is meant for the rules behind it that have none, too.
func (t *zoneConverter) addRule(text string, prefix *string) bool {
	parts := strings.Split(text, ":")
	if first := strings.ToLower(parts[0]); first == "source" || first == "topic" {
		*prefix = first
		parts = parts[1:]
	} else if len(parts) != 2 {
		return false
	}
	if len(parts) < 1 || len(parts) > 2 || slices.Contains(parts, "") {
		return false
	}
	by := map[string]ruleKind{"topic": byTopic, "source": byTable, "": byEither}[*prefix]
	i := slices.IndexFunc(t.rules, func(r zoneRule) bool { return r.by == by && r.name == parts[0] })
	if i < 0 {
		i = len(t.rules)
		t.rules = append(t.rules, zoneRule{by: by, name: parts[0]})
	}
	if len(parts) == 2 {
		t.rules[i].add(parts[1])
	}
	return true
}

func (r *zoneRule) add(field string) {
	r.any = true
	where, name, nested := strings.Cut(field, ".")
	switch {
	case nested && where == "source":
		r.source = append(r.source, name)
	case nested && where == "before":
		r.before = append(r.before, name)
	case nested && where == "after":
		r.after = append(r.after, name)
	default:
		r.before, r.after = append(r.before, field), append(r.after, field)
	}
}

// Apply implements connect.Transform.
func (t *zoneConverter) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	if !isEnvelope(r) {
		return true, nil
	}
	event := r.Value.Struct()
	rule := t.ruleFor(r.Topic, event)
	mode := t.mode
	switch {
	case rule == nil && mode == included, rule != nil && !rule.any && mode == excluded:
		return true, nil
	case rule == nil, !rule.any:
		mode, rule = allFields, &zoneRule{}
	}
	plan, err := t.plans.Find(event.Schema(), planZones)
	if err != nil {
		return false, err
	}
	to := a.NewStruct(event.Schema())
	copy(to.Fields(), event.Fields())
	if err := t.convert(a, to, &plan.before, mode, rule.before); err != nil {
		return false, err
	}
	if err := t.convert(a, to, &plan.after, mode, rule.after); err != nil {
		return false, err
	}
	if len(rule.source) > 0 {
		if err := t.convert(a, to, &plan.source, mode, rule.source); err != nil {
			return false, err
		}
	}
	r.Value = to.Value()
	return true, nil
}

// ruleFor returns the rule for an event, nil if there is none.
func (t *zoneConverter) ruleFor(topic string, event connect.Struct) *zoneRule {
	table := ""
	if source, ok := structNamed(event, "source"); ok {
		if v := fieldNamed(source, "table"); v.Kind() == connect.KindString {
			table = v.Str()
		}
	}
	for i := range t.rules {
		rule := &t.rules[i]
		if rule.by != byTable && rule.name == topic || rule.by != byTopic && rule.name == table {
			return rule
		}
	}
	return nil
}

// convert replaces one of an event's structs by one with converted fields.
func (t *zoneConverter) convert(a *connect.Arena, event connect.Struct, plan *zoneFields, mode listMode, names []string) error {
	if plan.at < 0 || event.Field(plan.at).IsNull() || len(plan.fields) == 0 {
		return nil
	}
	from, err := smt.StructOf(event.Field(plan.at), "converting timezones")
	if err != nil {
		return err
	}
	if err := smt.SameFields(from, plan.schema); err != nil {
		return err
	}
	to := a.NewStruct(from.Schema())
	copy(to.Fields(), from.Fields())
	for _, f := range plan.fields {
		v := from.FieldOrDefault(f.at)
		if v.IsNull() || mode != allFields && slices.Contains(names, f.name) != (mode == included) {
			continue
		}
		if v, err = t.zone.convert(a, f.kind, v); err != nil {
			return connect.DataError("The time zone of field " + f.name + " cannot be converted: " + err.Error())
		}
		to.SetField(f.at, v)
	}
	event.SetField(plan.at, to.Value())
	return nil
}

func planZones(event *connect.Schema) (plan zonePlan, err error) {
	for name, to := range map[string]*zoneFields{"before": &plan.before, "after": &plan.after, "source": &plan.source} {
		if to.at = event.FieldIndex(name); to.at < 0 {
			continue
		}
		to.schema = event.Fields()[to.at].Schema
		for i, f := range to.schema.Fields() {
			if kind, _ := f.Schema.Name(); slices.Contains([]string{zonedTimestamp, zonedTime, timestamp, microTimestamp, nanoTimestamp, connect.TimestampName}, kind) {
				to.fields = append(to.fields, zoneField{at: i, name: f.Name, kind: kind})
			}
		}
	}
	return plan, nil
}

// newZone reads the name of a time zone, or an offset.
func newZone(text string) (z zone, ok bool) {
	for _, layout := range []string{"-07:00", "-07:00:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			_, offset := t.Zone()
			return zone{location: time.FixedZone(text, offset), now: time.Now}, true
		}
	}
	location, ok := javatime.Zone(text)
	return zone{location: location, now: time.Now}, ok
}
