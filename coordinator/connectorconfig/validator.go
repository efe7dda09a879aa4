package connectorconfig

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// checkTime bounds how long a connector's function may take to validate. It leaves clients that wait ten seconds an answer.
const checkTime = 8 * time.Second

// Options is what a Validator needs.
type Options struct {
	// Catalog knows the plugins.
	Catalog *catalog.Catalog
	// Worker has the defaults of converters and the policy of client overrides.
	Worker *worker.Config
	// Invoker reaches connectors for what needs their code, or the values of placeholders.
	Invoker Invoker
	// CheckTime bounds one such check; 0 is eight seconds.
	CheckTime time.Duration
}

// Invoker asks a connector's function by its name and waits for the answer: see invoke.Invoker.
type Invoker interface {
	Invoke(ctx context.Context, function string, req *invoke.Request) (*invoke.Response, error)
}

// Validator validates configurations. It is immutable and may be used concurrently.
type Validator struct {
	plugins   *plugins
	worker    *worker.Config
	policy    kafkaclient.Policy
	clients   clients
	defaults  map[string]string // of converters, by key
	providers []string          // names of config providers
	invoker   Invoker
	checkTime time.Duration
}

// New returns a Validator. It fails when the catalog does not fit together, or when the worker's converters or its policy
// do not exist.
func New(o Options) (*Validator, error) {
	p, err := newPlugins(o.Catalog)
	if err != nil {
		return nil, fmt.Errorf("set up validation: %w", err)
	}
	v := &Validator{plugins: p, worker: o.Worker, invoker: o.Invoker, checkTime: cmp.Or(o.CheckTime, checkTime), defaults: map[string]string{}}
	if v.policy, err = o.Worker.Policy(); err != nil {
		return nil, err
	}
	if v.clients, err = parseClients(); err != nil {
		return nil, err
	}
	if list, ok := o.Worker.Property("config.providers"); ok {
		v.providers = topicsOf(list)
	}
	converters := o.Worker.Converters()
	for key, kind := range converterKinds() {
		class, given := converters[key]
		if !given {
			continue
		}
		e, ok := p.find(kind, class)
		if !ok {
			return nil, &connect.Error{
				Kind: connect.KindConfig, Class: connect.ConfigException,
				Message: fmt.Sprintf("Invalid value %s for configuration %s: Class %s could not be found.", class, key, class),
				Hint:    "GET /connector-plugins?connectorsOnly=false lists the classes there are",
			}
		}
		v.defaults[key] = e.Class
	}
	return v, nil
}

// converterKinds are the keys that name converters.
func converterKinds() map[string]connect.PluginType {
	return map[string]connect.PluginType{
		KeyConverterKey: connect.TypeConverter, ValueConverterKey: connect.TypeConverter, HeaderConverterKey: connect.TypeHeaderConverter,
	}
}

// TypeOf returns source or sink for a connector class given by name or alias, and unknown when there is none.
func (v *Validator) TypeOf(class string) string {
	if e, err := v.plugins.connector(class); err == nil {
		return string(e.Type)
	}
	return "unknown"
}

// framework returns Kafka Connect's own definition for a kind of connector, without aliases.
func (v *Validator) framework(kind connect.PluginType, d defaults) (*configdef.Def, error) {
	keys := commonKeys(v.plugins, d)
	switch kind {
	case connect.TypeSource:
		keys = append(keys, sourceKeys()...)
	case connect.TypeSink:
		keys = append(keys, sinkKeys()...)
	}
	def, err := configdef.New(keys...)
	if err != nil {
		return nil, fmt.Errorf("define the keys of every %s: %w", kind, err)
	}
	return def.WithClasses(v.plugins.resolve), nil
}

// defaultsFor returns the defaults that validation shows: the worker's converters, and the versions of the classes in use.
func (v *Validator) defaultsFor(e catalog.Entry, config store.Properties) defaults {
	version := func(key string) string {
		class := v.defaults[key]
		if given, ok := config.Get(key); ok {
			class = strings.TrimSpace(given)
		}
		found, _ := v.plugins.find(converterKinds()[key], class)
		return found.Version
	}
	return defaults{
		connectorVersion: e.Version,
		keyConverter:     v.defaults[KeyConverterKey], valueConverter: v.defaults[ValueConverterKey], headerConverter: v.defaults[HeaderConverterKey],
		keyVersion: version(KeyConverterKey), valueVersion: version(ValueConverterKey), headerConverterVersion: version(HeaderConverterKey),
	}
}

