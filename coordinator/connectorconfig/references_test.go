package connectorconfig_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// providers declares the config providers file and env.
func providers() []string {
	return []string{"config.providers", "file, env", "config.providers.file.class", "FileConfigProvider", "config.providers.env.class", "EnvVarConfigProvider"}
}

func TestAConfigurationWithPlaceholdersIsValidatedWhereTheyCanBeResolved(t *testing.T) {
	answer := &connectorconfig.ConfigInfos{Name: "Source", ErrorCount: 3, Groups: []string{}, Configs: []connectorconfig.ConfigInfo{}}
	var asked []*invoke.Request
	v := validator(t, func(req *invoke.Request) *invoke.Response {
		asked = append(asked, req)
		infos, err := json.Marshal(answer)
		if err != nil {
			t.Error(err)
		}
		return &invoke.Response{Infos: infos}
	}, providers()...)
	submitted := config(source("tasks.max", "${env:N}", "limit", "x", "config.providers", "mine")...)
	submitted = append(submitted, store.Property{Name: "topic"})

	infos, err := v.Validate(t.Context(), submitted)

	if err != nil || infos.ErrorCount != 3 || len(asked) != 1 {
		t.Fatalf("got %+v, %v, after %d questions", infos, err, len(asked))
	}
	want := map[string]string{"name": "s", "connector.class": "Source", "tasks.max": "${env:N}", "limit": "x"}
	if req := asked[0]; req.Op != invoke.OpValidate || req.Connector != "s" || !maps.Equal(req.Config, want) || !slices.Equal(req.Nulls, []string{"topic"}) {
		t.Errorf("asked %+v", req)
	}
}

func TestPlaceholdersThatCannotBeResolvedAreNoMistakeOfAKey(t *testing.T) {
	v := validator(t, func(*invoke.Request) *invoke.Response {
		return &invoke.Response{Error: invoke.FailureOf(connect.ConfigError("could not resolve the configuration's placeholders"))}
	}, providers()...)
	_, err := v.Validate(t.Context(), config(source("limit", "${file:/nowhere:k}")...))
	if err == nil || !strings.Contains(err.Error(), "could not resolve") {
		t.Errorf("got %v", err)
	}
	if _, err = v.Validate(t.Context(), config("connector.class", "no.Such", "limit", "${file:/nowhere:k}")); err == nil {
		t.Error("a class that is not there was found")
	} else if e, ok := errors.AsType[*connect.Error](err); !ok || e.Class != connectorconfig.BadRequestException {
		t.Errorf("got %v", err)
	}
}

// As in releases of Kafka Connect after 4.3.1, which quotes it: a value that a provider gave appears nowhere in the answer.
func TestWhatIsSaidOfAResolvedValueDoesNotQuoteIt(t *testing.T) {
	const generic = "Invalid value for configuration 'KEY': the value resolved from the config provider reference failed validation"
	classes, err := catalog.LoadWith([]byte(plugins[:strings.Index(plugins, `,
{"class":"org.apache`)] + "]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		more  map[string]string // submitted beside what every source has; a placeholder is resolved to secret
		value string            // of the placeholder
		wrong []string          // keys that are
		count int
	}{
		{"a value that fits", map[string]string{"limit": "${env:X}"}, "7", nil, 0},
		{"a key of the connector", map[string]string{"limit": "${env:X}"}, "correct horse", []string{"limit"}, 1},
		{"a key of the connector, in its own words", map[string]string{"password": "${env:X}"}, "correct horse", []string{"password"}, 1},
		{"a key of every connector", map[string]string{"tasks.max": "${env:X}"}, "correct horse", []string{"tasks.max"}, 1},
		{"the class of a converter", map[string]string{"value.converter": "${env:X}"}, "correct horse", []string{"value.converter"}, 1},
		{"a key of a converter", map[string]string{"value.converter": "JsonConverter", "value.converter.schemas.enable": "${env:X}"}, "correct horse", []string{"value.converter.schemas.enable"}, 1},
		{"a key of a transform", map[string]string{"transforms": "t", "transforms.t.type": "org.apache.kafka.connect.transforms.Cast$Value", "transforms.t.spec": "${env:X}"}, "correct horse", []string{"transforms.t.spec"}, 1},
		{"the class of a transform", map[string]string{"transforms": "t", "transforms.t.type": "${env:X}"}, "correct horse", []string{"transforms.t.type"}, 1},
		{"a list of transforms", map[string]string{"transforms": "${env:X}", "transforms.t.type": "org.apache.kafka.connect.transforms.Cast$Value", "transforms.t.spec": "f:int32"}, "t", nil, 0},
		{"a client override that cannot be honoured", map[string]string{"producer.override.compression.type": "${env:X}"}, "correct horse", []string{"producer.override.compression.type"}, 1},
		{"a client override", map[string]string{"producer.override.sasl.jaas.config": "${env:X}"}, "correct horse", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newValidator(t, connectorconfig.Options{Catalog: classes, Worker: standalone(t, providers()...), Invoker: quoting{}})
			submitted, resolved := config(source()...), config(source()...)
			for _, key := range slices.Sorted(maps.Keys(c.more)) {
				submitted = submitted.With(key, c.more[key])
				resolved = resolved.With(key, strings.ReplaceAll(c.more[key], "${env:X}", c.value))
			}
			infos, err := v.ValidateResolved(t.Context(), submitted, resolved)
			if err != nil {
				t.Fatal(err)
			}
			shown := 0
			for _, info := range infos.Configs {
				if strings.Contains(c.more[info.Value.Name], "${") {
					checkRedacted(t, info.Value, c.more[info.Value.Name], strings.ReplaceAll(generic, "KEY", info.Value.Name), slices.Contains(c.wrong, info.Value.Name))
					shown++
				}
			}
			if shown != 1 {
				t.Errorf("the key is there %d times", shown)
			}
			if text, _ := json.Marshal(infos); infos.ErrorCount != c.count || strings.Contains(string(text), "correct horse") {
				t.Errorf("%d errors: %s", infos.ErrorCount, text)
			}
		})
	}
}

func checkRedacted(t *testing.T, value *connectorconfig.ConfigValueInfo, text, generic string, wrong bool) {
	t.Helper()
	if value.Value == nil || *value.Value != text || len(value.RecommendedValues) > 0 {
		t.Errorf("%s is shown as %v, with %v recommended", value.Name, value.Value, value.RecommendedValues)
	}
	if wrong && !slices.Equal(value.Errors, []string{generic}) || !wrong && len(value.Errors) > 0 {
		t.Errorf("of %s it says %q", value.Name, value.Errors)
	}
}

// quoting is the connector's own code, which quotes the password that it does not like.
type quoting struct{}

// Invoke implements connectorconfig.Invoker.
func (quoting) Invoke(_ context.Context, _ string, req *invoke.Request) (*invoke.Response, error) {
	password, given := req.Config["password"]
	if !given {
		return &invoke.Response{}, nil
	}
	return &invoke.Response{Messages: map[string][]string{"password": {password + " is too short", "and has a blank"}}}, nil
}
