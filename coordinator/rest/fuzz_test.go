package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// FuzzRequests sends anything to every route. Whatever comes, the answer is one of Kafka Connect's, in its form: a success, or an error of the
// status in its body. 500 is for bodies that cannot be read, as there; nothing else may break.
func FuzzRequests(f *testing.F) {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO"} {
		for _, path := range routes() {
			f.Add(method, path, "application/json", "*/*", "")
		}
	}
	for _, body := range oddBodies() {
		for _, target := range []string{"POST /connectors", "PUT /connectors/a/config", "PATCH /connectors/a/config", "PATCH /connectors/a/offsets", "PUT /connector-plugins/FileStreamSource/config/validate", "PUT /admin/loggers/a"} {
			method, path, _ := strings.Cut(target, " ")
			f.Add(method, path, "application/json; charset=utf-8", "application/json", body)
		}
	}
	for _, name := range oddNames() {
		f.Add("GET", "/connectors/"+name, "", "", "")
		f.Add("PUT", "/connectors/"+name+"/config", "application/json", "", sourceConfig)
		f.Add("GET", "/connector-plugins/"+name+"/config?version="+name, "text/html", "text/html;q=x", "")
	}
	for _, header := range []string{"", "a/b", "application/json;", ";;", "application/json;q=0", "*", "\x00", "application/*;q=1e400", strings.Repeat("a/b,", 1000)} {
		f.Add("POST", "/connectors", header, header, "{}")
	}
	api := standalone(f)
	f.Fuzz(func(t *testing.T, method, path, contentType, accept, body string) {
		r, ok := requestOf(method, path, body)
		if !ok {
			t.Skip("not a request that a server would let through")
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r.WithContext(t.Context()))
		checkAnswer(t, r, w)
	})
}

// routes are paths to every resource, some with queries.
func routes() []string {
	paths := []string{
		"/connectors?expand=info&expand=status", "/connectors/a/restart?includeTasks=true&onlyFailed=1", "/connector-plugins?connectorsOnly=false",
		"/connector-plugins/Json/config?version=1", "/admin/loggers/root?scope=cluster",
	}
	for _, e := range rest.Endpoints() {
		paths = append(paths, strings.NewReplacer("{task}", "0", "{plugin}", "FileStreamSource", "{", "", "}", "").Replace(e.Path))
	}
	return paths
}

func oddNames() []string {
	return []string{
		"..", ".", "%2e%2e", "", "%2F", "a%2Fb", "%25", "%2525", "+", "%2B", "%20", "%00", "%0A", "%F0%9F%90%8E", "\xff", "%FF", "%", "%zz", "a;b=c", "a?b", "a%3Fb", "日本", "a//b", "a\\b",
		strings.Repeat("n", 10_000), strings.Repeat("%2F", 3_000), "a%23b", "%E2%80%AE", "(,", "[1,2",
	}
}

func oddBodies() []string {
	deep := strings.Repeat("[", 20_000)
	return []string{
		"", "null", "[]", "{}", "5", `"x"`, "{", "}", "{}{}", "\xff", "\x00", "\ufeff{}", deep, strings.Repeat(`{"a":`, 20_000), `{"config":` + deep,
		`{"name":"a","config":{"connector.class":"FileStreamSource","topic":"t"}}`, `{"name":{},"config":[]}`, `{"name":"a","config":{"a":{"b":{}}}}`, `{"name":1,"config":{"a":1e999}}`,
		`{"name":"a","name":"b","config":{}}`, `{"offsets":[{"partition":{"filename":"x"},"offset":{"position":1}}]}`, `{"offsets":[{}]}`, `{"offsets":[null]}`, `{"offsets":{}}`, `{"offsets":[{"partition":[],"offset":1}]}`,
		`{"level":"debug"}`, `{"level":"\u0000"}`, `{"level":[]}`, `{"":""}`, `{"connector.class":null}`, `{"connector.class":"FileStreamSource","transforms":"a,b","transforms.a.type":"RegexRouter","transforms.a.regex":"("}`,
		`{"connector.class":"FileStreamSink","topics.regex":"(((((((((a*)*)*)*)*)*)*)*)*"}`, `{"connector.class":"FileStreamSource","tasks.max":"99999999999999999999"}`,
		`{"connector.class":"FileStreamSource","` + strings.Repeat("k", 5_000) + `":"` + strings.Repeat("v", 5_000) + `"}`,
	}
}

