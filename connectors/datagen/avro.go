package datagen

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// parseSchema reads an Avro schema, whose top must be a record, with the annotations of Avro Random Generator.
func parseSchema(text string) (*recordGenerator, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON text")
	}
	p := parser{named: make(map[string]definition)}
	_, g, err := p.parse(root, "", false)
	if err != nil {
		return nil, err
	}
	records, ok := g.(*recordGenerator)
	if !ok {
		return nil, errors.New("its top must be a record")
	}
	return records, nil
}

// parser remembers the named types met so far.
type parser struct {
	named map[string]definition
}

type definition struct {
	node      object
	namespace string
	open      bool // being parsed: a reference to it would never end
}

// object is a JSON object.
type object = map[string]any

// parse returns the Connect schema of an Avro type, as Avro's converter would map it, and a generator for it.
func (p *parser) parse(node any, namespace string, optional bool) (*connect.Schema, generator, error) {
	switch n := node.(type) {
	case string:
		return p.parseName(n, namespace, optional)
	case []any:
		return p.parseUnion(n, namespace)
	case object:
		if _, nested := n["type"].(string); !nested {
			return p.parse(n["type"], namespace, optional)
		}
		return p.parseObject(n, namespace, optional)
	}
	return nil, nil, fmt.Errorf("%v is no type", node)
}

func (p *parser) parseName(name, namespace string, optional bool) (*connect.Schema, generator, error) {
	if _, ok := primitives()[name]; ok {
		return p.parseObject(object{"type": name}, namespace, optional)
	}
	full := fullName(name, namespace)
	d, ok := p.named[full]
	if !ok {
		return nil, nil, fmt.Errorf("unknown type %q", name)
	}
	if d.open {
		return nil, nil, fmt.Errorf("type %s contains itself", full)
	}
	return p.parseObject(d.node, d.namespace, optional)
}

func fullName(name, namespace string) string {
	if namespace == "" || strings.Contains(name, ".") {
		return name
	}
	return namespace + "." + name
}

// parseUnion takes null and one other type.
func (p *parser) parseUnion(branches []any, namespace string) (*connect.Schema, generator, error) {
	var others []any
	for _, b := range branches {
		if o, isObject := b.(object); b != "null" && !(isObject && o["type"] == "null") {
			others = append(others, b)
		}
	}
	if len(others) != 1 || len(branches) > 2 {
		return nil, nil, errors.New("a union must consist of null and one other type")
	}
	if len(branches) == 1 {
		return p.parse(others[0], namespace, false)
	}
	s, g, err := p.parse(others[0], namespace, true)
	return s, maybe{g}, err
}

func (p *parser) parseObject(n object, namespace string, optional bool) (*connect.Schema, generator, error) {
	typ := n["type"].(string)
	a, err := argsOf(n)
	if err != nil {
		return nil, nil, err
	}
	switch typ {
	case "record", "enum", "fixed":
		return p.parseNamed(n, a, namespace, optional)
	case "array":
		return p.parseArray(n, a, namespace, optional)
	case "map":
		return p.parseMap(n, a, namespace, optional)
	}
	if _, ok := primitives()[typ]; !ok {
		return p.parseName(typ, namespace, optional)
	}
	if logical, _ := n["logicalType"].(string); logical != "" {
		if s, g, err := parseLogical(n, logical, a, optional); s != nil || err != nil {
			return s, g, err
		}
	}
	builder := connect.NewSchema(primitives()[typ]).SetOptional(optional)
	return build(builder, a, func(*connect.Schema) (generator, error) { return primitive(typ, a) })
}

// build finishes a schema and makes its generator: of the given options if there are some, else by the function.
func build(builder *connect.SchemaBuilder, a args, make func(*connect.Schema) (generator, error)) (*connect.Schema, generator, error) {
	s, err := builder.Build()
	if err != nil {
		return nil, nil, err
	}
	if a["prefix"] == nil && a["suffix"] == nil { // with them, options are only the middle of a string
		if g, err := a.optionsOf(s); g != nil || err != nil {
			return s, g, err
		}
	}
	g, err := make(s)
	return s, g, err
}

