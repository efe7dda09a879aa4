package transform

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const nestedPurpose = "nested field access"

// fieldPath is the way to a field: the names of the fields on it. In syntax V1 the whole text is one name, as it always was in
// Kafka Connect. In syntax V2 (KIP-821) dots separate names. A name that holds dots stands between backticks; the closing one is
// the first that a dot or the end follows, so other backticks need no care, and a backslash before one that would close makes it
// part of the name: `a.b`.c is c in a.b.
type fieldPath struct {
	text  string
	names []string
}

// fieldSyntaxKey is the key that chooses the syntax of field names.
func fieldSyntaxKey() configdef.ConfigKey {
	return configdef.ConfigKey{
		Name: "field.syntax.version", Type: configdef.TypeString, Default: "V1", Validator: configdef.CaseInsensitiveValidString("V1", "V2"),
		Importance: configdef.ImportanceHigh,
		Documentation: "The syntax of field names: V1 for fields of the key or value itself only, V2 for paths to nested fields, " +
			"with dots between names and backticks around names that contain dots.",
	}
}

// newFieldPath reads the path in the configuration's key named key, by the syntax in its key field.syntax.version.
func newFieldPath(c configdef.Config, key string) (fieldPath, error) {
	path := fieldPath{text: c.String(key)}
	if strings.EqualFold(c.String("field.syntax.version"), "V1") {
		path.names = []string{path.text}
		return path, nil
	}
	rest := path.text
	for rest != "" {
		name, after, ok := cutName(rest)
		if !ok {
			return path, unclosedBacktick(key, path.text, len(path.text)-len(rest))
		}
		path.names = append(path.names, name)
		rest = after
	}
	if strings.HasSuffix(path.text, ".") {
		path.names = append(path.names, "")
	}
	return path, nil
}

// cutName reads one name and the dot behind it. It fails when a backtick is not closed.
func cutName(path string) (name, rest string, ok bool) {
	if path[0] != '`' {
		name, rest, _ = strings.Cut(path, ".")
		return name, rest, true
	}
	var b strings.Builder
	quoted := path[1:]
	for from := 0; ; {
		i := strings.IndexByte(quoted[from:], '`')
		if i < 0 {
			return "", "", false
		}
		i += from
		last := i+1 == len(quoted)
		escaped := i > 0 && quoted[i-1] == '\\'
		switch {
		case last && escaped:
			return "", "", false
		case last:
			return b.String() + quoted[:i], "", true
		case quoted[i+1] != '.':
			from = i + 1
		case escaped:
			b.WriteString(quoted[:i-1] + "`")
			quoted, from = quoted[i+1:], 0
		default:
			return b.String() + quoted[:i], quoted[i+2:], true
		}
	}
}

func unclosedBacktick(key, path string, at int) error {
	e := connect.ConfigError("Incomplete backtick pair in path: [" + path + "], consider adding a backslash before backtick at position " +
		strconv.Itoa(len(utf16.Encode([]rune(path[:at])))) + " to escape it")
	e.Hint = "correct the key " + key
	return e
}

// valueIn returns the value that a map without schema has at the end of the path; null when there is nothing.
func (p *fieldPath) valueIn(m connect.Map) (connect.Value, error) {
	last := len(p.names) - 1
	if last < 0 {
		return connect.Value{}, errEmptyPath()
	}
	for _, name := range p.names[:last] {
		v, _ := m.Get(name)
		if v.IsNull() {
			return v, nil
		}
		var err error
		if m, err = smt.MapOf(v, nestedPurpose); err != nil {
			return v, err
		}
	}
	v, _ := m.Get(p.names[last])
	return v, nil
}

// locate finds the path in a schema. There is no error when it leads nowhere: then the location has no schema.
func (p *fieldPath) locate(s *connect.Schema) (fieldLocation, error) {
	if len(p.names) == 0 {
		return fieldLocation{}, errEmptyPath()
	}
	l := fieldLocation{steps: make([]locationStep, 0, len(p.names))}
	for _, name := range p.names {
		if s.Type() != connect.TypeStruct {
			return fieldLocation{}, connect.DataError("Cannot look up fields on non-struct type")
		}
		i := s.FieldIndex(name)
		if i < 0 {
			return fieldLocation{}, nil
		}
		l.steps = append(l.steps, locationStep{in: s, index: i})
		s = s.Fields()[i].Schema
	}
	l.schema = s
	return l, nil
}

// fieldLocation is a path in a schema: the schema of the field at its end, nil if there is none, and the positions on the way.
type fieldLocation struct {
	schema *connect.Schema
	steps  []locationStep
}

type locationStep struct {
	in    *connect.Schema
	index int
}

// valueIn returns the value of the located field. Structs on the way are replaced by their defaults when they are null, whatever
// useDefault says about the field itself. Null if there is nothing.
func (l *fieldLocation) valueIn(st connect.Struct, useDefault bool) (connect.Value, error) {
	last := len(l.steps) - 1
	for _, step := range l.steps[:last] {
		if err := smt.SameFields(st, step.in); err != nil {
			return connect.Value{}, err
		}
		v := st.FieldOrDefault(step.index)
		if v.IsNull() {
			return v, nil
		}
		var err error
		if st, err = smt.StructOf(v, nestedPurpose); err != nil {
			return v, err
		}
	}
	if err := smt.SameFields(st, l.steps[last].in); err != nil {
		return connect.Value{}, err
	}
	if useDefault {
		return st.FieldOrDefault(l.steps[last].index), nil
	}
	return st.Field(l.steps[last].index), nil
}

// errEmptyPath is the error about the empty path of syntax V2, which has no name in it; in syntax V1 it is the empty name.
func errEmptyPath() error {
	return &connect.Error{
		Kind: connect.KindData, Class: connect.IllegalArgumentException, Message: "fromIndex(0) > toIndex(-1)",
		Hint: "the key field is empty: name a field",
	}
}
