package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/rest/principal"
	"github.com/ferry-connect/ferry/coordinator/store"
)

var asJSON = http.Header{"Content-Type": {"application/json; charset=utf-8"}}

const (
	sourceConfig = `{"connector.class":"FileStreamSource","file":"in.txt","topic":"t"}`
	sinkConfig   = `{"connector.class":"FileStreamSink","file":"out.txt","topics":"t"}`
)

// expect asks and wants a status; it returns the body.
func (c *cluster) expect(status int, method, path, body string) string {
	c.t.Helper()
	resp, text := c.ask(method, path, asJSON, body)
	if resp.StatusCode != status {
		c.t.Errorf("%s %s is answered with %d %s, want %d", method, path, resp.StatusCode, text, status)
	}
	return text
}

func create(name, config, state string) string {
	return fmt.Sprintf(`{"name":%q,"config":%s,"initial_state":%q}`, name, config, state)
}

func TestEveryNameCanBeReachedUnderTheLocationItIsGiven(t *testing.T) {
	c := newCluster(t)
	for _, name := range []string{"a/b", "100%", "%41", "a b", "ünï", "a;b=c", "..", "a?b#c", "+", `a"b`, "//"} {
		quoted, _ := json.Marshal(name)
		resp, text := c.ask("POST", "/connectors", asJSON, fmt.Sprintf(`{"name":%s,"config":%s,"initial_state":"stopped"}`, quoted, sourceConfig))
		location, found := strings.CutPrefix(resp.Header.Get("Location"), "http://"+c.address)
		if resp.StatusCode != http.StatusCreated || !found {
			t.Errorf("%q: %d %s, location %s", name, resp.StatusCode, text, location)
			continue
		}
		var info struct{ Name string }
		if err := json.Unmarshal([]byte(c.expect(http.StatusOK, "GET", location, "")), &info); err != nil || info.Name != name {
			t.Errorf("%s leads to %q, want %q (%v)", location, info.Name, name, err)
		}
		c.expect(http.StatusOK, "GET", location+"/config/", "")
		c.expect(http.StatusNoContent, "DELETE", location, "")
	}
}

func TestASlashAtTheEndMakesNoDifference(t *testing.T) {
	c := newCluster(t)
	c.expect(http.StatusCreated, "POST", "/connectors/", create("a", sourceConfig, "STOPPED"))
	for _, path := range []string{"/", "", "/health/", "/connectors/", "/connectors/a/", "/connectors/a/config/", "/connector-plugins/"} {
		if path == "" {
			continue
		}
		c.expect(http.StatusOK, "GET", path, "")
	}
	c.expect(http.StatusNoContent, "DELETE", "/connectors/a/", "")
}

func TestHeadHasNoBodyAndWrongMethodsAreToldTheRightOnes(t *testing.T) {
	c := newCluster(t)
	// A recorder in place of a server, which would drop the body by itself.
	handler, err := rest.New(c.options())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "HEAD", "/connectors", nil))
	if w.Code != http.StatusOK || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Content-Length") != "2" {
		t.Errorf("HEAD is answered with %d %q %v", w.Code, w.Body, w.Header())
	}
	resp, _ := c.ask("PUT", "/connectors", asJSON, "{}")
	if allow := resp.Header.Get("Allow"); allow != "GET,HEAD,OPTIONS,POST" {
		t.Errorf("Allow is %q", allow)
	}
}

func TestBodiesThatAreTooLargeOrOfAnotherTypeAreRefused(t *testing.T) {
	c := newCluster(t)
	c.expect(http.StatusRequestEntityTooLarge, "POST", "/connectors", strings.Repeat(" ", 11<<20))
	for _, media := range []string{"application/x-yaml", "application/json-patch+json", "nonsense/", ""} {
		resp, text := c.ask("PUT", "/connectors/a/config", http.Header{"Content-Type": {media}}, sourceConfig)
		if resp.StatusCode != http.StatusUnsupportedMediaType || !strings.Contains(text, `"error_code":415`) {
			t.Errorf("%q is answered with %d %s", media, resp.StatusCode, text)
		}
	}
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "*/*"} { // even without a body
		if resp, _ := c.ask("GET", "/connectors", http.Header{"Content-Type": {media}, "Accept": {"text/html"}}, ""); resp.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("Content-Type: %s of a GET is answered with %d", media, resp.StatusCode)
		}
	}
	if resp, _ := c.ask("GET", "/health", http.Header{"Content-Type": {"text/plain"}}, ""); resp.StatusCode != http.StatusOK {
		t.Errorf("health looks at the type of the request: %d", resp.StatusCode)
	}
	for accept, want := range map[string]int{
		"text/html": 406, "application/json;q=0": 406, "text/html, application/json;q=0.5": 200, "application/*": 200, "*/*": 200, "": 200,
	} {
		if resp, _ := c.ask("GET", "/connectors", http.Header{"Accept": {accept}}, ""); resp.StatusCode != want {
			t.Errorf("Accept: %s is answered with %d, want %d", accept, resp.StatusCode, want)
		}
	}
}

