package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/catalog"
)

// catalogFile returns coordinator/catalog/catalog.json, one entry a line.
func catalogFile(packages []connectors.Package, plugins connect.Plugins) (output, error) {
	registry, err := connect.NewRegistry(plugins)
	if err != nil {
		return output{}, err
	}
	var b bytes.Buffer
	b.WriteString("[")
	for i, p := range registry.Plugins() {
		e, err := describe(registry, packages, p)
		if err != nil {
			return output{}, fmt.Errorf("describe %s: %w", p.Name, err)
		}
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n")
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(e); err != nil {
			return output{}, fmt.Errorf("describe %s: %w", p.Name, err)
		}
		b.Truncate(b.Len() - 1) // the encoder's newline
	}
	b.WriteString("\n]\n")
	if _, err := catalog.Parse(b.Bytes()); err != nil {
		return output{}, fmt.Errorf("the new catalog: %w", err)
	}
	return output{"coordinator/catalog/catalog.json", b.Bytes()}, nil
}

func describe(registry *connect.Registry, packages []connectors.Package, p connect.Plugin) (catalog.Entry, error) {
	e := catalog.Entry{Class: p.Name, Type: p.Type, Version: p.Version, Config: []catalog.Key{}}
	class, function := find(packages, p.Name)
	if class != nil {
		e.TaskClass, e.Function = class.TaskClass, function
		e.Checks, e.AltersOffsets = class.Check != nil, class.AlterOffsets != nil
		e.ExactlyOnce, e.DefinesTransactions = class.ExactlyOnce != nil, class.DefinesTransactions != nil
	}
	e.Aliases = aliases(registry, p, class)
	if p.Config == nil {
		return e, nil
	}
	for _, k := range p.Config.Keys() {
		d, err := catalog.DescribeKey(k)
		if err != nil {
			return e, err
		}
		if _, ok := catalog.ParseValidator(d.Validator); !ok && class != nil {
			return e, fmt.Errorf("the validator of %s (%q) cannot be rebuilt from its description, and the API does not link the connector: check the key in Class.Check instead", k.Name, d.Validator)
		}
		e.Config = append(e.Config, d)
	}
	return e, nil
}

func find(packages []connectors.Package, name string) (class *connect.Class, function string) {
	for _, p := range packages {
		for _, c := range p.Classes {
			if c.Name == name {
				return c, p.Name
			}
		}
	}
	return nil, ""
}

// aliases asks the registry which of the names that it may derive, or was given, stand for this class alone.
func aliases(registry *connect.Registry, p connect.Plugin, class *connect.Class) []string {
	simple := p.Name[strings.LastIndexAny(p.Name, ".$")+1:]
	candidates := []string{simple}
	for _, kind := range []string{"Connector", "Converter", "HeaderConverter", "Transformation", "Predicate"} {
		if at := strings.LastIndex(simple, kind); at > 0 {
			candidates = append(candidates, simple[:at])
		}
	}
	if class != nil {
		candidates = append(candidates, class.Aliases...)
	}
	var found []string
	for _, c := range candidates {
		if resolved, ok := registry.Resolve(c); ok && resolved == p.Name && c != p.Name && !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	return found
}
