package connectorconfig

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// run is one validation.
type run struct {
	*Validator
	entry  catalog.Entry
	class  string // as it was submitted
	config store.Properties
	given  map[string]*string
	// submitted is given before placeholders were resolved.
	submitted map[string]*string

	keys   []configdef.ConfigKey // every key that is defined, in the order of the answer
	places map[string]int        // of keys, by name
	groups []string
	values map[string]*configdef.ConfigValue
	order  []string // names of values in the order in which they came up
}

// validate runs the whole pipeline.
func (r *run) validate(ctx context.Context) (*ConfigInfos, error) {
	def, err := r.framework(r.entry.Type, r.defaultsFor(r.entry, r.config))
	if err == nil {
		def, err = r.plugins.enrich(def, r.given)
	}
	if err != nil {
		return nil, err
	}
	r.add(def, def.ValidateNullable(r.given))
	if err := r.checkTogether(); err != nil {
		return nil, err
	}
	r.checkNulls()
	converters, err := r.converters()
	if err != nil {
		return nil, err
	}
	overrides, err := r.overrides()
	if err != nil {
		return nil, err
	}
	undefined := r.undefined()
	own, err := r.plugins.definition(r.entry)
	if err != nil {
		return nil, err
	}
	own = own.WithClasses(r.plugins.resolve)
	r.add(own, own.ValidateNullable(r.given))
	if err := r.askConnector(ctx); err != nil {
		return nil, err
	}
	return merge(r.class, slices.Concat([]part{r.result(undefined)}, overrides, converters)), nil
}

// validateWithoutConnector is what is left when the connector is not there in the version that is asked for.
func (r *run) validateWithoutConnector(message string) (*ConfigInfos, error) {
	def, err := r.framework("", defaults{connectorVersion: r.entry.Version})
	if err != nil {
		return nil, err
	}
	r.add(def, def.ValidateNullable(r.given))
	for key := range converterKinds() { // what the connector could load is not known
		r.values[key].RecommendedValues, r.values[key+versionSuffix].RecommendedValues = nil, nil
	}
	r.complain(message, ConnectorClassKey, PluginVersionKey)
	r.checkNulls()
	return merge(r.class, []part{r.result(r.undefined())}), nil
}

// checkTogether is about keys that must fit together.
func (r *run) checkTogether() error {
	r.checkConverterVersions()
	if r.entry.Type == connect.TypeSource {
		r.checkExactlyOnce()
		return nil
	}
	r.checkGroup()
	return r.checkTopics()
}

// add takes in a definition and the values found for it; those that are there already are replaced.
func (r *run) add(def *configdef.Def, values []configdef.ConfigValue) {
	if r.values == nil {
		r.values, r.places = make(map[string]*configdef.ConfigValue), make(map[string]int)
	}
	for _, k := range def.Keys() {
		if place, again := r.places[k.Name]; again {
			r.keys[place] = k
			continue
		}
		r.places[k.Name] = len(r.keys)
		r.keys = append(r.keys, k)
	}
	for _, g := range def.Groups() {
		if !slices.Contains(r.groups, g) {
			r.groups = append(r.groups, g)
		}
	}
	for i := range values {
		v := &values[i]
		if _, known := r.values[v.Name]; !known {
			r.order = append(r.order, v.Name)
		}
		r.values[v.Name] = v
	}
}

// text returns a value, empty when there is none.
func (r *run) text(name string) string {
	text, _ := r.config.Get(name)
	return text
}

// complain adds a message to values, of which there may be none yet.
func (r *run) complain(message string, names ...string) {
	for _, name := range names {
		r.mention(name).AddErrorMessage(message)
	}
}

// mention returns a value, which is in the answer from then on.
func (r *run) mention(name string) *configdef.ConfigValue {
	v, ok := r.values[name]
	if !ok {
		v = &configdef.ConfigValue{Name: name, Visible: true}
		if text := r.given[name]; text != nil {
			v.Value = *text
		}
		r.values[name] = v
		r.order = append(r.order, name)
	}
	return v
}

