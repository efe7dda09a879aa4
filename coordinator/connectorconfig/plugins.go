package connectorconfig

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/catalog"
)

// plugins looks plugins up. Connectors are known from the catalog only. Of the built-in plugins the code is here too: their
// definitions have validators that the catalog's data cannot express.
type plugins struct {
	catalog    *catalog.Catalog
	connectors *connect.Registry
	builtin    []connect.Plugin
}

func newPlugins(c *catalog.Catalog) (*plugins, error) {
	classes, err := c.Connectors()
	if err != nil {
		return nil, err
	}
	connectors, err := connect.NewRegistry(connect.Plugins{Connectors: classes})
	if err != nil {
		return nil, err
	}
	own, err := connect.NewRegistry(builtin.With())
	if err != nil {
		return nil, err
	}
	return &plugins{catalog: c, connectors: connectors, builtin: own.Plugins()}, nil
}

// connector finds a connector; the error is in Kafka Connect's words and lists what there is.
func (p *plugins) connector(name string) (catalog.Entry, error) {
	if e, ok := p.catalog.Find(name); ok && e.Function != "" {
		return e, nil
	}
	class, err := p.connectors.Connector(name)
	if err != nil {
		return catalog.Entry{}, badRequest(err.Error())
	}
	e, _ := p.catalog.Find(class.Name)
	return e, nil
}

// resolve finds a class of any kind.
func (p *plugins) resolve(name string) (configdef.Class, bool) {
	e, ok := p.catalog.Find(name)
	return configdef.Class(e.Class), ok
}

// ofWorkers returns the class and the version of a plugin that workers have for themselves: a config provider or an override policy. It
// is known, but has no keys to ask for. As elsewhere the class counts, its simple name, and that without the kind.
func ofWorkers(name string) (class, version string, ok bool) {
	for _, kind := range []struct {
		pkg, suffix, version string
		names                []string
	}{
		{"org.apache.kafka.common.config.provider.", "ConfigProvider", "undefined", []string{"File", "Directory", "EnvVar"}},
		{"org.apache.kafka.connect.connector.policy.", "ConnectorClientConfigOverridePolicy", builtin.Version, []string{"All", "None", "Principal", "Allowlist"}},
	} {
		for _, n := range kind.names {
			if simple := n + kind.suffix; name == n || name == simple || name == kind.pkg+simple {
				return kind.pkg + simple, kind.version, true
			}
		}
	}
	return "", "", false
}

// find returns the plugin of a kind that a class or alias stands for.
func (p *plugins) find(kind connect.PluginType, name string) (catalog.Entry, bool) {
	class, ok := p.resolve(name)
	if !ok {
		return catalog.Entry{}, false
	}
	for _, e := range p.catalog.Entries() {
		if e.Type == kind && e.Class == string(class) {
			return e, true
		}
	}
	return catalog.Entry{}, false
}

// classes lists the plugins of a kind.
func (p *plugins) classes(kind connect.PluginType) []any {
	var classes []any
	for _, e := range p.catalog.Entries() {
		if e.Type == kind {
			classes = append(classes, configdef.Class(e.Class))
		}
	}
	return classes
}

// versions lists the versions of a class, once for each kind of plugin that it is.
func (p *plugins) versions(class string) []string {
	var versions []string
	for _, e := range p.catalog.Entries() {
		if e.Class == class {
			versions = append(versions, e.Version)
		}
	}
	return versions
}

// definition returns a plugin's own definition: that of the code where it is here, else that of the catalog.
func (p *plugins) definition(e catalog.Entry) (*configdef.Def, error) {
	for _, b := range p.builtin {
		if b.Name == e.Class && b.Type == e.Type {
			return b.Config, nil
		}
	}
	return e.Def()
}

// implements checks that a class, which exists, is a plugin of a kind.
func (p *plugins) implements(kind connect.PluginType) configdef.Validator {
	description := "A concrete subclass of " + interfaceOf(kind) + ", A class with a public, no-argument constructor"
	return configdef.Lambda(description, func(_ string, value any) error { return p.checkKind(kind, value) })
}

func (p *plugins) checkKind(kind connect.PluginType, value any) error {
	class, ok := value.(configdef.Class)
	if !ok {
		return nil
	}
	if _, ok := p.find(kind, string(class)); ok {
		return nil
	}
	return configdef.Errorf("", "Class class %s does not implement the %s interface", class, simpleName(interfaceOf(kind)))
}

// interfaceOf is the Java interface behind a kind of plugin.
func interfaceOf(kind connect.PluginType) string {
	switch kind {
	case connect.TypeTransformation:
		return "org.apache.kafka.connect.transforms.Transformation"
	case connect.TypePredicate:
		return "org.apache.kafka.connect.transforms.predicates.Predicate"
	case connect.TypeConverter:
		return "org.apache.kafka.connect.storage.Converter"
	case connect.TypeHeaderConverter:
		return "org.apache.kafka.connect.storage.HeaderConverter"
	}
	return "org.apache.kafka.connect.connector.Connector"
}

func simpleName(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// badRequest is an error that the REST API answers with status 400.
func badRequest(message string) *connect.Error {
	return &connect.Error{Kind: connect.KindConfig, Class: BadRequestException, Message: message}
}

// BadRequestException is the class of errors about the request itself.
const BadRequestException = "org.apache.kafka.connect.runtime.rest.errors.BadRequestException"