// Keys describes the configuration of a plugin of any kind, given by class or alias: for a connector its own keys, then
// Kafka Connect's. version is latest, a version or a range. Errors are of class NotFoundException or BadRequestException.
func (v *Validator) Keys(plugin, version string) ([]*ConfigKeyInfo, error) {
	wanted, err := parseVersions(version)
	if err != nil {
		return nil, badRequest("Invalid version specification: " + version)
	}
	e, ok := v.plugins.catalog.Find(plugin)
	if !ok {
		return nil, withoutKeys(plugin, wanted)
	}
	if message, _ := v.plugins.matchVersion(e.Class, version); message != "" { // it can be read
		return nil, badRequest(message)
	}
	own, err := v.plugins.definition(e)
	if err != nil {
		return nil, err
	}
	keys := own.Keys()
	if e.Function != "" {
		framework, err := v.framework(e.Type, defaults{connectorVersion: e.Version})
		if err != nil {
			return nil, err
		}
		keys = append(keys, slices.DeleteFunc(framework.Keys(), func(k configdef.ConfigKey) bool {
			_, twice := own.Key(k.Name)
			return twice
		})...)
	}
	infos := make([]*ConfigKeyInfo, len(keys))
	for i, k := range keys {
		infos[i] = keyInfo(k, "")
	}
	return infos, nil
}

// withoutKeys is the error for a plugin that cannot be described.
func withoutKeys(plugin string, version versionRanges) error {
	class, available, known := ofWorkers(plugin)
	switch {
	case !known:
		return &connect.Error{Kind: connect.KindConfig, Class: connect.NotFoundException, Message: "Unknown plugin " + plugin + "."}
	case !version.contain(available):
		return badRequest(noSuchVersion(class, version, available))
	}
	return badRequest("Invalid plugin class " + plugin + ". Valid types are sink, source, converter, header_converter, transformation, predicate.")
}

// Validate checks a configuration and reports on every key. One with placeholders of the worker's config providers is checked by the
// connector's function. The error is for a configuration that cannot be judged at all: of class BadRequestException when it names
// no connector, otherwise because something could not be asked.
func (v *Validator) Validate(ctx context.Context, config store.Properties) (*ConfigInfos, error) {
	if v.refers(config) {
		return v.validateInFunction(ctx, withoutProviders(config))
	}
	return v.ValidateResolved(ctx, config, config)
}

// ValidateResolved is Validate for who has resolved the placeholders of what was submitted. As in releases of Kafka Connect after 4.3.1, the
// value of a key that had one is shown as it was submitted, nothing is recommended for it, and what is wrong with it is told without
// quoting it.
func (v *Validator) ValidateResolved(ctx context.Context, submitted, config store.Properties) (*ConfigInfos, error) {
	config = withoutProviders(config)
	class, e, err := v.connectorOf(config)
	if err != nil {
		return nil, err
	}
	r := &run{Validator: v, entry: e, class: class, config: config, given: nullable(config), submitted: nullable(submitted)}
	version, ok := config.Get(PluginVersionKey)
	if !ok {
		return r.validate(ctx)
	}
	message, err := v.plugins.matchVersion(e.Class, version)
	if err != nil {
		return nil, badRequest(err.Error())
	}
	if message != "" {
		return r.validateWithoutConnector(message)
	}
	return r.validate(ctx)
}

// connectorOf returns the connector that a configuration is for, and its class as it was submitted.
func (v *Validator) connectorOf(config store.Properties) (class string, e catalog.Entry, err error) {
	class, ok := config.Get(ConnectorClassKey)
	if !ok {
		return "", e, badRequest("Connector config " + javaMap(config) + " contains no connector type")
	}
	e, err = v.plugins.connector(class)
	return class, e, err
}

func nullable(config store.Properties) map[string]*string {
	m := make(map[string]*string, len(config))
	for _, p := range config {
		m[p.Name] = p.Value
	}
	return m
}

// withoutProviders leaves out config.providers and what belongs to it: only the worker's providers count.
func withoutProviders(config store.Properties) store.Properties {
	return slices.DeleteFunc(slices.Clone(config), func(p store.Property) bool {
		return p.Name == "config.providers" || strings.HasPrefix(p.Name, "config.providers.")
	})
}

// javaMap renders a configuration as Java prints a map.
func javaMap(config store.Properties) string {
	entries := make([]string, len(config))
	for i, p := range config {
		value := "null"
		if p.Value != nil {
			value = *p.Value
		}
		entries[i] = p.Name + "=" + value
	}
	return "{" + strings.Join(entries, ", ") + "}"
}

// Connector returns what the catalog knows of a connector class given by name or alias. The error lists what there is; it is
// of class BadRequestException.
func (v *Validator) Connector(class string) (catalog.Entry, error) { return v.plugins.connector(class) }
