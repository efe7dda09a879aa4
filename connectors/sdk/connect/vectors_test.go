package connect_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
)

// answers maps a group of schemas.jsonl to the function that answers its cases.
var answers = map[string]func(t *testing.T, c vectors.Case) error{
	"project":         checkProject,
	"validateValue":   checkValidate,
	"schemaEquals":    checkEquals,
	"schemaToString":  checkSchemaString,
	"SchemaBuilder":   checkBuilder,
	"Struct.put":      checkStructPut,
	"Struct.get":      checkStructGet,
	"Struct.validate": checkStructValidate,
	"Struct.new":      checkStructNew,
	"Date":            checkLogical,
	"Time":            checkLogical,
	"Timestamp":       checkLogical,
	"Decimal":         checkLogical,
}

func TestVectorSchemas(t *testing.T) {
	differences := vectors.Differences{
		"builder.26": "listing the fields of a schema that is no struct gives none instead of failing: callers look at the type first",
		"builder.35": "an array schema without element schema can be built, because headers need it (SchemaBuilder.arrayOfNull)",
		"builder.44": "a name cannot be set to null",
		"builder.55": "a parameter cannot be null",
	}
	vectors.Run(t, vectors.Read(t, "schemas.jsonl"), differences, func(t *testing.T, c vectors.Case) error {
		answer, ok := answers[c.Group]
		if !ok {
			return fmt.Errorf("no test for group %s", c.Group)
		}
		return answer(t, c)
	})
}

// agree compares an error with the recorded one. Where Java has several classes for one kind, its name is made Ferry's first.
func agree(c vectors.Case, err error) error {
	class, text := "", err.Error()
	if e, ok := errors.AsType[*connect.Error](err); ok {
		class, text = e.SimpleClass(), e.Message
	}
	if c.Error == nil {
		return fmt.Errorf("failed with %w, but the real class answered", err)
	}
	recorded := *c.Error
	if recorded.Message != nil {
		one := strings.NewReplacer(
			"java.util.LinkedHashMap", connect.KindMap.JavaClass(),
			"java.math.BigInteger", connect.KindDecimal.JavaClass(),
			"java.nio.HeapByteBuffer", connect.KindBytes.JavaClass(),
		).Replace(*recorded.Message)
		recorded.Message = &one
	}
	return recorded.Agrees(class, text)
}

func decode[T any](t *testing.T, raw json.RawMessage) T { return vectors.Decode[T](t, raw) }

func schemaOf(t *testing.T, raw json.RawMessage) *connect.Schema {
	t.Helper()
	s, err := vectors.Schema(raw)
	if err != nil {
		t.Fatalf("decode schema %s: %v", raw, err)
	}
	return s
}

func checkProject(t *testing.T, c vectors.Case) error {
	in := decode[struct{ Source, Value, Target json.RawMessage }](t, c.Input)
	source, target := schemaOf(t, in.Source), schemaOf(t, in.Target)
	v, err := vectors.Value(source, in.Value)
	if err != nil {
		return err
	}
	var a connect.Arena
	got, err := connect.Project(source, v, target, &a)
	if err != nil {
		return agree(c, err)
	}
	return equalOutput(t, c, target, got)
}

// equalOutput compares got with output.value.
func equalOutput(t *testing.T, c vectors.Case, s *connect.Schema, got connect.Value) error {
	if c.Error != nil {
		return fmt.Errorf("got %s, but the real class threw %s: %s", got, c.Error.Class, c.Error.Text())
	}
	return vectors.EqualValue(decode[struct{ Value json.RawMessage }](t, c.Output).Value, s, got)
}

// equalOK compares with an output of {"ok":true}.
func equalOK(c vectors.Case, err error) error {
	switch {
	case err != nil:
		return agree(c, err)
	case c.Error != nil:
		return fmt.Errorf("passed, but the real class threw %s: %s", c.Error.Class, c.Error.Text())
	}
	return nil
}

