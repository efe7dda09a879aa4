package lambda_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

func TestASandboxHasTheMemoryOfItsFunction(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Memory: 128, Timeout: time.Minute})
	allocate := func(megabytes int) []byte {
		b, _ := json.Marshal(map[string]any{"do": "allocate", "size": megabytes << 20})
		return b
	}
	if out := request(t, l, "f", allocate(64)); out.FunctionError != nil {
		t.Errorf("64 MB of 128 got %s", out.Payload)
	}
	settled(t, l)
	used := regexp.MustCompile(`Memory Size: 128 MB\tMax Memory Used: (\d+) MB`)
	logs, err := l.Logs("f")
	if err != nil {
		t.Fatal(err)
	}
	if !l.MemoryEnforced() {
		if strings.Contains(logs, "Max Memory Used") {
			t.Errorf("the log pretends: %s", logs)
		}
		return
	}
	found := used.FindStringSubmatch(logs)
	if found == nil {
		t.Fatalf("the log is %s", logs)
	}
	if n, _ := strconv.Atoi(found[1]); n < 64 || n > 128 {
		t.Errorf("it used %d MB", n)
	}

	kind, message := failure(t, request(t, l, "f", allocate(256)))
	if kind != "Runtime.ExitError" || !strings.Contains(message, "signal: killed") {
		t.Errorf("256 MB of 128 got %s: %s", kind, message)
	}
	settled(t, l)
	if logs, err = l.Logs("f"); err != nil || !strings.Contains(logs, "Max Memory Used: 128 MB") {
		t.Errorf("the log is %s, %v", logs, err)
	}
	if d := describe(t, l, "f"); d.Served != 1 {
		t.Errorf("the next event was number %d", d.Served)
	}
}
