package task_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/task"
)

// provider is a config provider that knows values by key; it fails for the key BROKEN.
type provider map[string]string

// Get implements configdef.ConfigProvider.
func (p provider) Get(_ context.Context, _ string, keys []string) (configdef.ConfigData, error) {
	found := configdef.ConfigData{Data: map[string]string{}}
	for _, k := range keys {
		if k == "BROKEN" {
			return configdef.ConfigData{}, errors.New("the store of secrets is sealed")
		}
		if v, ok := p[k]; ok {
			found.Data[k] = v
		}
	}
	return found, nil
}

// leaks returns where a secret is found, in any of the ways in which it is written.
func leaks(secret string, places map[string]string) (found []string) {
	inJSON, _ := json.Marshal(secret)
	quoted := strconv.Quote(secret)
	for place, text := range places {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), string(inJSON[1 : len(inJSON)-1]), quoted[1 : len(quoted)-1]} {
			if strings.Contains(text, form) {
				found = append(found, fmt.Sprintf("%s: %s", place, text))
				break
			}
		}
	}
	return found
}

// Invariant I10: whatever is asked of a function, and however it ends, a secret stays inside.
func TestNoSecretLeavesTheFunction(t *testing.T) {
	const secret = `correct "horse" & battery/staple`
	config := func(class string, more ...string) map[string]string {
		c := map[string]string{"connector.class": class, "password": "${env:SECRET}", "topic": "out", "topics": "in", "kafka.topic": "out"}
		for i := 0; i < len(more); i += 2 {
			c[more[i]] = more[i+1]
		}
		return c
	}
	offset := []invoke.Offset{{Partition: json.RawMessage(`{"a":1}`), Offset: json.RawMessage(`{"a":1}`)}}
	for _, c := range []struct {
		name   string
		op     invoke.Op
		config map[string]string
		fails  bool
	}{
		{"a run that succeeds", invoke.OpRun, config(fileSource, "file", "FILE"), false},
		{"a run whose connector quotes its configuration", invoke.OpRun, config("test.TalkativeSource"), true},
		{"a run with a malformed value in the connector's own keys", invoke.OpRun, config(fileSource, "file", "FILE", "batch.size", "${env:SECRET}"), true},
		{"a run with an unknown converter", invoke.OpRun, config(fileSource, "value.converter", "${env:SECRET}"), true},
		{"a run with a malformed tolerance", invoke.OpRun, config(fileSource, "errors.tolerance", "${env:SECRET}"), true},
		{"a run with an unknown transform", invoke.OpRun, config(fileSource, "transforms", "a", "transforms.a.type", "${env:SECRET}"), true},
		{"a run with a malformed transform", invoke.OpRun, config(fileSource, "transforms", "a", "transforms.a.type", "org.apache.kafka.connect.transforms.Cast$Value", "transforms.a.spec", "x:${env:SECRET}"), true},
		{"a run with a malformed producer setting", invoke.OpRun, config(fileSource, "file", "FILE", "producer.override.compression.type", "${env:SECRET}"), true},
		{"a run whose login cannot be read", invoke.OpRun, config(fileSource, "file", "FILE", "producer.override.security.protocol", "SASL_PLAINTEXT", "producer.override.sasl.mechanism", "PLAIN",
			"producer.override.sasl.jaas.config", `org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="${env:SECRET}";`), true},
		{"a sink whose key cannot be read", invoke.OpRun, config(fileSink, "consumer.override.security.protocol", "SSL", "consumer.override.ssl.keystore.type", "PEM",
			"consumer.override.ssl.keystore.certificate.chain", "${env:SECRET}", "consumer.override.ssl.keystore.key", "${env:SECRET}"), true},
		{"a sink with a malformed regular expression", invoke.OpRun, config(fileSink, "topics", "", "topics.regex", "(${env:SECRET}"), true},
		{"a sink whose file is a folder that is not there", invoke.OpRun, config(fileSink, "file", "/nowhere/${env:SECRET}/f"), true},
		{"a plan", invoke.OpPlan, config("test.TalkativeSource"), false},
		{"a plan that fails", invoke.OpPlan, config("test.BrokenPlanSource"), true},
		{"a plan of copies", invoke.OpPlan, config(fileSink), false},
		{"a check", invoke.OpCheck, config("test.TalkativeSource"), false},
		{"a check of a real connector", invoke.OpCheck, config(dataGen, "schema.string", "${env:SECRET}"), false},
		{"a validation by the connector's own code", invoke.OpValidate, config("test.TalkativeSource"), false},
		{"a validation of every kind of key", invoke.OpValidate, config(fileSource, "batch.size", "${env:SECRET}", "tasks.max", "${env:SECRET}", "value.converter", "${env:SECRET}",
			"transforms", "a,b", "transforms.a.type", "${env:SECRET}", "transforms.b.type", "org.apache.kafka.connect.transforms.Cast$Value", "transforms.b.spec", "x:${env:SECRET}",
			"producer.override.sasl.jaas.config", "${env:SECRET}"), false},
		{"a validation of a client's key", invoke.OpValidate, config(fileSource, "producer.override.batch.size", "${env:SECRET}"), true},
		{"a validation of a pattern beside a dead letter topic", invoke.OpValidate, config(fileSink, "topics", "", "topics.regex", "(${env:SECRET}", "errors.deadletterqueue.topic.name", "x"), true},
		{"an alteration that is refused", invoke.OpAlter, config("test.TalkativeSource"), true},
		{"an unknown operation", "${env:SECRET}", config(fileSource), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, with(map[string]string{"SECRET": secret}), func(t *testing.T, f *function) {
				f.raise("c", 1, generation)
				f.produce("in", "one")
				if c.config["file"] == "FILE" {
					c.config["file"] = f.write("in.txt", "one\n")
				}
				req := request("c", c.config)
				req.Op, req.Offsets, req.MaxTasks = c.op, offset, 1
				resp := f.Handle(t.Context(), req)
				if (resp.Error != nil) != c.fails {
					t.Fatalf("it answered %+v, %+v", resp, resp.Error)
				}
				answer, err := json.Marshal(resp)
				if err != nil {
					t.Fatal(err)
				}
				item, err := json.Marshal(f.item("c"))
				if err != nil {
					t.Fatal(err)
				}
				places := map[string]string{"response": string(answer), "lease": string(item), "log": f.log.String()}
				if resp.Error != nil {
					places["trace"] = resp.Error.Trace + resp.Error.Message + resp.Error.Hint
				}
				for i, config := range resp.TaskConfigs {
					places["task config "+strconv.Itoa(i)] = fmt.Sprint(config)
				}
				for _, leak := range leaks(secret, places) {
					t.Errorf("the secret is in the %s", leak)
				}
			})
		})
	}
}

