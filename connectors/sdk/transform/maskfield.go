package transform

// MaskField replaces fields of a struct or map by something that says nothing: false, zero, the first moment of 1970, empty text
// and empty collections, or by a fixed replacement.
//
// Supported: MaskField$Key and MaskField$Value with all keys of Kafka Connect 4.3: fields, replacement and
// replace.null.with.default. The schema stays. Null fields stay null, unless they have a default, which is masked. A listed
// field that a map lacks is added as null. Bytes and structs cannot be masked, and by a replacement only numbers and text. A masked
// Decimal has the replacement's scale, 0 without one, whatever its schema says, and a converter may refuse it; so it is in Kafka
// Connect. A null key or value is an error: guard tombstones with a predicate.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

const maskPurpose = "mask fields"

func maskField() []connect.TransformClass {
	def := configdef.MustNew(
		configdef.ConfigKey{
			Name: "fields", Type: configdef.TypeList, Required: true, Validator: configdef.AnyNonDuplicateValues(false, false),
			Importance: configdef.ImportanceHigh, Documentation: "Names of fields to mask.",
		},
		configdef.ConfigKey{
			Name: "replacement", Type: configdef.TypeString, Validator: configdef.NonEmptyString(), Importance: configdef.ImportanceLow,
			Documentation: "Value that replaces the values of all the fields, which must be numbers or text. Without it they are masked by what is null-like for their type.",
		},
		replaceNullKey(),
	)
	return smt.KeyAndValue(packageName+"MaskField", def, newMaskField)
}

type masker struct {
	smt.Operand
	fields      []string
	masks       [connect.KindTime + 1]mask // by kind
	useDefaults bool
	plans       smt.Plans[maskPlan]
}

// mask is what replaces values of one kind, or why they cannot be replaced.
type mask struct {
	value connect.Value
	err   error
}

// maskPlan is the positions of the fields to mask.
type maskPlan struct{ masked []int }

func newMaskField(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	t := &masker{Operand: o, fields: c.List("fields"), useDefaults: c.Bool("replace.null.with.default")}
	for kind := connect.KindNull + 1; kind <= connect.KindTime; kind++ {
		m := &t.masks[kind]
		if c.IsNull("replacement") {
			m.value, m.err = blank(kind)
		} else {
			m.value, m.err = replacement(kind, c.String("replacement"))
		}
	}
	return t, nil
}

// blank is the mask for a kind of value when there is no replacement.
func blank(kind connect.Kind) (connect.Value, error) {
	switch kind {
	case connect.KindBool:
		return connect.Bool(false), nil
	case connect.KindInt8:
		return connect.Int8(0), nil
	case connect.KindInt16:
		return connect.Int16(0), nil
	case connect.KindInt32:
		return connect.Int32(0), nil
	case connect.KindInt64:
		return connect.Int64(0), nil
	case connect.KindFloat32:
		return connect.Float32(0), nil
	case connect.KindFloat64:
		return connect.Float64(0), nil
	case connect.KindDecimal:
		return connect.Decimal(0, 0), nil
	case connect.KindTime:
		return connect.TimeMillis(0), nil
	case connect.KindString:
		return connect.String(""), nil
	case connect.KindArray:
		return connect.Array(nil), nil
	case connect.KindMap:
		return connect.NewMap(nil).Value(), nil
	}
	return connect.Value{}, connect.DataError("Cannot mask value of type: class " + kind.JavaClass())
}

// replacement reads the configured text as a value of a kind.
func replacement(kind connect.Kind, text string) (connect.Value, error) {
	v := connect.String(text)
	switch kind {
	case connect.KindString:
		return v, nil
	case connect.KindInt8:
		return values.ConvertToByte(nil, v)
	case connect.KindInt16:
		return values.ConvertToShort(nil, v)
	case connect.KindInt32:
		return values.ConvertToInteger(nil, v)
	case connect.KindInt64:
		return values.ConvertToLong(nil, v)
	case connect.KindFloat32:
		return values.ConvertToFloat(nil, v)
	case connect.KindFloat64:
		return values.ConvertToDouble(nil, v)
	case connect.KindDecimal:
		d, err := values.ConvertToDecimal(0, v)
		if err != nil {
			e := connect.DataError("Unable to convert " + text + " (class java.lang.String) to number")
			e.Cause = err
			return d, e
		}
		return d, nil
	}
	return connect.Value{}, connect.DataError("Cannot mask value of type class " + kind.JavaClass() + " with custom replacement.")
}

// Apply implements connect.Transform.
func (t *masker) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	if s == nil {
		v, err = t.maskInMap(a, v)
	} else {
		v, err = t.maskInStruct(a, v)
	}
	if err != nil {
		return false, err
	}
	t.Set(r, s, v)
	return true, nil
}

func (t *masker) maskInStruct(a *connect.Arena, v connect.Value) (connect.Value, error) {
	from, err := smt.StructOf(v, maskPurpose)
	if err != nil {
		return v, err
	}
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return v, err
	}
	to := a.NewStruct(from.Schema())
	if err := smt.CopyFields(to, from, t.useDefaults); err != nil {
		return v, err
	}
	fields := to.Fields()
	for _, i := range plan.masked {
		m := &t.masks[fields[i].Kind()]
		if m.err != nil {
			return v, m.err
		}
		fields[i] = m.value
	}
	return to.Value(), nil
}

func (t *masker) plan(s *connect.Schema) (plan maskPlan, _ error) {
	for _, name := range t.fields {
		if i := s.FieldIndex(name); i >= 0 {
			plan.masked = append(plan.masked, i)
		}
	}
	return plan, nil
}

func (t *masker) maskInMap(a *connect.Arena, v connect.Value) (connect.Value, error) {
	from, err := smt.MapOf(v, maskPurpose)
	if err != nil {
		return v, err
	}
	to := smt.CopyMap(a, from, len(t.fields))
	for _, name := range t.fields {
		i, field := from.Index(name), connect.Null()
		if i >= 0 {
			_, field = from.Entry(i)
		}
		m := &t.masks[field.Kind()]
		switch {
		case m.err != nil:
			return v, m.err
		case i >= 0:
			to.Set(i, m.value)
		default:
			to.Put(name, m.value)
		}
	}
	return to.Value(), nil
}