func (p *parser) parseNamed(n object, a args, namespace string, optional bool) (*connect.Schema, generator, error) {
	name, _ := n["name"].(string)
	if name == "" {
		return nil, nil, fmt.Errorf("a %s has no name", n["type"])
	}
	if own, ok := n["namespace"].(string); ok {
		namespace = own
	}
	full := fullName(name, namespace)
	if i := strings.LastIndexByte(full, '.'); i >= 0 {
		namespace = full[:i]
	}
	p.named[full] = definition{n, namespace, true}
	s, g, err := p.parseBody(n, a, full, namespace, optional)
	p.named[full] = definition{n, namespace, false}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", full, err)
	}
	return s, g, nil
}

func (p *parser) parseBody(n object, a args, full, namespace string, optional bool) (*connect.Schema, generator, error) {
	switch n["type"] {
	case "enum":
		return parseEnum(n, a, full, optional)
	case "fixed":
		size, err := a.integer(n, "size", -1)
		if err != nil || size < 0 || size > maxLength {
			return nil, nil, fmt.Errorf("size %v is no size", n["size"])
		}
		builder := connect.NewSchema(connect.TypeBytes).SetOptional(optional).Name(full)
		return build(builder, a, func(*connect.Schema) (generator, error) { return octets{size, size + 1}, nil })
	}
	fields, ok := n["fields"].([]any)
	if !ok {
		return nil, nil, errors.New("it has no fields")
	}
	builder := connect.NewStructSchema().SetOptional(optional).Name(full)
	records := &recordGenerator{}
	for i, f := range fields {
		field, _ := f.(object)
		name, _ := field["name"].(string)
		s, g, err := p.parse(field["type"], namespace, false)
		if err != nil {
			return nil, nil, fmt.Errorf("field %d %q: %w", i, name, err)
		}
		builder.Field(name, s)
		records.fields = append(records.fields, g)
	}
	return build(builder, a, func(s *connect.Schema) (generator, error) {
		records.schema = s
		return records, nil
	})
}

// enumParameter names the schema parameters in which Avro's converter keeps an enum's name and symbols.
const enumParameter = "io.confluent.connect.avro.Enum"

func parseEnum(n object, a args, full string, optional bool) (*connect.Schema, generator, error) {
	symbols, _ := n["symbols"].([]any)
	builder := connect.NewSchema(connect.TypeString).SetOptional(optional).Name(full).Parameter(enumParameter, full)
	var values options
	for _, s := range symbols {
		symbol, ok := s.(string)
		if !ok {
			return nil, nil, fmt.Errorf("symbol %v is no text", s)
		}
		builder.Parameter(enumParameter+"."+symbol, symbol)
		values = append(values, connect.String(symbol))
	}
	if len(values) == 0 {
		return nil, nil, errors.New("it has no symbols")
	}
	return build(builder, a, func(*connect.Schema) (generator, error) { return values, nil })
}

func (p *parser) parseArray(n object, a args, namespace string, optional bool) (*connect.Schema, generator, error) {
	elem, of, err := p.parse(n["items"], namespace, false)
	if err != nil {
		return nil, nil, fmt.Errorf("items: %w", err)
	}
	return build(connect.NewArraySchema(elem).SetOptional(optional), a, func(*connect.Schema) (generator, error) {
		least, most, err := a.length()
		return list{least, most, of}, err
	})
}

func (p *parser) parseMap(n object, a args, namespace string, optional bool) (*connect.Schema, generator, error) {
	value, of, err := p.parse(n["values"], namespace, false)
	if err != nil {
		return nil, nil, fmt.Errorf("values: %w", err)
	}
	return build(connect.NewMapSchema(connect.StringSchema, value).SetOptional(optional), a, func(*connect.Schema) (generator, error) {
		keys, _ := a["keys"].(object)
		keyGenerator, err := stringGenerator(keys)
		if err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
		least, most, err := a.length()
		return entries{least, most, keyGenerator, of}, err
	})
}
