package worker

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// realKey is a key as DistributedConfig and StandaloneConfig of Kafka Connect 4.3.1 define it. testdata/definition.jsonl was printed
// by a program that asked them.
type realKey struct {
	Mode, Name, Type, Validator string
	Default                     *string
	Required                    bool
}

func realKeys(t *testing.T) (keys []realKey) {
	t.Helper()
	file, err := os.Open("testdata/definition.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var k realKey
		if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	if len(keys) < 150 {
		t.Fatalf("only %d keys", len(keys))
	}
	return keys
}

// differences are the keys that are not as in Kafka Connect, with what differs and why.
func differences() map[string]string {
	return map[string]string{
		ExactlyOnceSupportKey:                   "default: sources are exactly once unless the worker says otherwise",
		ListenersKey:                            "default: on loopback",
		"inter.worker.key.generation.algorithm": "validator: which algorithms a JVM has is not known here",
		signatureKey:                            "validator: which algorithms a JVM has is not known here",
	}
}

func TestEveryKeyOfARealWorkerIsDefinedAsThere(t *testing.T) {
	ours := map[string]*configdef.Def{}
	for mode, distributed := range map[string]bool{"distributed": true, "standalone": false} {
		def, err := definition(distributed)
		if err != nil {
			t.Fatal(err)
		}
		ours[mode] = def
	}
	differ := differences()
	for _, real := range realKeys(t) {
		k, defined := ours[real.Mode].Key(real.Name)
		if !defined {
			t.Errorf("%s is not defined in %s mode", real.Name, real.Mode)
			continue
		}
		validator := ""
		if k.Validator != nil {
			validator = k.Validator.String()
		}
		equal := func(what, got, want string) {
			if got == want {
				return
			}
			if reason, onPurpose := differ[real.Name]; !onPurpose || !strings.HasPrefix(reason, what) {
				t.Errorf("%s (%s): %s is %q, want %q", real.Name, real.Mode, what, got, want)
			}
		}
		equal("type", k.Type.String(), real.Type)
		equal("default", text(k.DefaultText()), text(real.Default))
		equal("validator", validator, real.Validator)
		if k.Required != real.Required {
			t.Errorf("%s (%s): required is %v", real.Name, real.Mode, k.Required)
		}
	}
}

func text(s *string) string {
	if s == nil {
		return "null"
	}
	return "=" + *s
}

func TestNoKeyIsMadeUp(t *testing.T) {
	real := map[string]bool{}
	for _, k := range realKeys(t) {
		real[k.Name] = true
	}
	for _, k := range Keys() {
		if !real[k.Name] && !strings.HasPrefix(k.Name, "ferry.") {
			t.Errorf("%s is no key of Kafka Connect", k.Name)
		}
		if k.State == "" || k.Note == "" {
			t.Errorf("%s lacks its state or a note", k.Name)
		}
	}
}