func checkValidate(t *testing.T, c vectors.Case) error {
	in := decode[struct {
		Schema, Value json.RawMessage
		WithoutField  bool
	}](t, c.Input)
	s := schemaOf(t, in.Schema)
	v, err := vectors.Value(s, in.Value)
	if err != nil {
		return err
	}
	name := "fld"
	if in.WithoutField {
		name = ""
	}
	err = connect.ValidateValue(name, s, v)
	if err == nil && c.Error != nil && strings.Contains(string(in.Value), `"bigint"`) && s.Logical() == connect.LogicalDecimal {
		return nil // a BigInteger decodes to a decimal of scale 0, and that is valid here
	}
	return equalOK(c, err)
}

func checkEquals(t *testing.T, c vectors.Case) error {
	in := decode[struct{ A, B json.RawMessage }](t, c.Input)
	want := decode[struct{ Equal bool }](t, c.Output).Equal
	a, b := schemaOf(t, in.A), schemaOf(t, in.B)
	if a.Equal(b) != want || b.Equal(a) != want {
		return fmt.Errorf("%s and %s: equal is %v, want %v", vectors.DescribeSchema(a), vectors.DescribeSchema(b), !want, want)
	}
	return nil
}

func checkSchemaString(t *testing.T, c vectors.Case) error {
	s := schemaOf(t, decode[struct{ Schema json.RawMessage }](t, c.Input).Schema)
	if want := decode[struct{ Text string }](t, c.Output).Text; s.String() != want {
		return fmt.Errorf("got %s, want %s", s, want)
	}
	return nil
}

func checkBuilder(t *testing.T, c vectors.Case) error {
	var b *connect.SchemaBuilder
	for _, op := range decode[struct{ Ops [][]*string }](t, c.Input).Ops {
		var err error
		if b, err = apply(b, op); err != nil {
			return err
		}
	}
	s, err := b.Build()
	if err != nil {
		return agree(c, err)
	}
	if c.Error != nil {
		return fmt.Errorf("built %s, but the real class threw %s", s, c.Error.Text())
	}
	return vectors.EqualSchema(decode[struct{ Schema json.RawMessage }](t, c.Output).Schema, s)
}

func apply(b *connect.SchemaBuilder, op []*string) (*connect.SchemaBuilder, error) {
	arg := func(i int) string {
		if op[i] == nil {
			return ""
		}
		return *op[i]
	}
	schema := func(i int) *connect.Schema {
		if op[i] == nil {
			return nil
		}
		return connect.NewSchema(typeNamed(arg(i))).MustBuild()
	}
	if len(op) > 1 && op[len(op)-1] == nil && (arg(0) == "name" || arg(0) == "parameter") {
		return b, fmt.Errorf("null %s: %w", arg(0), vectors.ErrNoCounterpart)
	}
	switch arg(0) {
	case "type":
		return connect.NewSchema(typeNamed(arg(1))), nil
	case "typenull":
		return connect.NewSchema(0), nil
	case "array":
		return connect.NewArraySchema(schema(1)), nil
	case "map":
		return connect.NewMapSchema(schema(1), schema(2)), nil
	case "name":
		return b.Name(arg(1)), nil
	case "version":
		n, err := strconv.ParseInt(arg(1), 10, 32)
		return b.Version(int32(n)), err
	case "doc":
		return b.Doc(arg(1)), nil
	case "optional":
		return b.Optional(), nil
	case "required":
		return b.Required(), nil
	case "parameter":
		return b.Parameter(arg(1), arg(2)), nil
	case "parameters":
		return b.Parameters(connect.Parameter{Key: arg(1), Value: arg(2)}), nil
	case "field":
		return b.Field(arg(1), schema(2)), nil
	case "fields", "getField":
		return b, nil
	}
	return applyDefault(b, arg(0), arg)
}

func applyDefault(b *connect.SchemaBuilder, op string, arg func(int) string) (*connect.SchemaBuilder, error) {
	switch op {
	case "defaultNull":
		return b.Default(connect.Null()), nil
	case "defaultString":
		return b.Default(connect.String(arg(1))), nil
	case "defaultList":
		return b.Default(connect.Array([]connect.Value{connect.String(arg(1))})), nil
	case "defaultInt":
		n, err := strconv.ParseInt(arg(1), 10, 32)
		return b.Default(connect.Int32(int32(n))), err
	case "defaultLong":
		n, err := strconv.ParseInt(arg(1), 10, 64)
		return b.Default(connect.Int64(n)), err
	}
	return b, fmt.Errorf("unknown builder operation %s", op)
}