// requestOf makes a request as a server hands it on; ok is false for what a server refuses itself.
func requestOf(method, target, body string) (r *http.Request, ok bool) {
	u, err := url.ParseRequestURI(target)
	if err != nil || !strings.HasPrefix(target, "/") {
		return nil, false
	}
	r, err = http.NewRequest(method, "http://api", io.NopCloser(strings.NewReader(body)))
	if err != nil {
		return nil, false
	}
	r.URL, r.RequestURI, r.RemoteAddr = u, target, "127.0.0.1:1"
	return r, true
}

func checkAnswer(t *testing.T, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	status, body := w.Code, w.Body.Bytes()
	if status < http.StatusBadRequest {
		if len(body) > 0 && w.Header().Get("Content-Type") == "application/json" && !json.Valid(body) {
			t.Errorf("%s %s is answered with %d and no JSON: %.200s", r.Method, r.URL, status, body)
		}
		return
	}
	var e struct {
		ErrorCode int     `json:"error_code"`
		Message   *string `json:"message"`
	}
	if r.Method == http.MethodHead {
		if len(body) > 0 {
			t.Errorf("HEAD %s has a body: %.200s", r.URL, body)
		}
		return
	}
	if err := json.Unmarshal(body, &e); err != nil || e.ErrorCode != status || e.Message == nil || *e.Message == "" {
		t.Errorf("%s %s is answered with %d and no error of Connect: %.200s, %v", r.Method, r.URL, status, body, err)
		return
	}
	if status > http.StatusInternalServerError || status == http.StatusInternalServerError && !isUnreadable(*e.Message) {
		t.Errorf("%s %s is answered with %d %s", r.Method, r.URL, status, *e.Message)
	}
}

// isUnreadable reports whether a message is one of those that Kafka Connect answers with status 500, though it is the client's mistake.
func isUnreadable(message string) bool {
	for _, begin := range []string{
		"The request's JSON ", "The request has no ", "Unrecognized field ", "Cannot deserialize value of type ", "Cannot construct instance of ",
		"org.apache.kafka.connect.runtime.rest.errors.BadRequestException: ", // a configuration to validate that names no connector
		"The offsets of sinks are not available",                             // there is no Kafka here
	} {
		if strings.HasPrefix(message, begin) {
			return true
		}
	}
	return false
}

// agreeing is a connector's function that has nothing against anything.
type agreeing struct{}

func (agreeing) Handle(context.Context, *invoke.Request) *invoke.Response { return &invoke.Response{} }

func noRestart(context.Context, string, []int, bool) error { return nil }

// standalone is an API without Kafka, so that it answers a thousand requests in no time.
func standalone(f *testing.F) http.Handler {
	f.Helper()
	s, err := store.Standalone(f.TempDir()+"/offsets", nil)
	if err != nil {
		f.Fatal(err)
	}
	known, err := catalog.Load()
	if err != nil {
		f.Fatal(err)
	}
	invoker := invoke.NewInProcess(map[string]invoke.Handler{"file": agreeing{}, "datagen": agreeing{}}, nil)
	f.Cleanup(invoker.Close)
	api, err := rest.New(rest.Options{
		Store: s, Catalog: known, Invoker: invoker, Trigger: func(string) {}, Worker: workerWith(f, "x", ""), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Loggers: loggers.New(slog.LevelInfo, time.Now), WorkerID: "w:1", Version: "4.3.1", Restart: noRestart,
	})
	if err != nil {
		f.Fatal(err)
	}
	return api
}
