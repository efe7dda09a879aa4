package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// readmeFiles returns the README files with their generated tables brought up to date.
func readmeFiles(tree readTree, packages []connectors.Package) ([]output, error) {
	list, err := fill(tree, "connectors/README.md", map[string]string{"connectors": packageTable(packages)})
	if err != nil {
		return nil, err
	}
	outputs := []output{list}
	for _, p := range packages {
		tables := make(map[string]string)
		for _, c := range p.Classes {
			tables["keys: "+c.Name] = keyTable(c.Config)
		}
		readme, err := fill(tree, "connectors/"+p.Name+"/README.md", tables)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, readme)
	}
	return outputs, nil
}

const tableEnd = "<!-- end -->"

// fill replaces what lies between <!-- generated NAME --> and <!-- end --> for each name. It fails when a name is missing.
func fill(tree readTree, path string, tables map[string]string) (output, error) {
	text, err := fs.ReadFile(tree, path)
	if err != nil {
		return output{}, fmt.Errorf("fill tables: %w", err)
	}
	for name, table := range tables {
		begin := []byte("<!-- generated " + name + " -->\n")
		before, rest, ok := bytes.Cut(text, begin)
		if !ok {
			return output{}, fmt.Errorf("fill tables: %s has no line %s", path, bytes.TrimSpace(begin))
		}
		_, after, ok := bytes.Cut(rest, []byte(tableEnd))
		if !ok {
			return output{}, fmt.Errorf("fill tables: %s has no %s after %s", path, tableEnd, bytes.TrimSpace(begin))
		}
		text = bytes.Join([][]byte{before, begin, []byte(table), []byte(tableEnd), after}, nil)
	}
	return output{path, text}, nil
}

func packageTable(packages []connectors.Package) string {
	var b strings.Builder
	b.WriteString("| folder and function | class | type |\n|---|---|---|\n")
	for _, p := range packages {
		for _, c := range p.Classes {
			fmt.Fprintf(&b, "| [%[1]s](%[1]s) | `%[2]s` | %[3]s |\n", p.Name, c.Name, kind(c))
		}
	}
	return b.String()
}

func kind(c *connect.Class) string {
	if c.ExactlyOnce != nil {
		return string(c.Type()) + ", exactly once"
	}
	return string(c.Type())
}

func keyTable(def *configdef.Def) string {
	var b strings.Builder
	b.WriteString("| key | type | default | importance | meaning |\n|---|---|---|---|---|\n")
	for _, k := range def.Keys() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.Name, strings.ToLower(k.Type.String()), defaultCell(k),
			strings.ToLower(k.Importance.String()), cell(k.Documentation))
	}
	return b.String()
}

func defaultCell(k configdef.ConfigKey) string {
	switch text := k.DefaultText(); {
	case k.Required:
		return "required"
	case text == nil:
		return "null"
	case *text == "":
		return "empty"
	default:
		return "`" + cell(*text) + "`"
	}
}

func cell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "|", "\\|"), "\n", " ")
}
