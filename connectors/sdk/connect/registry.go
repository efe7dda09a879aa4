package connect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// Plugins is all that can be named in a configuration, in explicit lists.
type Plugins struct {
	Connectors       []*Class
	Transforms       []*TransformClass
	Predicates       []*PredicateClass
	Converters       []*ConverterClass
	HeaderConverters []*HeaderConverterClass
}

// Plugin is one line of GET /connector-plugins. A class that is a converter and a header converter has two.
type Plugin struct {
	// Name is the full class name.
	Name    string
	Type    PluginType
	Version string
	Config  *configdef.Def
}

// Registry finds plugins by the names that configurations use. A name is the full class name or an alias: the class name
// without its package, or that cut at the last occurrence of Connector, Transformation, Predicate, Converter or
// HeaderConverter, as the kind may be. An alias that two classes share, of whatever kinds, is nobody's, unless just one of them is
// Apache's: then it is that one's, as it is where no other plugins are installed. It is immutable and may be used concurrently.
type Registry struct {
	connectors       map[string]*Class
	transforms       map[string]*TransformClass
	predicates       map[string]*PredicateClass
	converters       map[string]*ConverterClass
	headerConverters map[string]*HeaderConverterClass
	aliases          map[string]string // to the full name
	listing          []Plugin
}

// NewRegistry indexes plugins. It fails when a name is empty or appears twice, and when a connector is not exactly one of
// source and sink: mistakes of the program, not of its user.
func NewRegistry(p Plugins) (*Registry, error) {
	r := &Registry{
		connectors:       make(map[string]*Class),
		transforms:       make(map[string]*TransformClass),
		predicates:       make(map[string]*PredicateClass),
		converters:       make(map[string]*ConverterClass),
		headerConverters: make(map[string]*HeaderConverterClass),
		aliases:          make(map[string]string),
	}
	for _, c := range p.Connectors {
		r.connectors[c.Name] = c
		r.listing = append(r.listing, Plugin{c.Name, c.Type(), c.Version, c.Config})
	}
	for _, c := range p.Transforms {
		r.transforms[c.Name] = c
		r.listing = append(r.listing, Plugin{c.Name, TypeTransformation, c.Version, c.Config})
	}
	for _, c := range p.Predicates {
		r.predicates[c.Name] = c
		r.listing = append(r.listing, Plugin{c.Name, TypePredicate, c.Version, c.Config})
	}
	for _, c := range p.Converters {
		r.converters[c.Name] = c
		r.listing = append(r.listing, Plugin{c.Name, TypeConverter, c.Version, c.Config})
	}
	for _, c := range p.HeaderConverters {
		r.headerConverters[c.Name] = c
		r.listing = append(r.listing, Plugin{c.Name, TypeHeaderConverter, c.Version, c.Config})
	}
	slices.SortStableFunc(r.listing, comparePlugins)
	if err := r.check(); err != nil {
		return nil, err
	}
	r.computeAliases()
	return r, nil
}

func comparePlugins(a, b Plugin) int {
	return cmp.Or(
		cmp.Compare(slices.Index(pluginOrder[:], a.Type), slices.Index(pluginOrder[:], b.Type)),
		cmp.Compare(a.Name, b.Name))
}

//nolint:gochecknoglobals // a constant table; Go has no constant arrays
var pluginOrder = [...]PluginType{TypeSink, TypeSource, TypeTransformation, TypePredicate, TypeConverter, TypeHeaderConverter}

func (r *Registry) check() error {
	seen := make(map[string]PluginType, len(r.listing))
	for _, p := range r.listing {
		other, twice := seen[p.Name]
		switch {
		case p.Name == "":
			return fmt.Errorf("register plugins: a %s has no name", p.Type)
		case twice && !(other == TypeConverter && p.Type == TypeHeaderConverter):
			return fmt.Errorf("register plugins: %s is listed twice, as %s and as %s", p.Name, other, p.Type)
		}
		if c := r.connectors[p.Name]; c != nil && (c.Source == nil) == (c.Sink == nil) {
			return fmt.Errorf("register plugins: connector %s must have either Source or Sink", p.Name)
		}
		seen[p.Name] = p.Type
	}
	return nil
}

func (r *Registry) computeAliases() {
	claims := make(map[string][]string) // full names by alias
	claim := func(alias, name string) {
		if !slices.Contains(claims[alias], name) {
			claims[alias] = append(claims[alias], name)
		}
	}
	for _, p := range r.listing {
		simple := simpleName(p.Name)
		claim(simple, p.Name)
		claim(prune(simple, p.Type), p.Name)
	}
	for _, c := range r.connectors {
		for _, a := range c.Aliases {
			claim(a, c.Name)
		}
	}
	for alias, names := range claims {
		if len(names) > 1 {
			names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, "org.apache.kafka.connect.") })
		}
		if len(names) == 1 {
			r.aliases[alias] = names[0]
		}
	}
}

