// Package catalog knows every plugin without linking one: its names, what its configuration looks like, and which function
// serves it. The coordinator and the REST API list and check plugins with it; whatever needs a connector's own code they
// ask that connector's function.
//
// The data is generated from the list of connectors by scripts/gen, and embedded. A test there fails when it is stale.
package catalog

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

//go:embed catalog.json
var data []byte

// Entry is one plugin. A class that is a converter and a header converter has two.
type Entry struct {
	// Class is the full Java name of the class.
	Class string `json:"class"`
	// Type is the kind of plugin.
	Type connect.PluginType `json:"type"`
	// Version is what the REST API reports.
	Version string `json:"version"`
	// Aliases are all further names by which the class is found.
	Aliases []string `json:"aliases,omitempty"`
	// TaskClass is the Java name of a connector's task class.
	TaskClass string `json:"task_class,omitempty"`
	// Function is the name of the function that serves a connector; empty for the other plugins, which every function has.
	Function string `json:"function,omitempty"`
	// Checks says that validation must ask the function too (invoke.OpCheck), because keys are looked at together.
	Checks bool `json:"checks,omitempty"`
	// AltersOffsets says that altering offsets must ask the function (invoke.OpAlter).
	AltersOffsets bool `json:"alters_offsets,omitempty"`
	// ExactlyOnce says that a source delivers exactly once with some configuration at least; its function knows with which.
	ExactlyOnce bool `json:"exactly_once,omitempty"`
	// DefinesTransactions says the same of transaction.boundary=connector.
	DefinesTransactions bool `json:"defines_transactions,omitempty"`
	// Config is the plugin's own keys, in the order of their definition.
	Config []Key `json:"config"`
}

// Catalog is all plugins. It is immutable and may be used concurrently.
type Catalog struct {
	entries []Entry
	byName  map[string]int // by class and alias; a converter before the header converter of the same class
}

// Load returns the embedded catalog. An error is a mistake of the build.
func Load() (*Catalog, error) { return Parse(data) }

// LoadWith returns the embedded catalog together with further connectors, in JSON of the same form: those of functions that are
// not of this module. It fails as Parse does, also when a name belongs to one of either, and when an entry is no connector.
func LoadWith(further []byte) (*Catalog, error) {
	embedded, err := entries(data)
	if err != nil {
		return nil, err
	}
	added, err := entries(further)
	if err != nil {
		return nil, err
	}
	for i := range added {
		if e := &added[i]; e.Function == "" || e.Type != connect.TypeSource && e.Type != connect.TypeSink {
			return nil, fmt.Errorf("read the catalog: %s is not a connector: it needs a function, and the type source or sink", e.Class)
		}
	}
	all := append(embedded, added...)
	slices.SortStableFunc(all, func(a, b Entry) int {
		if rank(a.Type) == 2 && rank(b.Type) == 2 {
			return 0 // the other plugins stay in their order
		}
		return cmp.Or(cmp.Compare(rank(a.Type), rank(b.Type)), cmp.Compare(a.Class, b.Class))
	})
	return index(all)
}

// rank is the place of a type in GET /connector-plugins, as far as connectors are concerned.
func rank(t connect.PluginType) int {
	switch t {
	case connect.TypeSink:
		return 0
	case connect.TypeSource:
		return 1
	}
	return 2
}

// Parse reads a catalog from JSON. It fails when a name belongs to two entries, or a definition cannot be rebuilt.
func Parse(text []byte) (*Catalog, error) {
	list, err := entries(text)
	if err != nil {
		return nil, err
	}
	return index(list)
}

func entries(text []byte) ([]Entry, error) {
	var list []Entry
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	return list, nil
}

// index makes entries findable.
func index(list []Entry) (*Catalog, error) {
	c := &Catalog{entries: list, byName: make(map[string]int)}
	for i := range c.entries {
		e := &c.entries[i]
		if _, err := e.Def(); err != nil {
			return nil, fmt.Errorf("read the catalog: %w", err)
		}
		for _, name := range append([]string{e.Class}, e.Aliases...) {
			other, taken := c.byName[name]
			switch {
			case !taken:
				c.byName[name] = i
			case c.entries[other].Class != e.Class:
				return nil, fmt.Errorf("read the catalog: %s names both %s and %s", name, c.entries[other].Class, e.Class)
			}
		}
	}
	return c, nil
}

// Entries returns all plugins in the order of GET /connector-plugins. The slice must not be changed.
func (c *Catalog) Entries() []Entry { return c.entries }

// Find returns the plugin of the given class or alias; of a converter that is a header converter too, the converter.
func (c *Catalog) Find(name string) (Entry, bool) {
	i, ok := c.byName[name]
	if !ok {
		return Entry{}, false
	}
	return c.entries[i], true
}

// FunctionOf returns the name of the function that serves a connector, given by class or alias.
func (c *Catalog) FunctionOf(connector string) (function string, ok bool) {
	e, ok := c.Find(connector)
	return e.Function, ok && e.Function != ""
}

// Connectors describes the connectors as classes, for a connect.Registry that looks names up and reports what there is.
// They cannot run: Source and Sink return nil, and the other functions are nil.
func (c *Catalog) Connectors() ([]*connect.Class, error) {
	var classes []*connect.Class
	for _, e := range c.entries {
		if e.Function == "" {
			continue
		}
		def, err := e.Def()
		if err != nil {
			return nil, err
		}
		class := &connect.Class{Name: e.Class, Version: e.Version, TaskClass: e.TaskClass, Aliases: e.Aliases, Config: def}
		if e.Type == connect.TypeSource {
			class.Source = func() connect.Source { return nil }
		} else {
			class.Sink = func() connect.Sink { return nil }
		}
		classes = append(classes, class)
	}
	return classes, nil
}

// Def rebuilds the definition of the plugin's configuration. For connectors it is the same as the connector's own, apart
// from recommenders whose proposals depend on other keys. For other plugins, validators that are no data are left out.
func (e *Entry) Def() (*configdef.Def, error) {
	keys := make([]configdef.ConfigKey, len(e.Config))
	for i, k := range e.Config {
		var err error
		if keys[i], err = k.configKey(); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", e.Class, k.Name, err)
		}
	}
	def, err := configdef.New(keys...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Class, err)
	}
	return def, nil
}