func typeNamed(name string) connect.Type {
	for t := connect.TypeInt8; t <= connect.TypeStruct; t++ {
		if t.String() == name {
			return t
		}
	}
	return 0
}

func checkStructPut(t *testing.T, c vectors.Case) error {
	in := decode[struct {
		Schema, Value json.RawMessage
		Field         string
	}](t, c.Input)
	st := connect.NewStruct(schemaOf(t, in.Schema))
	var fieldSchema *connect.Schema
	if i := st.Schema().FieldIndex(in.Field); i >= 0 {
		fieldSchema = st.Schema().Fields()[i].Schema
	}
	v, err := vectors.Value(fieldSchema, in.Value)
	if err != nil {
		return err
	}
	return equalOK(c, st.Put(in.Field, v))
}

func checkStructGet(t *testing.T, c vectors.Case) error {
	in := decode[struct {
		Schema, Struct json.RawMessage
		Field, Getter  string
	}](t, c.Input)
	v, err := vectors.Value(schemaOf(t, in.Schema), in.Struct)
	if err != nil {
		return err
	}
	st := v.Struct()
	var got connect.Value
	switch in.Getter {
	case "get":
		got, err = st.Get(in.Field)
	case "getWithoutDefault":
		got, err = st.GetWithoutDefault(in.Field)
	default:
		got, err = st.GetOfType(in.Field, typeNamed(strings.ToUpper(strings.TrimPrefix(in.Getter, "get"))))
	}
	if err != nil {
		return agree(c, err)
	}
	if c.Error != nil && c.Error.JVMMessage { // a typed getter of Java casts, and fails on logical types; Ferry has one getter for all
		return nil
	}
	var fieldSchema *connect.Schema
	if i := st.Schema().FieldIndex(in.Field); i >= 0 {
		fieldSchema = st.Schema().Fields()[i].Schema
	}
	return equalOutput(t, c, fieldSchema, got)
}

func checkStructValidate(t *testing.T, c vectors.Case) error {
	in := decode[struct{ Schema, Struct json.RawMessage }](t, c.Input)
	v, err := vectors.Value(schemaOf(t, in.Schema), in.Struct)
	if err != nil {
		return err
	}
	return equalOK(c, connect.ValidateStruct(v.Struct()))
}

func checkStructNew(t *testing.T, c vectors.Case) (err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = agree(c, e)
		}
	}()
	connect.NewStruct(schemaOf(t, decode[struct{ Schema json.RawMessage }](t, c.Input).Schema))
	return equalOK(c, nil)
}

func checkLogical(t *testing.T, c vectors.Case) error {
	in := decode[struct {
		Fn            string
		Schema, Value json.RawMessage
	}](t, c.Input)
	s := schemaOf(t, in.Schema)
	v, err := vectors.Value(s, in.Value)
	if err != nil {
		return err
	}
	got, err := convertLogical(in.Fn, s, v)
	if err != nil {
		return agree(c, err)
	}
	return equalOutput(t, c, s, got)
}

func convertLogical(fn string, s *connect.Schema, v connect.Value) (connect.Value, error) {
	switch fn {
	case "Date.fromLogical":
		n, err := connect.EncodeDate(s, v)
		return connect.Int32(n), err
	case "Date.toLogical":
		return connect.DecodeDate(s, int32(v.Int()))
	case "Time.fromLogical":
		n, err := connect.EncodeTime(s, v)
		return connect.Int32(n), err
	case "Time.toLogical":
		return connect.DecodeTime(s, int32(v.Int()))
	case "Timestamp.fromLogical":
		n, err := connect.EncodeTimestamp(s, v)
		return connect.Int64(n), err
	case "Timestamp.toLogical":
		return connect.DecodeTimestamp(s, v.Int())
	case "Decimal.fromLogical":
		b, err := connect.AppendDecimal(nil, s, v)
		return connect.Bytes(b), err
	case "Decimal.toLogical":
		return connect.DecodeDecimal(s, v.Bytes())
	}
	return connect.Value{}, fmt.Errorf("unknown function %s", fn)
}
