package lambda_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

func TestASandboxWithAnExtensionIsToldBeforeItIsShutDown(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(l *lambda.Lambda, f lambda.Function)
		told bool
	}{
		{"its function is replaced", func(l *lambda.Lambda, f lambda.Function) { deploy(t, l, f) }, true},
		{"the service is closed", func(l *lambda.Lambda, _ lambda.Function) { _ = l.Close() }, true},
		{"its time runs out", func(l *lambda.Lambda, _ lambda.Function) {
			path, _ := pipe(t)
			failure(t, request(t, l, "f", event("wait", path)))
		}, true},
		{"it is killed", func(l *lambda.Lambda, _ lambda.Function) { l.Kill("f", l.Sandboxes("f")[0].ID) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := filepath.Join(t.TempDir(), "told")
			l := start(t, nil)
			f := lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: 2 * time.Second, Env: map[string]string{"SIGTERM": told}}
			deploy(t, l, f)
			d := describe(t, l, "f")
			settled(t, l)
			c.end(l, f)
			// It does not end by itself, so it is killed after all.
			eventually(t, time.Minute, "the process is still there", func() bool { _, _, err := l.SandboxOfPID(d.PID); return err != nil })
			if _, err := os.Stat(told); (err == nil) != c.told {
				t.Errorf("whether it was told: %v, want %v", err == nil, c.told)
			}
		})
	}
}

// ask makes a request to the address of a sandbox's runtime API.
func ask(t *testing.T, method, url, body string, header ...string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestExtensionsThatLambdaRefuses(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap)})
	api := "http://" + describe(t, l, "f").Env["AWS_LAMBDA_RUNTIME_API"] + "/2020-01-01/extension"
	name := []string{"Lambda-Extension-Name", "late"}
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		kind                     string
	}{
		{"one without a name", "POST", "/register", "{}", nil, 400, "Extension.InvalidExtensionName"},
		{"no JSON", "POST", "/register", "{", name, 400, "InvalidRequestFormat"},
		{"one that wants events", "POST", "/register", `{"events":["INVOKE"]}`, name, 400, "Extension.InvalidEventType"},
		{"one after the first event", "POST", "/register", `{"events":null}`, name, 403, "Extension.RegistrationClosed"},
		{"one that did not register", "GET", "/event/next", "", nil, 403, "Extension.UnknownExtensionIdentifier"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, text := ask(t, c.method, api+c.path, c.body, c.header...); status != c.status || !strings.Contains(text, c.kind) {
				t.Errorf("it got %d %s", status, text)
			}
		})
	}
}

func TestASandboxIsToldItsAvailabilityZone(t *testing.T) {
	l := startWith(t, lambda.Options{Zone: "euc1-az2"})
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap)})
	env := describe(t, l, "f").Env
	url := "http://" + env["AWS_LAMBDA_METADATA_API"] + "/2026-01-15/metadata/execution-environment"
	if status, text := ask(t, "GET", url, "", "Authorization", "Bearer "+env["AWS_LAMBDA_METADATA_TOKEN"]); status != 200 || text != `{"AvailabilityZoneID":"euc1-az2"}`+"\n" {
		t.Errorf("it got %d %s", status, text)
	}
	for _, header := range [][]string{nil, {"Authorization", "Bearer another"}, {"Authorization", env["AWS_LAMBDA_METADATA_TOKEN"]}} {
		if status, text := ask(t, "GET", url, "", header...); status != http.StatusUnauthorized || strings.Contains(text, "euc1") {
			t.Errorf("%v got %d %s", header, status, text)
		}
	}
}
