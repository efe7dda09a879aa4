package task_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/preview"
	"github.com/ferry-connect/ferry/functions/task"
)

const apache = "org.apache.kafka.connect.transforms."

// withChain is a configuration of the file sink with transforms, given as alias, class and keys.
func withChain(transforms ...[]string) map[string]string {
	config := map[string]string{
		"connector.class": fileSink, "topics": "in", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
		"value.converter.schemas.enable": "false", "password": "${env:PASSWORD}",
	}
	var aliases []string
	for _, tr := range transforms {
		aliases = append(aliases, tr[0])
		config["transforms."+tr[0]+".type"] = apache + tr[1]
		for i := 2; i < len(tr); i += 2 {
			config["transforms."+tr[0]+"."+tr[i]] = tr[i+1]
		}
	}
	config["transforms"] = strings.Join(aliases, ",")
	return config
}

func previewOf(config map[string]string, records ...string) *invoke.Request {
	req := &invoke.Request{Op: invoke.OpPreview, Connector: "c", Config: config}
	for _, r := range records {
		req.Records = append(req.Records, json.RawMessage(r))
	}
	return req
}

// Invariant I10. What a chain makes of a secret may be anything, so none gets into it.
func TestAPreviewAskedOfTheFunctionNeverLooksUpASecretOfTheChain(t *testing.T) {
	asked := false
	change := func(o *task.Options) {
		o.Providers = map[string]configdef.ConfigProvider{"env": counting(func() map[string]string {
			asked = true
			return map[string]string{"SECRET": "correct horse", "PASSWORD": "battery staple"}
		})}
	}
	inBubble(t, change, func(t *testing.T, f *function) {
		resp := f.Handle(t.Context(), previewOf(withChain(
			[]string{"insert", "InsertField$Value", "static.field", "at", "static.value", "${env:SECRET}"},
			[]string{"route", "RegexRouter", "regex", ".*", "replacement", "to-${env:SECRET}"},
			[]string{"cut", "RegexRouter", "regex", "to-.(.*)", "replacement", "$1"},
			[]string{"field", "HoistField$Value", "field", "${env:SECRET}"},
		), `{"topic":"in","value":{"a":1}}`))
		if resp.Error != nil {
			t.Fatal(resp.Error.Trace)
		}
		if asked {
			t.Error("a provider was asked, of which nothing that is shown depends")
		}
		text := string(resp.Preview.Results[0])
		for _, want := range []string{`"value":{"${env:SECRET}":{"a":1,"at":"${env:SECRET}"}}`, `"value":"to-${env:SECRET}"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is not in %s", want, text)
			}
		}
		want := map[string]string{
			"transforms.insert.static.value": "${env:SECRET}", "transforms.route.replacement": "to-${env:SECRET}", "transforms.field.field": "${env:SECRET}",
		}
		if !maps.Equal(resp.Preview.StandIns, want) {
			t.Errorf("the stand-ins are %v", resp.Preview.StandIns)
		}
	})
}

func TestASecretThatHasToBeANumberIsAskedForInWords(t *testing.T) {
	inBubble(t, with(map[string]string{"SECRET": "17"}), func(t *testing.T, f *function) {
		resp := f.Handle(t.Context(), previewOf(withChain([]string{"cast", "Cast$Value", "spec", "a:${env:SECRET}"})))
		if resp.Error == nil || !strings.Contains(resp.Error.Message, "transforms.cast.") || !strings.Contains(resp.Error.Hint, "ferry transform") ||
			strings.Contains(resp.Error.Trace, "standin") {
			t.Errorf("it answered %+v", resp.Error)
		}
	})
}

func TestConvertersGetTheirSecretsAndDoNotTellThem(t *testing.T) {
	inBubble(t, with(map[string]string{"ENCODING": "ISO-8859-1"}), func(t *testing.T, f *function) {
		config := withChain()
		config["value.converter"], config["value.converter.converter.encoding"] = "org.apache.kafka.connect.storage.StringConverter", "${env:ENCODING}"
		resp := f.Handle(t.Context(), previewOf(config, `{"topic":"in","valueBase64":"5CA="}`, `{"topic":"in","valueText":"in ISO-8859-1"}`))
		if resp.Error != nil {
			t.Fatal(resp.Error.Trace)
		}
		if text := string(resp.Preview.Results[0]); !strings.Contains(text, `"payload":"ä "`) {
			t.Errorf("the encoding was not that of the provider: %s", text)
		}
		if text := string(resp.Preview.Results[1]); strings.Contains(text, "8859") || !strings.Contains(text, "in ${env:ENCODING}") {
			t.Errorf("the value is in %s", text)
		}
	})
}

// On one's own machine the chain gets what the task gets. What can be recognised is shown as its placeholder.
func TestAPreviewOfOnesOwnLooksSecretsUpAndShowsPlaceholders(t *testing.T) {
	inBubble(t, with(map[string]string{"SECRET": "correct horse", "PIN": "4711"}), func(t *testing.T, f *function) {
		p, err := task.NewPreview(t.Context(), f.Options, "c", withChain(
			[]string{"field", "HoistField$Value", "field", "${env:SECRET}"},
			[]string{"insert", "InsertField$Value", "static.field", "pin", "static.value", "${env:PIN}"},
			[]string{"cast", "Cast$Value", "spec", "pin:int32"},
			[]string{"header", "InsertHeader", "header", "h", "value.literal", "${env:SECRET}"},
			[]string{"route", "RegexRouter", "regex", "in", "replacement", "${env:PIN}"},
		))
		if err != nil {
			t.Fatal(err)
		}
		res := p.Record(1, []byte(`{"topic":"in","value":{"a":"CORRECT HORSE","b":"Y29ycmVjdCBob3JzZQ==","c":4711}}`))
		text := string(res.JSON())
		if res.Outcome != preview.Passed {
			t.Fatal(text)
		}
		for place, leak := range map[string]string{"text": "correct horse", "another case": "CORRECT HORSE", "Base64": "Y29ycm", "a number": "4711"} {
			if strings.Contains(text, leak) {
				t.Errorf("the secret is shown as %s in %s", place, text)
			}
		}
		if res.After.Topic != "${env:PIN}" || !strings.Contains(string(res.After.Value.JSON), `"pin":"${env:PIN}"`) {
			t.Errorf("it became %s", text)
		}
	})
}

func TestAMistakeInAChainIsToldWithItsKey(t *testing.T) {
	inBubble(t, with(nil), func(t *testing.T, f *function) {
		for key, want := range map[string]string{"transforms.a.type": "transforms.a.type", "value.converter": "value.converter of the connector"} {
			config := withChain([]string{"a", "HoistField$Value", "field", "f"})
			config[key] = "no.such.Class"
			if resp := f.Handle(t.Context(), previewOf(config)); resp.Error == nil || !strings.Contains(resp.Error.Message, want) {
				t.Errorf("%s: it answered %+v", key, resp.Error)
			}
		}
	})
}

func TestResultsThatAreTooLargeAreRefused(t *testing.T) {
	inBubble(t, with(nil), func(t *testing.T, f *function) {
		record := `{"topic":"in","value":{"a":"` + strings.Repeat("x", 500_000) + `"}}`
		resp := f.Handle(t.Context(), previewOf(withChain([]string{"a", "HoistField$Value", "field", "f"}), record, record, record))
		if resp.Error == nil || !strings.Contains(resp.Error.Message, "larger than") || resp.Error.Hint == "" {
			t.Errorf("it answered %+v", resp.Error)
		}
	})
}
