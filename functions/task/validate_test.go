package task_test

import (
	"slices"
	"testing"

	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/invoke"
)

func TestAConfigurationIsValidatedWithItsPlaceholdersResolved(t *testing.T) {
	inBubble(t, with(map[string]string{"FILE": "/data/in.txt", "SIZE": "many", "TRANSFORMS": "t"}), func(t *testing.T, f *function) {
		req := &invoke.Request{Op: invoke.OpValidate, Connector: "c", Nulls: []string{"tasks.max"}, Config: map[string]string{
			"name": "c", "connector.class": fileSource, "topic": "out", "file": "${env:FILE}", "batch.size": "${env:SIZE}", "errors.retry.timeout": "${env:UNKNOWN}",
			"transforms": "${env:TRANSFORMS}", "transforms.t.type": "org.apache.kafka.connect.transforms.Flatten$Value", "transforms.t.delimiter": "${env:FILE}",
		}}
		resp := f.Handle(t.Context(), req)
		if resp.Error != nil {
			t.Fatal(resp.Error)
		}
		var infos connectorconfig.ConfigInfos
		decode(t, resp.Infos, &infos)
		for name, want := range map[string]struct{ value, message string }{
			"file":                   {"${env:FILE}", ""},
			"batch.size":             {"${env:SIZE}", "Invalid value for configuration 'batch.size': the value resolved from the config provider reference failed validation"},
			"errors.retry.timeout":   {"", "Invalid value ${env:UNKNOWN} for configuration errors.retry.timeout: Not a number of type LONG"},
			"transforms.t.delimiter": {"${env:FILE}", ""},
			"tasks.max":              {"", "Null value can not be supplied as the configuration value."},
		} {
			i := slices.IndexFunc(infos.Configs, func(c connectorconfig.ConfigInfo) bool { return c.Value.Name == name })
			if i < 0 {
				t.Fatalf("%s is not there: %s", name, resp.Infos)
			}
			value := infos.Configs[i].Value
			if value.Value != nil && *value.Value != want.value || value.Value == nil && want.value != "" || want.message == "" && len(value.Errors) > 0 || want.message != "" && !slices.Contains(value.Errors, want.message) {
				t.Errorf("%s is %v with %q, want %+v", name, value.Value, value.Errors, want)
			}
		}
	})
}
