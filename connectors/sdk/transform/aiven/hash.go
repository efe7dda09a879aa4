package aiven

// Hash replaces a text by the hexadecimal digits of its hash.
//
// Supported: Hash$Key and Hash$Value with all keys: field.name, function (md5, sha1, sha256) and skip.missing.or.null. Records must
// have a schema. A key or value that is null is an error if a field is named, whatever skip.missing.or.null says. Hashes are no
// protection of texts that can be guessed, such as numbers.

import (
	"crypto/md5"  //nolint:gosec // what configurations ask for
	"crypto/sha1" //nolint:gosec // what configurations ask for
	"crypto/sha256"
	"encoding/hex"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func hash() []connect.TransformClass {
	function := text("function", "The hash function: md5, sha1 or sha256.")
	function.Required, function.Validator = true, configdef.ValidString("md5", "sha1", "sha256")
	def := configdef.MustNew(
		text("field.name", "The field to hash. Without it, the whole key or value is hashed."),
		skipKey(),
		function,
	)
	return smt.KeyAndValue(packageName+"Hash", def, func(o smt.Operand, c configdef.Config) (connect.Transform, error) {
		return &hasher{Operand: o, field: c.String("field.name"), skip: c.Bool("skip.missing.or.null"), function: c.String("function")}, nil
	})
}

type hasher struct {
	smt.Operand
	field    string // empty for the whole key or value
	skip     bool
	function string
}

// Apply implements connect.Transform.
func (t *hasher) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case s == nil:
		err = recordError(r, t.String(), " schema can't be null")
	case t.field == "":
		err = t.hashWhole(r, a, s, v)
	default:
		err = t.hashField(r, a, s, v)
	}
	return err == nil, err
}

func (t *hasher) hashWhole(r *connect.Record, a *connect.Arena, s *connect.Schema, v connect.Value) error {
	switch {
	case s.Type() != connect.TypeString:
		return recordError(r, t.String(), " schema type must be STRING if field name is not specified")
	case v.Kind() == connect.KindString:
		t.Set(r, s, t.hashed(a, v))
	case !t.skip:
		return recordError(r, t.String(), " can't be null")
	}
	return nil
}

func (t *hasher) hashField(r *connect.Record, a *connect.Arena, s *connect.Schema, v connect.Value) error {
	switch {
	case s.Type() != connect.TypeStruct:
		return recordError(r, t.String(), " schema type must be STRUCT if field name is specified")
	case v.IsNull():
		return recordError(r, t.String(), " can't be null if field name is specified")
	}
	from, err := smt.StructOf(v, "hashing")
	if err != nil {
		return err
	}
	i := from.Schema().FieldIndex(t.field)
	switch {
	case i < 0 && t.skip:
		return nil
	case i < 0:
		return recordError(r, t.field, " in ", t.String(), " schema can't be missing")
	case from.Schema().Fields()[i].Schema.Type() != connect.TypeString:
		return recordError(r, t.field, " schema type in ", t.String(), " must be STRING")
	}
	switch field := from.Field(i); {
	case field.Kind() == connect.KindString:
		to := a.NewStruct(from.Schema())
		copy(to.Fields(), from.Fields())
		to.SetField(i, t.hashed(a, field))
		t.Set(r, s, to.Value())
	case !t.skip:
		return recordError(r, t.field, " in ", t.String(), " can't be null")
	}
	return nil
}

func (t *hasher) hashed(a *connect.Arena, text connect.Value) connect.Value {
	var digest [sha256.Size]byte
	n := 0
	switch t.function {
	case "md5":
		sum := md5.Sum(text.Bytes()) //nolint:gosec // what the configuration asks for
		n = copy(digest[:], sum[:])
	case "sha1":
		sum := sha1.Sum(text.Bytes()) //nolint:gosec // what the configuration asks for
		n = copy(digest[:], sum[:])
	default:
		digest = sha256.Sum256(text.Bytes())
		n = len(digest)
	}
	digits := a.Bytes(2 * n)
	hex.Encode(digits, digest[:n])
	return connect.StringBytes(digits)
}
