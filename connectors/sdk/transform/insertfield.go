package transform

// InsertField adds the record's topic, partition, offset, timestamp or a fixed text as a field of a struct or map.
//
// Supported: InsertField$Key and InsertField$Value with all keys of Kafka Connect 4.3. A null key or value passes unchanged.
// The struct keeps name, version, documentation and parameters, but becomes required and loses its default. Inserting the
// offset needs a record from Kafka.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const insertPurpose = "field insertion"

func insertField() []connect.TransformClass {
	optional := func(name, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{Name: name, Type: configdef.TypeString, Importance: configdef.ImportanceMedium, Documentation: doc}
	}
	const suffix = " Suffix with ! to make this a required field, or ? to keep it optional (the default)."
	def := configdef.MustNew(
		optional("topic.field", "Field name for Kafka topic."+suffix),
		optional("partition.field", "Field name for Kafka partition."+suffix),
		optional("offset.field", "Field name for Kafka offset; only for sink connectors."+suffix),
		optional("timestamp.field", "Field name for record timestamp."+suffix),
		optional("static.field", "Field name for static data field."+suffix),
		optional("static.value", "Static field value, if field name configured."),
		replaceNullKey(),
	)
	return smt.KeyAndValue(packageName+"InsertField", def, newInsertField)
}

// replaceNullKey is the key that several transforms share.
func replaceNullKey() configdef.ConfigKey {
	return configdef.ConfigKey{
		Name: "replace.null.with.default", Type: configdef.TypeBoolean, Default: true, Importance: configdef.ImportanceMedium,
		Documentation: "Whether to replace fields that have a default value and that are null to the default value. When set to true, the default value is used, otherwise null is used.",
	}
}

// source says what an inserted field holds.
type source uint8

const (
	fromTopic source = iota
	fromPartition
	fromOffset
	fromTimestamp
	fromStatic
)

type insertion struct {
	source   source
	name     string
	optional bool
}

type inserter struct {
	smt.Operand
	insertions  []insertion
	static      string
	useDefaults bool
	plans       smt.Plans[insertPlan]
}

type insertPlan struct{ schema *connect.Schema }

func newInsertField(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	t := &inserter{Operand: o, static: c.String("static.value"), useDefaults: c.Bool("replace.null.with.default")}
	for i, key := range []string{"topic.field", "partition.field", "offset.field", "timestamp.field", "static.field"} {
		if !c.IsNull(key) {
			t.insertions = append(t.insertions, parseInsertion(source(i), c.String(key)))
		}
	}
	switch {
	case len(t.insertions) == 0:
		e := connect.ConfigError("No field insertion configured")
		e.Hint = "set at least one of topic.field, partition.field, offset.field, timestamp.field and static.field"
		return nil, e
	case !c.IsNull("static.field") && c.IsNull("static.value"):
		return nil, smt.ConfigError(configdef.Invalid("static.value", nil, "No value specified for static field"))
	}
	return t, nil
}

func parseInsertion(from source, name string) insertion {
	i := insertion{source: from, name: name, optional: true}
	if n := len(name); n > 0 && (name[n-1] == '!' || name[n-1] == '?') {
		i.name, i.optional = name[:n-1], name[n-1] == '?'
	}
	return i
}

// Apply implements connect.Transform.
func (t *inserter) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case v.IsNull():
	case s == nil:
		err = t.insertIntoMap(r, a, v)
	default:
		err = t.insertIntoStruct(r, a, v)
	}
	return err == nil, err
}

func (t *inserter) insertIntoStruct(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.StructOf(v, insertPurpose)
	if err != nil {
		return err
	}
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return err
	}
	to := a.NewStruct(plan.schema)
	if err := smt.CopyFields(to, from, t.useDefaults); err != nil {
		return err
	}
	inserted := to.Fields()[len(from.Fields()):]
	for i := range t.insertions {
		field, ok, err := t.insertions[i].value(r, t.static, true)
		if err != nil {
			return err
		}
		if ok {
			inserted[i] = field
		}
	}
	t.Set(r, plan.schema, to.Value())
	return nil
}

func (t *inserter) plan(s *connect.Schema) (insertPlan, error) {
	b := connect.NewSchemaLike(s)
	for _, f := range s.Fields() {
		b.Field(f.Name, f.Schema)
	}
	for _, i := range t.insertions {
		b.Field(i.name, i.schema())
	}
	schema, err := b.Build()
	return insertPlan{schema}, err
}

func (i insertion) schema() *connect.Schema {
	required := [...]*connect.Schema{connect.StringSchema, connect.Int32Schema, connect.Int64Schema, connect.TimestampSchema, connect.StringSchema}
	optional := [...]*connect.Schema{
		connect.OptionalStringSchema, connect.OptionalInt32Schema, connect.OptionalInt64Schema, connect.OptionalTimestampSchema, connect.OptionalStringSchema,
	}
	if i.optional {
		return optional[i.source]
	}
	return required[i.source]
}

// value returns what to insert; ok is false when the record has no partition or no timestamp. With a schema the timestamp is
// an instant, without one a number.
func (i insertion) value(r *connect.Record, static string, hasSchema bool) (v connect.Value, ok bool, err error) {
	switch i.source {
	case fromTopic:
		return connect.String(r.Topic), true, nil
	case fromPartition:
		return connect.Int32(r.Partition), r.Partition != connect.NoPartition, nil
	case fromOffset:
		if r.Offset == connect.NoOffset {
			return v, false, connect.DataError("Only SinkRecord supported for [" + insertPurpose + "], found: org.apache.kafka.connect.source.SourceRecord")
		}
		return connect.Int64(r.Offset), true, nil
	case fromTimestamp:
		if hasSchema {
			return connect.TimeMillis(r.Timestamp), r.Timestamp != connect.NoTimestamp, nil
		}
		return connect.Int64(r.Timestamp), r.Timestamp != connect.NoTimestamp, nil
	}
	return connect.String(static), true, nil
}

func (t *inserter) insertIntoMap(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.MapOf(v, insertPurpose)
	if err != nil {
		return err
	}
	to := smt.CopyMap(a, from, len(t.insertions))
	for i := range t.insertions {
		field, ok, err := t.insertions[i].value(r, t.static, false)
		if err != nil {
			return err
		}
		if ok {
			to.Put(t.insertions[i].name, field)
		}
	}
	t.Set(r, nil, to.Value())
	return nil
}
