package transform_test

import (
	"slices"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// bad is a field that no builder takes: what a transform fails with.
func bad() []plainField { return []plainField{{}} }

func replaced(exclude, include []string, from, to string) plainly {
	return func(_ *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
		var kept []plainField
		for _, f := range allOrDefault(fields) {
			if slices.Contains(exclude, f.name) || include != nil && !slices.Contains(include, f.name) {
				continue
			}
			if f.name == from {
				f.name = to
			}
			kept = append(kept, f)
		}
		return connect.NewSchemaLike(s), kept
	}
}

func inserted(offset string) plainly {
	return func(r *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
		return connect.NewSchemaLike(s), append(allOrDefault(fields),
			plainField{"topic", connect.StringSchema, connect.String(r.Topic)},
			plainField{offset, connect.OptionalInt64Schema, connect.Int64(r.Offset)})
	}
}

// masked are the values that say nothing, by type.
func masked(names []string) plainly {
	return func(_ *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
		fields = allOrDefault(fields)
		for i, f := range fields {
			if !slices.Contains(names, f.name) || f.value.IsNull() {
				continue
			}
			switch f.value.Kind() {
			case connect.KindString:
				fields[i].value = connect.String("")
			case connect.KindBool:
				fields[i].value = connect.Bool(false)
			case connect.KindTime:
				fields[i].value = connect.TimeMillis(0)
			case connect.KindDecimal:
				fields[i].value = connect.Decimal(0, 0)
			case connect.KindInt8:
				fields[i].value = connect.Int8(0)
			case connect.KindInt16:
				fields[i].value = connect.Int16(0)
			case connect.KindInt32:
				fields[i].value = connect.Int32(0)
			case connect.KindInt64:
				fields[i].value = connect.Int64(0)
			case connect.KindFloat32:
				fields[i].value = connect.Float32(0)
			case connect.KindFloat64:
				fields[i].value = connect.Float64(0)
			default:
				return connect.NewSchemaLike(s), bad()
			}
		}
		return connect.NewSchemaLike(s).SetOptional(s.Optional()), fields
	}
}

func hoisted(r *connect.Record, s *connect.Schema, _ []plainField) (*connect.SchemaBuilder, []plainField) {
	return connect.NewStructSchema(), []plainField{{"all", s, r.Value}}
}

func flattened(delimiter string) plainly {
	return func(_ *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
		return connect.NewSchemaLike(s), flat("", delimiter, s.Optional(), fields)
	}
}

// flat lists the fields of a struct and of those in it. Everything in an optional struct is optional; a struct that is null has fields
// that are null, without defaults.
func flat(prefix, delimiter string, optional bool, fields []plainField) (list []plainField) {
	for _, f := range fields {
		name, opt := f.name, optional || f.schema.Optional()
		if prefix != "" {
			name = prefix + delimiter + name
		}
		if f.schema.Type() == connect.TypeStruct {
			inside := make([]plainField, 0)
			for i, inner := range f.schema.Fields() {
				field := plainField{name: inner.Name, schema: inner.Schema}
				if !f.value.IsNull() {
					field.value = f.value.Struct().Field(i)
					field = field.orDefault()
				}
				inside = append(inside, field)
			}
			list = append(list, flat(name, delimiter, opt, inside)...)
			continue
		}
		b := connect.NewSchemaLike(f.schema).SetOptional(opt)
		if def, ok := f.schema.Default(); ok {
			b.Default(def)
		}
		if prefix == "" {
			f = f.orDefault()
		}
		list = append(list, plainField{name, b.MustBuild(), f.value})
	}
	return list
}

func renamed(_ *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
	b := connect.NewStructSchema().Name("n").Version(7).SetOptional(s.Optional())
	if doc, ok := s.Doc(); ok {
		b.Doc(doc)
	}
	if params, ok := s.Parameters(); ok {
		b.Parameters(params...)
	}
	return b, allOrDefault(fields)
}

func chosen(names []string) plainly {
	return func(_ *connect.Record, _ *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
		var list []plainField
		for _, name := range names {
			i := slices.IndexFunc(fields, func(f plainField) bool { return f.name == name })
			if i < 0 {
				return connect.NewStructSchema(), bad()
			}
			list = append(list, fields[i].orDefault())
		}
		return connect.NewStructSchema(), list
	}
}

// castToText is about integers, booleans and texts; what the others become is for the vectors to say.
func castToText(name string) plainly {
	text := func(v connect.Value) connect.Value {
		switch v.Kind() {
		case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
			return connect.String(strconv.FormatInt(v.Int(), 10))
		case connect.KindBool:
			return connect.String(strconv.FormatBool(v.Bool()))
		}
		return v
	}
	return func(_ *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
		fields = allOrDefault(fields)
		for i, f := range fields {
			if f.name != name {
				continue
			}
			if t := f.schema.Type(); f.schema.Logical() != connect.LogicalNone || t > connect.TypeInt64 && t != connect.TypeBoolean && t != connect.TypeString {
				return nil, nil
			}
			b := connect.NewSchema(connect.TypeString).SetOptional(f.schema.Optional())
			if def, ok := f.schema.Default(); ok {
				b.Default(text(def))
			}
			fields[i].schema, fields[i].value = b.MustBuild(), text(f.value)
		}
		return connect.NewSchemaLike(s).SetOptional(s.Optional()), fields
	}
}

func moved(name string) plainly {
	return func(_ *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
		var kept []plainField
		for _, f := range allOrDefault(fields) {
			if f.name != name {
				kept = append(kept, f)
			}
		}
		if len(kept) == len(fields) {
			return connect.NewSchemaLike(s), bad()
		}
		return connect.NewSchemaLike(s), kept
	}
}

// inTime makes a Timestamp of milliseconds and of the logical types, and of a null that could have been a text.
func inTime(name string) plainly {
	return func(_ *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField) {
		fields = allOrDefault(fields)
		for i, f := range fields {
			switch {
			case f.name != name:
				continue
			case f.schema.Type() == connect.TypeString && f.value.IsNull():
			case f.schema.Logical() == connect.LogicalNone && f.schema.Type() != connect.TypeInt64 || f.schema.Logical() == connect.LogicalDecimal:
				return connect.NewSchemaLike(s), bad()
			case f.value.Kind() == connect.KindInt64:
				fields[i].value = connect.TimeMillis(f.value.Int())
			}
			fields[i].schema = connect.NewTimestampSchema().SetOptional(f.schema.Optional()).MustBuild()
		}
		return connect.NewSchemaLike(s).SetOptional(s.Optional()), fields
	}
}
