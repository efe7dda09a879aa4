package configdef_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
)

func checkTransformer(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[struct {
		Files, Env, ProviderConfig, Props map[string]string
	}](t, c.Input)
	base := t.TempDir()
	for name, content := range in.Files {
		file := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return err
		}
	}
	t.Chdir(base)
	absolute := func(m map[string]string) map[string]string {
		for k, v := range m {
			m[k] = strings.ReplaceAll(v, "@BASE@", base)
		}
		return m
	}
	result, err := transform(t, absolute(in.ProviderConfig), in.Env, absolute(in.Props))
	if err != nil {
		return failure(c, errors.New(strings.ReplaceAll(message(err), base, "@BASE@")))
	}
	if c.Error != nil {
		return outcome(c, result.Data, nil, nil)
	}
	want := vectors.Decode[struct {
		Data map[string]string
		TTLs map[string]time.Duration
	}](t, c.Output)
	if len(want.TTLs) != len(result.TTLs) {
		return fmt.Errorf("answered TTLs %v, but the real class %v", result.TTLs, want.TTLs)
	}
	return outcome(c, result.Data, nil, absolute(want.Data))
}

// transform resolves props with Kafka's three providers.
func transform(t *testing.T, params, env, props map[string]string) (configdef.ConfigTransformerResult, error) {
	file, err := provider.NewFile(params)
	if err != nil {
		return configdef.ConfigTransformerResult{}, err
	}
	dir, err := provider.NewDirectory(params)
	if err != nil {
		return configdef.ConfigTransformerResult{}, err
	}
	vars, err := provider.NewEnvVar(params, func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	})
	if err != nil {
		return configdef.ConfigTransformerResult{}, err
	}
	return configdef.NewConfigTransformer(map[string]configdef.ConfigProvider{"file": file, "dir": dir, "env": vars}).Transform(t.Context(), props)
}

// message is what Kafka would say: the text of the innermost configuration error.
func message(err error) string {
	var e *configdef.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}