func (r *run) checkNulls() {
	for _, p := range r.config {
		if p.Value == nil {
			r.complain("Null value can not be supplied as the configuration value.", p.Name)
		}
	}
}

// undefined returns the names of values that no definition so far has, in the order of the HashMap that holds them in Java.
func (r *run) undefined() []string {
	var names []string
	for _, i := range javatext.HashOrder(r.order) {
		name := r.order[i]
		if _, defined := r.places[name]; !defined {
			names = append(names, name)
		}
	}
	return names
}

// result lists values that nobody defines, then all keys.
func (r *run) result(undefined []string) part {
	p := part{groups: r.groups}
	for _, name := range undefined {
		if _, defined := r.places[name]; defined {
			continue // the connector does
		}
		v := r.values[name]
		info := valueInfo(v, 0, "")
		r.redact(name, info)
		p.errors += len(info.Errors)
		p.configs = append(p.configs, ConfigInfo{Value: info})
	}
	for _, k := range r.keys {
		v := r.values[k.Name]
		info := valueInfo(v, k.Type, "")
		r.redact(k.Name, info)
		p.errors += len(info.Errors)
		p.configs = append(p.configs, ConfigInfo{Definition: keyInfo(k, ""), Value: info})
	}
	return p
}

// askConnector adds what the connector's own code has to say. Where that cannot be learned, what was found without it is the answer, if
// there is any: the configuration has to be changed all the same.
func (r *run) askConnector(ctx context.Context) error {
	if !r.entry.Checks && !r.promises() {
		return nil
	}
	response, err := r.ask(ctx, r.entry.Function, &invoke.Request{Op: invoke.OpCheck, Connector: r.text(NameKey), Config: r.config.Map()})
	switch {
	case err == nil:
	case r.hasProblems():
		return nil
	default:
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(response.Messages)) {
		for _, message := range response.Messages[name] {
			r.complain(message, name)
		}
	}
	return nil
}

// hasProblems reports whether anything was found so far.
func (r *run) hasProblems() bool {
	for _, v := range r.values {
		if len(v.ErrorMessages) > 0 {
			return true
		}
	}
	return false
}

// checkExactlyOnce is about what a source promises: exactly.once.support=required and transaction.boundary=connector need a class
// that supports them, with some configuration at least; askConnector asks about this one. Standalone mode has neither, and
// accepts both.
func (r *run) checkExactlyOnce() {
	if r.worker.Standalone {
		return
	}
	if r.is(exactlyOnceKey, "required") {
		if r.worker.AtLeastOnce() != "" {
			r.complain("This worker does not have exactly-once source support enabled.", exactlyOnceKey)
		}
		if !r.entry.ExactlyOnce {
			r.complain(invoke.NotExactlyOnce, exactlyOnceKey)
		}
	}
	if r.is(boundaryKey, "connector") && !r.entry.DefinesTransactions {
		r.complain(invoke.NoTransactionsDefined, boundaryKey)
	}
}

// promises reports whether the connector's code has to say if it keeps what checkExactlyOnce is about.
func (r *run) promises() bool {
	return !r.worker.Standalone && (r.is(exactlyOnceKey, "required") && r.entry.ExactlyOnce || r.is(boundaryKey, "connector") && r.entry.DefinesTransactions)
}

// is reports whether a key has a value, whose case does not matter.
func (r *run) is(key, value string) bool {
	return strings.EqualFold(strings.TrimSpace(r.text(key)), value)
}

// part is one section of the answer.
type part struct {
	errors  int
	groups  []string
	configs []ConfigInfo
}

func merge(class string, parts []part) *ConfigInfos {
	infos := &ConfigInfos{Name: class, Groups: []string{}, Configs: []ConfigInfo{}}
	for _, p := range parts {
		infos.ErrorCount += p.errors
		infos.Configs = append(infos.Configs, p.configs...)
		for _, g := range p.groups {
			if !slices.Contains(infos.Groups, g) {
				infos.Groups = append(infos.Groups, g)
			}
		}
	}
	return infos
}
