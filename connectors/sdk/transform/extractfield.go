package transform

// ExtractField replaces a struct or map by one of its fields.
//
// Supported: ExtractField$Key and ExtractField$Value with all keys of Kafka Connect 4.3: field, field.syntax.version and
// replace.null.with.default. A null map gives null; a null struct gives null with the field's schema, even if that is required,
// as in Kafka Connect: guard tombstones with a predicate. A field that a struct's schema lacks is an error, one that a map lacks
// is null.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const extractPurpose = "field extraction"

func extractField() []connect.TransformClass {
	def := configdef.MustNew(
		configdef.ConfigKey{
			Name: "field", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceMedium,
			Documentation: "Field to extract.",
		},
		replaceNullKey(),
		fieldSyntaxKey(),
	)
	return smt.KeyAndValue(packageName+"ExtractField", def, newExtractField)
}

type extractor struct {
	smt.Operand
	path       fieldPath
	useDefault bool
	plans      smt.Plans[fieldLocation]
}

func newExtractField(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	path, err := newFieldPath(c, "field")
	if err != nil {
		return nil, err
	}
	return &extractor{Operand: o, path: path, useDefault: c.Bool("replace.null.with.default")}, nil
}

// Apply implements connect.Transform.
func (t *extractor) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	if s == nil {
		err = t.extractFromMap(r, v)
	} else {
		err = t.extractFromStruct(r, s, v)
	}
	return err == nil, err
}

func (t *extractor) extractFromMap(r *connect.Record, v connect.Value) error {
	if v.IsNull() {
		return nil
	}
	m, err := smt.MapOf(v, extractPurpose)
	if err != nil {
		return err
	}
	field, err := t.path.valueIn(m)
	if err != nil {
		return err
	}
	t.Set(r, nil, field)
	return nil
}

func (t *extractor) extractFromStruct(r *connect.Record, s *connect.Schema, v connect.Value) error {
	var from connect.Struct
	if !v.IsNull() {
		var err error
		if from, err = smt.StructOf(v, extractPurpose); err != nil {
			return err
		}
		s = from.Schema()
	}
	at, err := t.plans.Find(s, t.locate)
	if err != nil {
		return err
	}
	field := connect.Null()
	if !v.IsNull() {
		if field, err = at.valueIn(from, t.useDefault); err != nil {
			return err
		}
	}
	t.Set(r, at.schema, field)
	return nil
}

func (t *extractor) locate(s *connect.Schema) (fieldLocation, error) {
	l, err := t.path.locate(s)
	if err == nil && l.schema == nil {
		err = &connect.Error{Kind: connect.KindData, Class: connect.IllegalArgumentException, Message: "Unknown field: " + t.path.text}
	}
	return l, err
}
