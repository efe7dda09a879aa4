package awsprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// maxNames is how many parameters one call may name.
const maxNames = 10

// ParameterStore looks up parameters in the Parameter Store of AWS Systems Manager, decrypted. It may be used concurrently.
type ParameterStore struct {
	service
	parameters *cache[string]
}

func newParameterStore(s settings) *ParameterStore {
	return &ParameterStore{newService(s, "Parameter Store", "ssm", "SSM", "ssm:GetParameters"), newCache[string]()}
}

// Forget drops what was asked for before a time, and reports whether there was anything.
func (p *ParameterStore) Forget(before time.Time) bool { return p.parameters.forget(before) }

// Get returns parameters by their names or ARNs, which may end in :version or :label. The path counts for nothing, but for one that
// is the beginning of an ARN.
//
// It fails if parameters cannot be read; and with [NotFoundStrategyConfig] fail, if one is not there.
func (p *ParameterStore) Get(ctx context.Context, path string, keys []string) (configdef.ConfigData, error) {
	names := make(map[string]string) // by placeholder
	ttls := make(map[string]time.Duration)
	data := configdef.ConfigData{Data: make(map[string]string)}
	for _, placeholder := range keys {
		name, ttl, err := cutOptions(placeholder)
		if err != nil {
			return configdef.ConfigData{}, err
		}
		if path == "arn" {
			name = "arn:" + name
		}
		names[placeholder] = name
		ttls[name] = shorter(ttls[name], ttl)
		data.TTL = shorter(data.TTL, ttl)
	}
	if err := p.enter(ctx); err != nil {
		return configdef.ConfigData{}, err
	}
	defer p.leave()
	values, err := p.read(ctx, ttls)
	if err != nil {
		return configdef.ConfigData{}, err
	}
	for placeholder, name := range names {
		value, ok := values[name]
		if !ok {
			if err := p.notFound(fmt.Sprintf("there is no parameter %s", name)); err != nil {
				return configdef.ConfigData{}, err
			}
		}
		data.Data[placeholder] = value
	}
	return data, nil
}

// read returns the values of parameters by name; those that are not there are left out.
func (p *ParameterStore) read(ctx context.Context, ttls map[string]time.Duration) (map[string]string, error) {
	values := make(map[string]string)
	missing := make(map[string][]string) // by region
	for name, ttl := range ttls {
		if value, ok := p.parameters.get(name, orLifetime(ttl)); ok {
			values[name] = value
		} else {
			missing[regionIn(name)] = append(missing[regionIn(name)], name)
		}
	}
	for region, names := range missing {
		slices.Sort(names)
		for batch := range slices.Chunk(names, maxNames) {
			if err := p.ask(ctx, region, batch, values); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}

// ask adds to values what there is of up to ten parameters.
func (p *ParameterStore) ask(ctx context.Context, region string, names []string, values map[string]string) error {
	r, err := newJSONRequest("AmazonSSM.GetParameters", map[string]any{"Names": names, "WithDecryption": true})
	if err != nil {
		return err
	}
	asked := time.Now()
	body, err := p.call(ctx, region, "the parameters "+strings.Join(names, ", "), r)
	if err != nil {
		return err
	}
	var answer struct {
		Parameters []struct{ Name, ARN, Selector, Value string }
	}
	if json.Unmarshal(body, &answer) != nil { // its error quotes
		return connect.RetriableError("the answer of Parameter Store is no JSON", nil)
	}
	for _, parameter := range answer.Parameters {
		for _, name := range []string{parameter.Name + parameter.Selector, parameter.ARN + parameter.Selector} {
			if slices.Contains(names, name) {
				values[name] = parameter.Value
				p.parameters.put(name, parameter.Value, asked)
			}
		}
	}
	return nil
}