// simpleName is the class name without package and outer classes.
func simpleName(class string) string { return class[strings.LastIndexAny(class, ".$")+1:] }

// prune cuts a simple name where the kind's own name begins; a name that is nothing else stays whole.
func prune(simple string, t PluginType) string {
	if at := strings.LastIndex(simple, kindName(t)); at > 0 {
		return simple[:at]
	}
	return simple
}

// kindName is the simple name of the Java interface behind a plugin type.
func kindName(t PluginType) string {
	switch t {
	case TypeTransformation:
		return "Transformation"
	case TypePredicate:
		return "Predicate"
	case TypeConverter:
		return "Converter"
	case TypeHeaderConverter:
		return "HeaderConverter"
	}
	return "Connector"
}

// Connector finds a connector by class name or alias. The error is KindConfig and, in Kafka Connect's words, lists what there
// is, or what the alias could mean.
func (r *Registry) Connector(name string) (*Class, error) {
	if c := find(r, r.connectors, name); c != nil {
		return c, nil
	}
	var matches []Plugin
	for _, p := range r.listing {
		if s := simpleName(p.Name); p.isConnector() && (s == name || s == name+"Connector") {
			matches = append(matches, p)
		}
	}
	switch len(matches) {
	case 0:
		return nil, r.notFound("Connector", "connectors", name, Plugin.isConnector)
	case 1: // ambiguous among all kinds of plugin, but not among connectors
		return r.connectors[matches[0].Name], nil
	}
	return nil, &Error{Kind: KindConfig, Class: ConnectException, Message: "More than one connector matches alias " + name +
		". Please use full package and class name instead. Classes found: " + describe(matches)}
}

// Transform finds a transform by class name or alias. Errors are KindConfig.
func (r *Registry) Transform(name string) (*TransformClass, error) {
	if c := find(r, r.transforms, name); c != nil {
		return c, nil
	}
	return nil, r.notFound("Transformation", "transformations", name, isType(TypeTransformation))
}

// Predicate finds a predicate by class name or alias. Errors are KindConfig.
func (r *Registry) Predicate(name string) (*PredicateClass, error) {
	if c := find(r, r.predicates, name); c != nil {
		return c, nil
	}
	return nil, r.notFound("Predicate", "predicates", name, isType(TypePredicate))
}

// Converter finds a converter by class name or alias. Errors are KindConfig.
func (r *Registry) Converter(name string) (*ConverterClass, error) {
	if c := find(r, r.converters, name); c != nil {
		return c, nil
	}
	return nil, r.notFound("Converter", "converters", name, isType(TypeConverter))
}

// HeaderConverter finds a header converter by class name or alias. Errors are KindConfig.
func (r *Registry) HeaderConverter(name string) (*HeaderConverterClass, error) {
	if c := find(r, r.headerConverters, name); c != nil {
		return c, nil
	}
	return nil, r.notFound("HeaderConverter", "header converters", name, isType(TypeHeaderConverter))
}

// Plugins lists all plugins as GET /connector-plugins does: sinks, sources, transformations, predicates, converters, header
// converters, each sorted by class name. The slice must not be changed.
func (r *Registry) Plugins() []Plugin { return r.listing }

// Resolve returns the full class name that a name or alias stands for, of whatever kind; ok is false when there is none.
func (r *Registry) Resolve(name string) (class string, ok bool) {
	for _, p := range r.listing {
		if p.Name == name {
			return name, true
		}
	}
	class = r.aliases[name]
	return class, class != ""
}

func find[C any](r *Registry, classes map[string]*C, name string) *C {
	if c := classes[name]; c != nil {
		return c
	}
	return classes[r.aliases[name]]
}

func (r *Registry) notFound(kind, kinds, name string, of func(Plugin) bool) error {
	var available []Plugin
	for _, p := range r.listing {
		if of(p) {
			available = append(available, p)
		}
	}
	return &Error{Kind: KindConfig, Class: ConnectException, Message: "Failed to find any class that implements " + kind +
		" and which name matches " + name + ", available " + kinds + " are: " + describe(available)}
}

func isType(t PluginType) func(Plugin) bool {
	return func(p Plugin) bool { return p.Type == t }
}

func (p Plugin) isConnector() bool { return p.Type == TypeSink || p.Type == TypeSource }

// String renders the plugin as Kafka Connect's messages do. The location is always classpath: there are no plugin folders.
func (p Plugin) String() string {
	return fmt.Sprintf("PluginDesc{klass=class %s, name='%s', version='%s', encodedVersion=%s, type=%s, typeName='%s', location='classpath'}",
		p.Name, p.Name, p.Version, p.Version, p.Type, p.Type)
}

func describe(plugins []Plugin) string {
	texts := make([]string, len(plugins))
	for i, p := range plugins {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}
