package chaintest

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What aliases of aliases, or one of what it is in, can make of a small file is bounded.
const (
	maxNodes = 1 << 17
	maxDepth = 1000
)

// json copies a node into JSON: what YAML has beyond that is refused. Numbers stay exactly what they are.
func (p *parser) json(n *yaml.Node) (json.RawMessage, error) {
	if p.nodes++; p.nodes > maxNodes {
		return nil, p.at(n, "with its aliases the file has more than %d nodes", maxNodes)
	}
	if p.depth++; p.depth > maxDepth {
		return nil, p.at(n, "it nests deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	switch n.Kind {
	case yaml.AliasNode:
		return p.json(n.Alias)
	case yaml.MappingNode:
		return p.object(n)
	case yaml.SequenceNode:
		text := []byte{'['}
		for i, element := range n.Content {
			if i > 0 {
				text = append(text, ',')
			}
			inner, err := p.json(element)
			if err != nil {
				return nil, err
			}
			text = append(text, inner...)
		}
		return append(text, ']'), nil
	}
	return p.scalar(n)
}

func (p *parser) object(n *yaml.Node) (json.RawMessage, error) {
	seen := make(map[string]bool)
	text := []byte{'{'}
	for i := 0; i < len(n.Content); i += 2 {
		key := target(n.Content[i])
		switch {
		case key.Tag == "!!merge":
			return nil, p.at(key, "merge keys (<<) are not supported: write the members out")
		case key.Tag != "!!str":
			return nil, p.at(key, "the key %s must be text: write it in quotes", key.Value)
		case seen[key.Value]:
			return nil, p.at(key, "%q is there twice", key.Value)
		}
		seen[key.Value] = true
		value, err := p.json(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(append(text, quote(key.Value)...), ':'), value...)
	}
	return append(text, '}'), nil
}

// scalar copies text, numbers, booleans and null. A date that is not in quotes is text: JSON has none.
func (p *parser) scalar(n *yaml.Node) (json.RawMessage, error) {
	switch n.ShortTag() {
	case "!!null":
		return json.RawMessage("null"), nil
	case "!!bool":
		return json.RawMessage(strings.ToLower(n.Value)), nil
	case "!!str", "!!timestamp":
		return quote(n.Value), nil
	case "!!int":
		if number, ok := new(big.Int).SetString(strings.ReplaceAll(n.Value, "_", ""), 0); ok {
			return number.Append(nil, 10), nil
		}
	case "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.RawMessage(n.Value), nil
		}
		if f, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return strconv.AppendFloat(nil, f, 'g', -1, 64), nil
		}
	}
	return nil, p.at(n, "%s is nothing that JSON has: write it as text, in quotes", n.Value)
}

func quote(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always can be
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