func TestConfigurationsKeepTheirTextsAndGetNothingButTheName(t *testing.T) {
	c := newCluster(t)
	c.expect(http.StatusCreated, "PUT", "/connectors/a/config",
		`{"connector.class":"FileStreamSource","topic":"t","tasks.max":1,"x":1.50,"y":1e3,"z":true,"u":" <é&日> ","secret":"${file:/x:y}"}`)
	var got map[string]string
	if err := json.Unmarshal([]byte(c.expect(http.StatusOK, "GET", "/connectors/a/config", "")), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"connector.class": "FileStreamSource", "topic": "t", "tasks.max": "1", "x": "1.50", "y": "1e3", "z": "true",
		"u": " <é&日> ", "secret": "${file:/x:y}", "name": "a",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheLocationIsWhatAProxyWasAskedFor(t *testing.T) {
	c := newCluster(t)
	header := asJSON.Clone()
	header.Set("X-Forwarded-Proto", "https")
	header.Set("X-Forwarded-Host", "connect.example.org")
	resp, _ := c.ask("POST", "/connectors", header, create("a", sourceConfig, "STOPPED"))
	if got := resp.Header.Get("Location"); got != "https://connect.example.org/connectors/a" {
		t.Errorf("location is %s", got)
	}
}

func TestARestartPicksWhatItWasAskedFor(t *testing.T) {
	type call struct {
		tasks     []int
		connector bool
	}
	var calls []call
	c := newCluster(t, func(o *rest.Options) {
		o.Restart = func(_ context.Context, _ string, tasks []int, connector bool) error {
			calls = append(calls, call{tasks, connector})
			return nil
		}
	})
	ctx := t.Context()
	c.expect(http.StatusCreated, "PUT", "/connectors/a/config", sourceConfig)
	task := map[string]string{"task.class": "x"}
	if err := c.store.Configs().PutTasks(ctx, "a", []map[string]string{task, task, task}); err != nil {
		t.Fatal(err)
	}
	c.expect(http.StatusNotFound, "POST", "/connectors/a/restart?includeTasks=true", "") // no status yet
	put := func(state store.State) {
		t.Helper()
		for i, state := range []store.State{store.StateRunning, store.StateFailed, store.StateRunning} {
			if err := c.store.Statuses().PutTasks(ctx, "a", store.Status{Task: i, State: state, Trace: "why", WorkerID: "w"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.store.Statuses().PutConnector(ctx, "a", store.Status{State: state, WorkerID: "w"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		state  store.State
		query  string
		status int
		want   string // of the callback, or nothing
	}{
		{store.StateRunning, "", http.StatusNoContent, "[{[] true}]"},
		{store.StateRunning, "?includeTasks=true", http.StatusAccepted, "[{[0 1 2] true}]"},
		{store.StateRunning, "?includeTasks=true&onlyFailed=true", http.StatusAccepted, "[{[1] false}]"},
		{store.StateFailed, "?includeTasks=true&onlyFailed=true", http.StatusAccepted, "[{[1] true}]"},
		{store.StateFailed, "?onlyFailed=true", http.StatusAccepted, "[{[] true}]"},
		{store.StateRunning, "?onlyFailed=true", http.StatusAccepted, "[]"},
	} {
		put(step.state)
		calls = nil
		plan := c.expect(step.status, "POST", "/connectors/a/restart"+step.query, "")
		// Until a pass says otherwise, the status is that of the plan.
		if now := c.expect(http.StatusOK, "GET", "/connectors/a/status", ""); plan != "" && statesIn(now) != statesIn(plan) {
			t.Errorf("the plan is %s, the status %s", plan, now)
		}
		if got := fmt.Sprint(calls); got != step.want {
			t.Errorf("%s of a %s connector restarts %s, want %s", step.query, step.state, got, step.want)
		}
	}
	calls = nil
	c.expect(http.StatusNoContent, "POST", "/connectors/a/tasks/2/restart", "")
	if got := fmt.Sprint(calls); got != "[{[2] false}]" {
		t.Errorf("the restart of a task restarts %s", got)
	}
	// Every restart by plan is on record for Java workers.
	if r := c.store.Configs().Snapshot().Connectors["a"].Restart; r == nil || r.IncludeTasks || !r.OnlyFailed {
		t.Errorf("the restart on record is %+v", r)
	}
}

// statesIn lists the states of a status, the connector's first.
func statesIn(status string) string {
	return strings.Join(regexp.MustCompile(`"state":"[A-Z]+"`).FindAllString(status, -1), " ")
}

func TestTopicTrackingCanBeOff(t *testing.T) {
	for setting, want := range map[string][2]int{
		"topic.tracking.enable":      {http.StatusForbidden, http.StatusForbidden},
		"topic.tracking.allow.reset": {http.StatusOK, http.StatusForbidden},
	} {
		c := newCluster(t, func(o *rest.Options) { o.Worker = workerWith(t, setting, "false") })
		c.expect(want[0], "GET", "/connectors/a/topics", "")
		c.expect(want[1], "PUT", "/connectors/a/topics/reset", "")
	}
}

func TestChangesAreLoggedWithoutTheirValues(t *testing.T) {
	var mu sync.Mutex
	var log bytes.Buffer
	write := writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(p)
	})
	c := newCluster(t, func(o *rest.Options) { o.Log = slog.New(slog.NewTextHandler(write, nil)) })
	inner := c.server.Config.Handler
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(principal.Begin(r.Context(), principal.Principal{Name: "alice", Source: principal.Basic})))
	}))
	defer front.Close()
	ask := func(method, path string, header http.Header, body string) {
		send(t, front.Listener.Addr().String(), method, path, header, body)
	}
	header := asJSON.Clone()
	header.Set("Authorization", "Basic bWFsbG9yeTpzM2NyZXQ=") // mallory:s3cret, which nobody has checked
	const class = `"connector.class":"FileStreamSource","topic":"t"`
	ask("POST", "/connectors", header, `{"name":"orders","config":{`+class+`,"password":"s3cret"}}`)
	ask("PUT", "/connectors/orders/config", header, `{`+class+`,"file":"s3cret","tasks.max":"1"}`)
	ask("PUT", "/connectors/orders/config", header, `{`+class+`,"file":"s3cret2","tasks.max":"1"}`)
	ask("PUT", "/connectors/orders/stop", header, "")
	ask("DELETE", "/connectors/orders/offsets", header, "")
	ask("DELETE", "/connectors/orders", header, "")
	ask("DELETE", "/connectors/nobody", header, "")
	ask("PUT", sinkTask, header, `{"level":"debug"}`)
	ask("GET", "/connectors", header, "")
	ask("PUT", "/connector-plugins/FileStreamSource/config/validate", header, `{"password":"s3cret"}`) // whose error quotes it
	mu.Lock()
	defer mu.Unlock()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	wanted := [][]string{
		{"audit: changed", "who=alice", "known_by=basic", "method=POST", "connector=orders", "remote=127.0.0.1", "status=201",
			"new_version=1 ", "new_state=STARTED", `added="[connector.class name password topic]"`},
		{"method=PUT", "old_version=1 ", "new_version=3 ", `added="[file tasks.max]"`, "removed=[password]"},
		{"method=PUT", "old_version=3 ", "new_version=5 ", "changed=[file]"},
		{"path=/connectors/orders/stop", "old_version=5 ", "old_state=STARTED", "new_version=8", "new_state=STOPPED"},
		{"path=/connectors/orders/offsets", "status=200"},
		{"method=DELETE", "status=204", "old_version=8", `removed="[connector.class file name tasks.max topic]"`},
		{"audit: refused", "method=DELETE", "connector=nobody", "status=404"},
		{"audit: changed", "method=PUT", "target=" + loggers.SinkTask + " ", "old_level=INFO", "new_level=DEBUG"},
	}
	if len(lines) != len(wanted) {
		t.Fatalf("logged %d lines: %s", len(lines), &log)
	}
	for i, want := range wanted {
		for _, w := range want {
			if !strings.Contains(lines[i]+" ", w) {
				t.Errorf("%q is not in %s", w, lines[i])
			}
		}
	}
	for _, secret := range []string{"s3cret", "mallory"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%s was logged: %s", secret, &log)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestHealthIsWhetherTheTopicsCanBeRead(t *testing.T) {
	c := newCluster(t)
	c.expect(http.StatusOK, "GET", "/health", "")
	c.broker.ControlKey(int16(kmsg.ListOffsets), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.broker.KeepControl()
		list := req.(*kmsg.ListOffsetsRequest)
		resp := list.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, topic := range list.Topics {
			rt := kmsg.ListOffsetsResponseTopic{Topic: topic.Topic}
			for _, p := range topic.Partitions {
				rt.Partitions = append(rt.Partitions, kmsg.ListOffsetsResponseTopicPartition{Partition: p.Partition, ErrorCode: kerr.TopicAuthorizationFailed.Code})
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	text := c.expect(http.StatusInternalServerError, "GET", "/health", "")
	if !strings.HasPrefix(text, `{"status":"unhealthy","message":"Worker was unable to handle this request`) {
		t.Errorf("health is %s", text)
	}
}

func TestAMistakeInTheProgramIsAnAnswer(t *testing.T) {
	c := newCluster(t, func(o *rest.Options) { o.Trigger = func(string) { panic("boom") } })
	text := c.expect(http.StatusInternalServerError, "POST", "/connectors", create("a", sourceConfig, "STOPPED"))
	if !strings.Contains(text, "boom") {
		t.Errorf("the answer is %s", text)
	}
	c.expect(http.StatusOK, "GET", "/connectors/a", "")
}

func TestAFunctionThatCannotBeReachedIsNamed(t *testing.T) {
	c := newCluster(t, func(o *rest.Options) {
		empty := invoke.NewInProcess(nil, nil)
		t.Cleanup(empty.Close)
		o.Invoker = empty
	})
	if text := c.expect(http.StatusInternalServerError, "PUT", "/connectors/d/config", `{"connector.class":"Datagen","kafka.topic":"t","quickstart":"users"}`); !strings.Contains(text, "function datagen") {
		t.Errorf("the answer is %s", text)
	}
	c.expect(http.StatusCreated, "POST", "/connectors", create("a", sourceConfig, "STOPPED"))
	if text := c.expect(http.StatusInternalServerError, "DELETE", "/connectors/a/offsets", ""); !strings.Contains(text, "function file") {
		t.Errorf("the answer is %s", text)
	}
}

func TestChangesTriggerAPassAndQuestionsDoNot(t *testing.T) {
	c := newCluster(t)
	if err := os.WriteFile(t.TempDir()+"/in.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		status             int
		method, path, body string
		triggers           bool
	}{
		{201, "POST", "/connectors", create("a", sourceConfig, "PAUSED"), true},
		{200, "GET", "/connectors/a", "", false},
		{200, "PUT", "/connectors/a/config", sourceConfig, true},
		{200, "PATCH", "/connectors/a/config", `{"topic":"u"}`, true},
		{202, "PUT", "/connectors/a/resume", "", true},
		{204, "POST", "/connectors/a/restart", "", true},
		{200, "PUT", "/connector-plugins/FileStreamSource/config/validate", sourceConfig, false},
		{400, "PUT", "/connectors/a/config", `{}`, false},
		{204, "PUT", "/connectors/a/stop", "", true},
		{204, "DELETE", "/connectors/a", "", true},
		{404, "DELETE", "/connectors/a", "", false},
	} {
		c.expect(step.status, step.method, step.path, step.body)
		if got := c.takeTriggered(); slices.Contains(got, "a") != step.triggers || len(got) > 1 {
			t.Errorf("%s %s triggers %q", step.method, step.path, got)
		}
	}
}

func TestAnAPIThatCannotStartSaysSo(t *testing.T) {
	api := rest.Starting(errors.New("no broker"), slog.New(slog.DiscardHandler))
	for _, step := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/health", http.StatusServiceUnavailable, `{"status":"starting","message":"Worker is still starting up. no broker"}`},
		{"GET", "/health/", http.StatusServiceUnavailable, `{"status":"starting","message":"Worker is still starting up. no broker"}`},
		{"HEAD", "/health", http.StatusServiceUnavailable, ""},
		{"GET", "/connectors", http.StatusInternalServerError, `{"error_code":500,"message":"The API cannot start yet: no broker"}`},
	} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), step.method, step.path, nil))
		if w.Code != step.status || w.Body.String() != step.body {
			t.Errorf("%s %s is answered with %d %s", step.method, step.path, w.Code, w.Body)
		}
	}
}

func TestOptionsAreTextForWhoeverTakesIt(t *testing.T) {
	c := newCluster(t)
	for accept, want := range map[string]string{"": "OPTIONS, POST", "*/*": "OPTIONS, POST", "text/*": "OPTIONS, POST", "application/json": "", "text/html": ""} {
		resp, body := c.ask("OPTIONS", "/connectors/a/restart", http.Header{"Accept": {accept}}, "")
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Allow") != "OPTIONS,POST" || body != want {
			t.Errorf("Accept: %s is answered with %d %v %q", accept, resp.StatusCode, resp.Header, body)
		}
	}
}
