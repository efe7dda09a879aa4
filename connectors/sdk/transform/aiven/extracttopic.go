package aiven

// ExtractTopic makes the key, the value or a field of them the topic of a record.
//
// Supported: ExtractTopic$Key and ExtractTopic$Value with all keys: field.name and skip.missing.or.null. The topic may be a text, a
// number or a boolean. A key or value that is null is an error if a field is named, whatever skip.missing.or.null says.

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const (
	topicTypes   = "[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING]"
	topicClasses = "[class java.lang.Byte, class java.lang.Short, class java.lang.Integer, class java.lang.Long, class java.lang.Double, " +
		"class java.lang.Float, class java.lang.Boolean, class java.lang.String]"
)

func extractTopic() []connect.TransformClass {
	def := configdef.MustNew(
		text("field.name", "The field that holds the topic. Without it, the whole key or value is the topic."),
		skipKey(),
	)
	return smt.KeyAndValue(packageName+"ExtractTopic", def, func(o smt.Operand, c configdef.Config) (connect.Transform, error) {
		return &topicExtractor{Operand: o, field: c.String("field.name"), skip: c.Bool("skip.missing.or.null")}, nil
	})
}

type topicExtractor struct {
	smt.Operand
	field   string // empty for the whole key or value
	skip    bool
	topics  smt.Names // of numbers and booleans
	scratch []byte
}

// Apply implements connect.Transform.
func (t *topicExtractor) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case t.field == "" && s == nil:
		v, err = t.whole(r, v)
	case t.field == "":
		v, err = t.wholeOfSchema(r, s, v)
	case s == nil:
		v, err = t.fieldOfMap(r, v)
	default:
		v, err = t.fieldOfStruct(r, s, v)
	}
	switch {
	case err != nil || v.IsNull():
	case v.Kind() == connect.KindString:
		r.Topic = v.Str()
	default:
		t.scratch = v.AppendString(t.scratch[:0])
		r.Topic = t.topics.Intern(t.scratch)
	}
	return err == nil, err
}

// whole returns a key or value without schema, null if the topic stays.
func (t *topicExtractor) whole(r *connect.Record, v connect.Value) (connect.Value, error) {
	switch {
	case isBlank(v):
		return connect.Null(), t.missing(r, t.String(), " can't be null or empty")
	case !isScalar(v):
		return v, recordError(r, "type in ", t.String(), " ", v.String(), " must be ", topicClasses)
	}
	return v, nil
}

func (t *topicExtractor) wholeOfSchema(r *connect.Record, s *connect.Schema, v connect.Value) (connect.Value, error) {
	switch {
	case !hasTopicType(s):
		return v, recordError(r, t.String(), " schema type must be ", topicTypes, " if field name is not specified")
	case isEmpty(v):
		return connect.Null(), t.missing(r, t.String(), " can't be null or empty")
	}
	return v, nil
}

func (t *topicExtractor) fieldOfMap(r *connect.Record, v connect.Value) (connect.Value, error) {
	switch v.Kind() {
	case connect.KindNull:
		return v, recordError(r, t.String(), " can't be null if field name is specified")
	case connect.KindMap:
	default:
		return v, recordError(r, t.String(), " type must be Map if field name is specified")
	}
	field, _ := v.Map().Get(t.field)
	switch {
	case !field.IsNull() && !isScalar(field):
		return v, recordError(r, t.field, " type in ", t.String(), " ", v.String(), " must be ", topicClasses)
	case isBlank(field):
		return connect.Null(), t.missing(r, t.field, " in ", t.String(), " can't be null or empty")
	}
	return field, nil
}

func (t *topicExtractor) fieldOfStruct(r *connect.Record, s *connect.Schema, v connect.Value) (connect.Value, error) {
	switch {
	case s.Type() != connect.TypeStruct:
		return v, recordError(r, t.String(), " schema type must be STRUCT if field name is specified")
	case v.IsNull():
		return v, recordError(r, t.String(), " can't be null if field name is specified")
	}
	st, err := smt.StructOf(v, "topic extraction")
	if err != nil {
		return v, err
	}
	i := st.Schema().FieldIndex(t.field)
	if i < 0 {
		return connect.Null(), t.missing(r, t.field, " in ", t.String(), " schema can't be missing")
	}
	if !hasTopicType(st.Schema().Fields()[i].Schema) {
		return v, recordError(r, t.field, " schema type in ", t.String(), " must be ", topicTypes)
	}
	if v = st.FieldOrDefault(i); isEmpty(v) {
		return connect.Null(), t.missing(r, t.field, " in ", t.String(), " can't be null or empty")
	}
	return v, nil
}

// missing is the error about a topic that is not there, none if such records are to pass.
func (t *topicExtractor) missing(r *connect.Record, parts ...string) error {
	if t.skip {
		return nil
	}
	return recordError(r, parts...)
}

func isEmpty(v connect.Value) bool {
	return v.IsNull() || v.Kind() == connect.KindString && v.Str() == ""
}

// isBlank is isEmpty, and true for nothing but blanks.
func isBlank(v connect.Value) bool {
	return v.IsNull() || v.Kind() == connect.KindString && strings.TrimSpace(v.Str()) == ""
}

func isScalar(v connect.Value) bool {
	return v.IsNumber() || v.Kind() == connect.KindBool || v.Kind() == connect.KindString
}

func hasTopicType(s *connect.Schema) bool {
	return s.Type().IsPrimitive() && s.Type() != connect.TypeBytes
}
