package debezium

// ExtractNewRecordState replaces a change event by the row as it is after the change.
//
// Supported: all keys of Debezium 3.3: delete.tombstone.handling.mode, add.fields, add.fields.prefix, add.headers, add.headers.prefix,
// route.by.field, drop.fields.header.name, drop.fields.from.key, drop.fields.keep.schema.compatible and replace.null.with.default; and
// drop.tombstones and delete.handling.mode of Debezium 2, if the first is not set. Truncations are dropped. In the modes rewrite the
// field __deleted comes behind the row's fields, those of add.fields last. A field of add.fields or add.headers that the event's schema
// lacks is left out. replace.null.with.default is about the modes rewrite, as in Debezium.

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func extractNewRecordState() []connect.TransformClass {
	mode := text("delete.tombstone.handling.mode", "What becomes of deletions and of the tombstones behind them: drop loses both, tombstone makes the deletion a "+
		"tombstone, delete-to-tombstone one without a schema, rewrite keeps the row with __deleted, rewrite-with-tombstone also the tombstone.", nil)
	// The default is tombstone, unless one of the older keys is set.
	mode.Validator = optionalWord("drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone")
	old := text("delete.handling.mode", "What became of deletions in Debezium 2: drop, none or rewrite.", nil)
	old.Validator = optionalWord("drop", "none", "rewrite")
	oldTombstones := text("drop.tombstones", "Whether Debezium 2 dropped tombstones.", nil)
	oldTombstones.Validator = optionalWord("true", "false")
	def := configdef.MustNew(
		mode, old, oldTombstones,
		text("route.by.field", "The field of the row that holds the topic.", ""),
		text("add.fields.prefix", "What the names of added fields begin with.", "__"),
		list("add.fields", "Fields of the event to add to the row, as in op,source.ts_ms:AT."),
		text("add.headers.prefix", "What the names of added headers begin with.", "__"),
		list("add.headers", "Fields of the event to add as headers, as in op,source.ts_ms:AT."),
		text("drop.fields.header.name", "The header that holds the list of fields to drop.", nil),
		boolean("drop.fields.from.key", "Whether to drop them from the key too.", false),
		boolean("drop.fields.keep.schema.compatible", "Whether to drop only those that are optional.", true),
		boolean("replace.null.with.default", "Whether nulls become the defaults of their fields when the row is rewritten.", true),
	)
	return []connect.TransformClass{smt.Class(packageName+"ExtractNewRecordState", def, newExtractNewRecordState)}
}

// optionalWord allows null and the given words in any mixture of cases.
func optionalWord(words ...string) configdef.Validator {
	return configdef.Lambda("one of "+strings.Join(words, ", "), func(name string, value any) error {
		text, isText := value.(string)
		for _, word := range words {
			if !isText || strings.EqualFold(strings.TrimSpace(text), word) {
				return nil
			}
		}
		return configdef.Invalid(name, value, "Value must be one of "+strings.Join(words, ", "))
	})
}

// deletion is what becomes of a deletion.
type deletion uint8

const (
	dropDeletion deletion = iota
	nullDeletion          // a null value under the row's schema
	bareDeletion          // a null value without schema
	rewriteDeletion
)

type rowExtractor struct {
	deletion       deletion
	keepTombstones bool
	fields         []reference
	headers        []reference
	routeBy        string
	drops          *fieldDropper // nil when there is no header
	useDefaults    bool
	plans          smt.Plans[eventPlan]
}

// eventPlan is what is to be done with events of one schema.
type eventPlan struct {
	before, after rowPlan
	headers       []found
}

// rowPlan says where the row is in an event, and what the new one has.
type rowPlan struct {
	at     int // field of the event
	row    *connect.Schema
	schema *connect.Schema // of the new row
	fields []found
}

func newExtractNewRecordState(c configdef.Config) (connect.Transform, error) {
	t := &rowExtractor{routeBy: c.String("route.by.field"), useDefaults: c.Bool("replace.null.with.default")}
	t.deletion, t.keepTombstones = handling(c)
	for key, to := range map[string]*[]reference{"add.fields": &t.fields, "add.headers": &t.headers} {
		for _, name := range c.List(key) {
			ref, ok := newReference(name, c.String(key+".prefix"))
			if !ok {
				return nil, smt.ConfigError(configdef.Invalid(key, name, "Unexpected field name: "+name))
			}
			*to = append(*to, ref)
		}
	}
	if header := c.String("drop.fields.header.name"); strings.TrimSpace(header) != "" {
		t.drops = &fieldDropper{header: header, fromKey: c.Bool("drop.fields.from.key"), onlyOptional: c.Bool("drop.fields.keep.schema.compatible")}
	}
	return t, nil
}

// handling returns what becomes of deletions and tombstones, by the keys of Debezium 3 or, if only they are set, those of Debezium 2.
func handling(c configdef.Config) (deletion, bool) {
	word := func(key string) string { return strings.ToLower(strings.TrimSpace(c.String(key))) }
	switch mode := word("delete.tombstone.handling.mode"); {
	case mode == "" && (!c.IsNull("delete.handling.mode") || !c.IsNull("drop.tombstones")):
		old := map[string]deletion{"none": nullDeletion, "rewrite": rewriteDeletion}
		return old[word("delete.handling.mode")], word("drop.tombstones") == "false"
	case mode == "drop":
		return dropDeletion, false
	case mode == "delete-to-tombstone":
		return bareDeletion, false
	case mode == "rewrite", mode == "rewrite-with-tombstone":
		return rewriteDeletion, mode == "rewrite-with-tombstone"
	}
	return nullDeletion, false
}

