package e2e_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// embedded starts ferry dev with its own broker, which needs nothing that the machine might lack.
func embedded(t *testing.T) *ferry {
	t.Helper()
	return startFerry(t, "dev", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
}

// badRequest is a request that must be refused, and what the refusal must say.
type badRequest struct {
	name, method, path, contentType, body string
	status                                int
	says                                  []string
}

const (
	jsonType   = "application/json"
	goodConfig = `"connector.class":"FileStreamSource","file":"/none","topic":"t"`
)

// refusedConnectors are connectors that cannot be created.
func refusedConnectors() []badRequest {
	post := func(name, body string, status int, says ...string) badRequest {
		return badRequest{name, http.MethodPost, "/connectors", jsonType, body, status, says}
	}
	return []badRequest{
		post("unknown class", `{"name":"x","config":{"connector.class":"org.example.NoSuch"}}`, 400, "org.example.NoSuch", "FileStreamSourceConnector"),
		post("no class", `{"name":"x","config":{"topic":"t"}}`, 400, "contains no connector type"),
		post("missing key", `{"name":"x","config":{"connector.class":"FileStreamSource"}}`, 400, `Missing required configuration "topic" which has no default value.`),
		post("malformed keys, all at once", `{"name":"x","config":{`+goodConfig+`,"tasks.max":"many","batch.size":"1.5"}}`, 400,
			"Invalid value many for configuration tasks.max: Not a number of type INT", "Invalid value 1.5 for configuration batch.size: Not a number of type INT"),
		post("value out of range", `{"name":"x","config":{`+goodConfig+`,"tasks.max":"0"}}`, 400, "Invalid value 0 for configuration tasks.max: Value must be at least 1"),
		post("null value", `{"name":"x","config":{`+goodConfig+`,"some.key":null}}`, 400, "Null value can not be supplied as the configuration value."),
		post("nested value", `{"name":"x","config":{`+goodConfig+`,"batch.size":{"a":1}}}`, 500, "batch.size"),
		post("unknown converter", `{"name":"x","config":{`+goodConfig+`,"value.converter":"NoSuch"}}`, 400, "Invalid value NoSuch for configuration value.converter"),
		post("unknown transform", `{"name":"x","config":{`+goodConfig+`,"transforms":"a","transforms.a.type":"NoSuch"}}`, 400, "transforms.a.type"),
		post("sink without topics", `{"name":"x","config":{"connector.class":"FileStreamSink"}}`, 400, "Must configure one of topics or topics.regex"),
		post("sink with two kinds of topics", `{"name":"x","config":{"connector.class":"FileStreamSink","topics":"a","topics.regex":"b"}}`, 400, "mutually exclusive"),
		post("empty name", `{"name":" ","config":{`+goodConfig+`}}`, 400, "configuration name"),
		post("control character in the name", `{"name":"a\u0001b","config":{`+goodConfig+`}}`, 400, "configuration name"),
		post("two names", `{"name":"x","config":{`+goodConfig+`,"name":"y"}}`, 400, "(y)", "(x)"),
		post("unknown initial state", `{"name":"x","config":{`+goodConfig+`},"initial_state":"ASLEEP"}`, 500, "ASLEEP"),
		post("name that is taken", `{"name":"good","config":{`+goodConfig+`}}`, 409, "Connector good already exists"),
	}
}

// refusedRequests are requests that are wrong in their form.
func refusedRequests() []badRequest {
	return []badRequest{
		{"broken JSON", http.MethodPost, "/connectors", jsonType, `{"name":"x","config":{`, 500, []string{"JSON"}},
		{"text after the JSON", http.MethodPost, "/connectors", jsonType, `{"name":"x","config":{` + goodConfig + `}} more`, 500, []string{"JSON"}},
		{"unknown field", http.MethodPost, "/connectors", jsonType, `{"name":"x","confg":{}}`, 500, []string{"confg"}},
		{"no body", http.MethodPost, "/connectors", jsonType, "", 500, []string{"config"}},
		{"list in place of an object", http.MethodPut, "/connectors/good/config", jsonType, `[]`, 500, nil},
		{"wrong content type", http.MethodPost, "/connectors", "text/plain", `{}`, 415, []string{"HTTP 415 Unsupported Media Type"}},
		{"wrong method", http.MethodPatch, "/connectors", jsonType, `{}`, 405, []string{"HTTP 405 Method Not Allowed"}},
		{"unknown path", http.MethodGet, "/nope", "", "", 404, []string{"HTTP 404 Not Found"}},
		{"unknown connector", http.MethodGet, "/connectors/none", "", "", 404, []string{"Connector none not found"}},
		{"status of an unknown connector", http.MethodGet, "/connectors/none/status", "", "", 404, []string{"No status found for connector none"}},
		{"pause of an unknown connector", http.MethodPut, "/connectors/none/pause", "", "", 404, []string{"none"}},
		{"restart of an unknown connector", http.MethodPost, "/connectors/none/restart", "", "", 404, []string{"none"}},
		{"removal of an unknown connector", http.MethodDelete, "/connectors/none", "", "", 404, []string{"none"}},
		{"task that is no number", http.MethodGet, "/connectors/good/tasks/x/status", "", "", 404, nil},
		{"offsets of a running connector", http.MethodDelete, "/connectors/good/offsets", "", "", 400, []string{"STOPPED", "/connectors/good/stop"}},
	}
}

func TestBadRequestsAreRefusedByNameAndChangeNothing(t *testing.T) {
	// given a connector that runs
	f := embedded(t)
	rest := api{f.rest}
	folder := t.TempDir()
	from, to := filepath.Join(folder, "from.txt"), filepath.Join(folder, "to.txt")
	write(t, from, "before\n")
	rest.create(t, "good", fileSource(from, "good"))
	rest.create(t, "good-sink", fileSink(to, "good"))
	awaitFile(t, to, "before\n")

	for _, c := range append(refusedConnectors(), refusedRequests()...) {
		t.Run(c.name, func(t *testing.T) {
			// when
			got := rest.send(t, c.method, c.path, c.contentType, c.body)

			// then
			if got.status != c.status {
				t.Errorf("the status is %d, want %d: %s", got.status, c.status, got.body)
			}
			for _, part := range c.says {
				if !strings.Contains(got.problem(), part) {
					t.Errorf("the message does not say %q: %s", part, got.problem())
				}
			}
			if got.problem() == "" {
				t.Errorf("there is no message: %s", got.body)
			}
		})
	}

	// and then nothing has changed
	if names := rest.names(t); !slices.Equal(names, []string{"good", "good-sink"}) {
		t.Errorf("the connectors are %v", names)
	}
	extend(t, from, "after\n")
	awaitFile(t, to, "before\nafter\n")
}

func TestConnectorsWhoseNameHoldsASlashOrAPercentAreReached(t *testing.T) {
	f := embedded(t)
	rest := api{f.rest}
	from := filepath.Join(t.TempDir(), "from.txt")
	write(t, from, "line\n")
	for _, name := range []string{"a/b", "50%", "a%2Fb", "a b+c", "Straße/東京?#"} {
		t.Run(name, func(t *testing.T) {
			// given
			path := "/connectors/" + url.PathEscape(name)
			got := rest.call(t, http.MethodPost, "/connectors", map[string]any{"name": name, "config": fileSource(from, "odd-names")})
			if got.status != http.StatusCreated || !strings.HasSuffix(got.header.Get("Location"), path) {
				t.Fatalf("it was answered %d %s, at %q; want it at %s", got.status, got.body, got.header.Get("Location"), path)
			}

			// when
			var info struct{ Name string }
			rest.get(t, path, &info)

			// then
			if info.Name != name {
				t.Errorf("the connector is %q", info.Name)
			}
			rest.awaitRunning(t, url.PathEscape(name))
			await(t, "its position is committed", func() bool { return rest.position(t, url.PathEscape(name)) == int64(len("line\n")) })
			if got := rest.call(t, http.MethodDelete, path, nil); got.status != http.StatusNoContent {
				t.Errorf("its removal was answered %d %s", got.status, got.body)
			}
		})
	}
	if got := rest.names(t); len(got) != 0 {
		t.Errorf("connectors are left: %q", got)
	}
}
