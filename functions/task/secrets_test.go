package task_test

import (
	"context"
	"errors"
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
		if resp.Error == nil || resp.Error.Kind != connect.KindConfig || resp.Error.Message != `resolve placeholders of config provider "env": the store of secrets is sealed` {
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