// Apply implements connect.Transform.
func (t *rowExtractor) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	switch {
	case r.Value.IsNull():
		return t.keepTombstones, t.markTombstone(r, a)
	case !isEnvelope(r):
		return true, nil
	}
	event := r.Value.Struct()
	plan, err := t.plans.Find(event.Schema(), t.plan)
	if err != nil {
		return false, err
	}
	row, deleted, ok, err := plan.rowOf(event)
	if !ok || err != nil || deleted && t.deletion == dropDeletion {
		return false, err // without a row it is a truncation
	}
	addHeaders(r, a, plan.headers, event)
	if err := t.route(r, row); err != nil {
		return false, err
	}
	switch {
	case deleted && t.deletion == nullDeletion:
		r.ValueSchema, r.Value = plan.after.row, connect.Null()
	case deleted && t.deletion == bareDeletion:
		r.ValueSchema, r.Value = nil, connect.Null()
	case deleted:
		err = t.rewrite(r, a, &plan.before, event, row, "true")
	default:
		err = t.rewrite(r, a, &plan.after, event, row, "false")
	}
	if err == nil && t.drops != nil {
		err = t.drops.drop(r, a)
	}
	return err == nil, err
}

// markTombstone adds the operation to a tombstone that is kept, if it is one of the headers to add.
func (t *rowExtractor) markTombstone(r *connect.Record, a *connect.Arena) error {
	for i := range t.headers {
		if t.keepTombstones && t.headers[i].field == "op" {
			r.Headers = append(roomFor(a, r.Headers, 1), connect.Header{Key: t.headers[i].name, Schema: connect.StringSchema, Value: connect.String("d")})
		}
	}
	return nil
}

// rowOf returns the row after the change, or before it if it is deleted; ok is false when there is neither.
func (p *eventPlan) rowOf(event connect.Struct) (row connect.Struct, deleted, ok bool, err error) {
	v := event.Field(p.after.at)
	if deleted = v.IsNull(); deleted && p.before.at >= 0 {
		v = event.Field(p.before.at)
	}
	if v.IsNull() {
		return row, deleted, false, nil
	}
	row, err = smt.StructOf(v, "source field insertion")
	if err != nil {
		return row, deleted, false, err
	}
	schema := p.after.row
	if deleted {
		schema = p.before.row
	}
	return row, deleted, true, smt.SameFields(row, schema)
}

// route makes a field of the row the topic, unless it is null or blank.
func (t *rowExtractor) route(r *connect.Record, row connect.Struct) error {
	if t.routeBy == "" {
		return nil
	}
	topic, err := row.GetOfType(t.routeBy, connect.TypeString)
	if err == nil && strings.TrimSpace(topic.Str()) != "" {
		r.Topic = topic.Str()
	}
	return err
}

// rewrite makes the row, with what is added to it, the value.
func (t *rowExtractor) rewrite(r *connect.Record, a *connect.Arena, plan *rowPlan, event, row connect.Struct, deleted string) error {
	to, err := copyStruct(a, plan.schema, row, t.useDefaults && t.deletion == rewriteDeletion)
	if err != nil {
		return err
	}
	added := to.Fields()[len(row.Fields()):]
	if t.deletion == rewriteDeletion {
		added[0] = connect.String(deleted)
		added = added[1:]
	}
	for i := range plan.fields {
		added[i] = plan.fields[i].in(event)
	}
	r.ValueSchema, r.Value = plan.schema, to.Value()
	return nil
}

func (t *rowExtractor) plan(event *connect.Schema) (plan eventPlan, err error) {
	if plan.after, err = t.planRow(event, "after"); err != nil {
		return plan, err
	}
	if plan.after.at < 0 {
		return plan, &connect.Error{Kind: connect.KindData, Class: connect.IllegalArgumentException, Message: "Unknown field: after"}
	}
	if plan.before, err = t.planRow(event, "before"); err != nil {
		return plan, err
	}
	plan.headers, err = findAll(t.headers, event)
	return plan, err
}

func (t *rowExtractor) planRow(event *connect.Schema, name string) (plan rowPlan, err error) {
	if plan.at = event.FieldIndex(name); plan.at < 0 {
		return plan, nil
	}
	if plan.row = event.Fields()[plan.at].Schema; plan.row.Type() != connect.TypeStruct {
		return plan, connect.DataError("The field " + name + " of a change event must be a struct, but it is of type " + plan.row.Type().String())
	}
	if plan.fields, err = findAll(t.fields, event); err != nil {
		return plan, err
	}
	b := connect.NewSchemaLike(plan.row)
	for _, f := range plan.row.Fields() {
		b.Field(f.Name, f.Schema)
	}
	if t.deletion == rewriteDeletion {
		b.Field("__deleted", connect.OptionalStringSchema)
	}
	for _, f := range plan.fields {
		b.Field(f.name, f.schema)
	}
	plan.schema, err = b.Build()
	return plan, err
}
