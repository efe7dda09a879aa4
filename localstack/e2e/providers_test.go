package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// The same configurations with placeholders are validated by a Java worker and by ferry, with the same files behind them.
func TestPlaceholdersAreValidatedAsByAJavaWorker(t *testing.T) {
	folder := t.TempDir()
	secrets := filepath.Join(folder, "secrets.properties") // which no secrets are
	write(t, secrets, "name=in.txt\nnumber=7\nword=many\nlist=t\nempty=\nnested=${file:"+secrets+":name}\n")
	providers := []string{
		"config.providers=file,env,dir", "config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider",
		"config.providers.file.param.allowed.paths=" + folder, "config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider",
		"config.providers.dir.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider",
	}
	broker := kafka.Broker(t)
	ours, theirs := newCluster(broker.Addr, "placeholders"), newCluster(broker.Addr, "javaplaceholders")
	f := ours.start(t, providers...)
	java := servers.Connect(t, broker.Addr, servers.Group(theirs.group), servers.Topics(theirs.configs, theirs.offsets, theirs.status), servers.Properties(providers...))

	ref := func(key string) string { return "${file:" + secrets + ":" + key + "}" }
	for name, more := range map[string]map[string]string{
		"all is well":                {"file": ref("name"), "batch.size": ref("number")},
		"a number that is a word":    {"batch.size": ref("word")},
		"two in one":                 {"batch.size": ref("number") + ref("number"), "file": "a" + ref("name") + "-" + ref("number")},
		"one of every connector":     {"tasks.max": ref("word"), "errors.tolerance": ref("word"), "errors.retry.timeout": ref("word")},
		"an empty one":               {"topic": ref("empty")},
		"one that is not there":      {"batch.size": ref("ghost")},
		"a provider that is not":     {"batch.size": "${vault:x:y}"},
		"a value that is one again":  {"file": ref("nested")},
		"a list of transforms":       {"transforms": ref("list"), "transforms.t.type": "org.apache.kafka.connect.transforms.HoistField$Value", "transforms.t.field": ref("name")},
		"a transform's class":        {"transforms": "t", "transforms.t.type": ref("word")},
		"a transform's key":          {"transforms": "t", "transforms.t.type": "org.apache.kafka.connect.transforms.Cast$Value", "transforms.t.spec": ref("word")},
		"a converter's class":        {"value.converter": ref("word")},
		"a converter's key":          {"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": ref("word")},
		"a client's key":             {"producer.override.linger.ms": ref("number")},
		"a client's password":        {"producer.override.sasl.jaas.config": ref("word")},
		"a path that is not allowed": {"batch.size": "${file:/etc/passwd:root}"},
		"a file that is not there":   {"batch.size": "${file:" + folder + "/ghost:k}"},
		"a folder that is not there": {"batch.size": "${dir:/ghost:k}"},
		"a variable with a path":     {"batch.size": "${env:x:y}"},
		"a reload action":            {"config.action.reload": ref("word")},
	} {
		t.Run(name, func(t *testing.T) {
			config := map[string]string{"name": "c", "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "topic": "t"}
			maps.Copy(config, more)
			got := api{f.rest}.call(t, "PUT", "/connector-plugins/FileStreamSource/config/validate", config)
			want := api{java.URL()}.call(t, "PUT", "/connector-plugins/FileStreamSource/config/validate", config)
			if g, w := found(t, got, nil), found(t, want, config); g != w {
				t.Errorf("ferry says\n%s\nJava says\n%s", g, w)
			}
		})
	}
}

// found is what a validation says of wrong values. Java quotes what it resolved: of that, in its answer to what was submitted, is made what
// its later releases say, and ferry.
func found(t *testing.T, a answer, submitted map[string]string) string {
	t.Helper()
	if a.status != 200 {
		problem, _, _ := strings.Cut(a.problem(), " (") // a hint follows, in brackets
		return fmt.Sprint(a.status, " ", problem)
	}
	var infos struct {
		Configs []struct {
			Value struct {
				Name        string
				Value       *string
				Errors      []string
				Recommended []string `json:"recommended_values"`
			}
		}
	}
	check(t, json.Unmarshal(a.body, &infos))
	text := ""
	for _, c := range infos.Configs {
		v := c.Value
		if len(v.Errors) == 0 {
			continue
		}
		if given := submitted[v.Name]; strings.Contains(given, "${") && (v.Value == nil || *v.Value != given) && !strings.Contains(v.Errors[0], "${") {
			v.Value, v.Recommended = &given, nil
			v.Errors = []string{"Invalid value for configuration '" + v.Name + "': the value resolved from the config provider reference failed validation"}
		}
		value := "null"
		if v.Value != nil {
			value = *v.Value
		}
		text += fmt.Sprintf("%s=%s %q, %d recommended\n", v.Name, value, v.Errors, len(v.Recommended))
	}
	return text
}