func TestAnErrorShowsThePlaceholderInstead(t *testing.T) {
	inBubble(t, with(map[string]string{"SECRET": "correct horse", "PIN": "17"}), func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", map[string]string{
			"connector.class": "test.TalkativeSource", "password": "${env:SECRET}", "pin": "${env:PIN}", "number": "1789",
		}))
		if resp.Error == nil || resp.Error.Message != "login failed for ${env:SECRET}" || resp.Error.Hint != "is ${env:SECRET} right?" {
			t.Fatalf("it answered %+v", resp.Error)
		}
		// A short value is hidden where it is a word, and left alone where it is a part of another.
		if trace := resp.Error.Trace; !strings.Contains(trace, `"pin":"${env:PIN}"`) || !strings.Contains(trace, `"number":"1789"`) {
			t.Errorf("the trace is %s", trace)
		}
		log := f.log.String()
		if n := strings.Count(log, "${env:SECRET}"); n < 5 || !strings.Contains(log, "log in with ${env:SECRET}") {
			t.Errorf("the log is %s", log)
		}
	})
}

func TestASecretWithinItsOwnPlaceholderIsReplacedOnce(t *testing.T) {
	inBubble(t, with(map[string]string{"password": "password", "passwords": "passwords of all"}), func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", map[string]string{
			"connector.class": "test.TalkativeSource", "password": "${env:password}", "other": "${env:passwords}",
		}))
		if resp.Error == nil || resp.Error.Message != "login failed for ${env:password}" {
			t.Errorf("it answered %+v", resp.Error)
		}
		if trace := resp.Error.Trace; !strings.Contains(trace, `"other":"${env:passwords}"`) {
			t.Errorf("the trace is %s", trace)
		}
	})
}

func TestAnUnknownPlaceholderStaysAsItIs(t *testing.T) {
	inBubble(t, with(nil), func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", map[string]string{"connector.class": "test.TalkativeSource", "password": "${env:UNKNOWN}${other:KEY}"}))
		if resp.Error == nil || resp.Error.Message != "login failed for ${env:UNKNOWN}${other:KEY}" {
			t.Errorf("it answered %+v", resp.Error)
		}
	})
}

func TestAProviderThatFailsFailsTheTaskAndTheStatusTellsIt(t *testing.T) {
	inBubble(t, with(nil), func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		req := request("c", map[string]string{"connector.class": fileSource, "topic": "out"})
		req.TaskConfig = map[string]string{"file": "${env:BROKEN}"}
		resp := f.Handle(t.Context(), req)
		if resp.Error == nil || resp.Error.Kind != connect.KindConfig || !strings.Contains(resp.Error.Trace, "could not resolve") || !strings.Contains(resp.Error.Trace, "sealed") {
			t.Errorf("it answered %+v", resp.Error)
		}
		report, _ := f.report("c")
		if item := f.item("c"); item.Attempts != 1 || item.Owner != "" || report.Failure == nil || report.Failure.Trace != resp.Error.Trace {
			t.Errorf("it left %+v, %+v", item, report.Failure)
		}
		// It is not due again at once, and an operation that is no run touches no lease.
		before := f.item("c")
		f.Handle(t.Context(), req)
		req.Op, req.MaxTasks = invoke.OpPlan, 1
		if resp := f.Handle(t.Context(), req); resp.Error == nil || f.item("c").Rev != before.Rev {
			t.Errorf("it answered %+v, and left %+v", resp, f.item("c"))
		}
	})
}

// The two configurations of a task come from the same answer of a provider, even when secrets rotate.
func TestEachProviderIsAskedOnceForARequest(t *testing.T) {
	asked := 0
	change := func(o *task.Options) {
		o.Providers = map[string]configdef.ConfigProvider{"env": counting(func() map[string]string {
			asked++
			return map[string]string{"A": "value of a", "B": "value of b"}
		})}
	}
	inBubble(t, change, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		req := request("c", map[string]string{"connector.class": "test.UnavailableSource", "a": "${env:A}"})
		req.TaskConfig = map[string]string{"b": "${env:A}/${env:B}"}
		f.Handle(t.Context(), req)
		if asked != 1 {
			t.Errorf("the provider was asked %d times", asked)
		}
	})
}

// counting is a provider that makes its answer anew each time.
type counting func() map[string]string

// Get implements configdef.ConfigProvider.
func (c counting) Get(context.Context, string, []string) (configdef.ConfigData, error) {
	return configdef.ConfigData{Data: c()}, nil
}
