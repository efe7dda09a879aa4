package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
)

// request is a question to both sides.
type request struct {
	method, path, body  string
	contentType, accept string // application/json, and none, when empty
	// changes says that states may be others after a success.
	changes bool
}

func (r request) String() string {
	return fmt.Sprintf("%s %s %s %s %.200s", r.method, r.path, r.contentType, r.accept, r.body)
}

// asker makes up requests from a seed.
type asker struct{ *rand.Rand }

// generate returns n requests. The same seed makes the same ones.
func generate(seed uint64, n int) []request {
	g := asker{rand.New(rand.NewPCG(seed, 0))}
	requests := make([]request, n)
	for i := range requests {
		requests[i] = g.request()
	}
	return requests
}

// one picks one of several.
func one[T any](g asker, of ...T) T { return of[g.IntN(len(of))] }

// name is that of a connector; there are few, so that most requests are about one that exists.
func (g asker) name() string { return "@S@-" + one(g, "a", "b", "sink", "c d", "é☂", "sink e+f;g") }

// connector is the path of a connector.
func (g asker) connector() string { return g.path(g.name()) }

// path is that of a connector, its name escaped as one client or another does.
func (g asker) path(name string) string {
	path := url.PathEscape(name)
	path = strings.ReplaceAll(path, "@S@", "\x00")
	if g.IntN(2) == 0 {
		path = strings.ReplaceAll(path, "+", "%2B")
	}
	return "/connectors/" + strings.ReplaceAll(path, "\x00", "@S@")
}

// under is a path under that of a connector.
func (g asker) under(path string) string { return g.connector() + path }

// request is one kind of question; what is common comes up more often.
func (g asker) request() request {
	kinds := []func() request{
		g.create, g.create, g.create, g.putConfig, g.putConfig, g.patchConfig, g.patchConfig, g.remove,
		g.target, g.target, g.target, g.restart, g.restart, g.restartTask,
		g.read, g.read, g.read, g.read, g.list, g.validate, g.validate, g.validate, g.plugin,
		g.alterOffsets, g.alterOffsets, g.resetOffsets, g.stopFirst, g.topics, g.logger, g.logger, g.wrong,
	}
	return kinds[g.IntN(len(kinds))]()
}

func (g asker) create() request {
	name := g.name()
	body := map[string]any{"name": name, "config": g.config(name)}
	if g.IntN(2) == 0 {
		body["initial_state"] = one[any](g, "RUNNING", "PAUSED", "STOPPED", "stopped", "Paused", "ASLEEP", nil, "", 1)
	}
	if g.IntN(12) == 0 {
		body[one(g, "confg", "Name", "")] = "x"
	}
	if g.IntN(12) == 0 {
		body["name"] = one[any](g, nil, "", " ", " "+g.name()+" ", 5, true, []string{})
	}
	if g.IntN(15) == 0 {
		body["config"] = one[any](g, nil, "x", []string{}, map[string]any{})
	}
	return request{method: http.MethodPost, path: "/connectors" + one(g, "", "/"), body: encode(body), changes: true}
}

func (g asker) putConfig() request {
	name := g.name()
	config := g.config(name)
	if g.IntN(10) == 0 {
		config["name"] = one[any](g, "other", "", nil, name)
	}
	return request{method: http.MethodPut, path: g.path(name) + "/config", body: encode(config), changes: true}
}

// patchConfig leaves alone where sources write to: in the topic that sinks read, transactions would count as offsets.
func (g asker) patchConfig() request {
	patch := map[string]any{}
	for range g.IntN(3) {
		patch[one(g, "file", "tasks.max", "x", "errors.tolerance", "transforms", "name")] = one[any](g, nil, "1", "all", "", 2, true)
		if g.IntN(4) == 0 {
			patch["topics"] = one[any](g, nil, "@S@-in", "")
		}
	}
	return request{method: http.MethodPatch, path: g.under("/config"), body: encode(patch), changes: true}
}

func (g asker) remove() request {
	return request{method: http.MethodDelete, path: g.under(one(g, "", "/")), changes: true}
}

func (g asker) target() request {
	return request{method: http.MethodPut, path: g.under(one(g, "/pause", "/resume", "/stop", "/resume/")), changes: true}
}

func (g asker) stopFirst() request {
	return request{method: http.MethodPut, path: g.under("/stop"), changes: true}
}

func (g asker) restart() request {
	query := one(g, "", "?includeTasks=true", "?onlyFailed=true", "?includeTasks=true&onlyFailed=true", "?includeTasks=x&onlyFailed=TRUE", "?includeTasks=")
	return request{method: http.MethodPost, path: g.under("/restart") + query, changes: true}
}

func (g asker) restartTask() request {
	return request{method: http.MethodPost, path: g.under("/tasks/" + g.task() + "/restart"), changes: true}
}

func (g asker) task() string { return one(g, "0", "0", "0", "1", "-1", "x", "00", "99999999999", "+0") }

func (g asker) read() request {
	what := one(g, "", "", "/topics", "/topics", "/config", "/config", "/status", "/tasks", "/tasks/"+g.task()+"/status", "/offsets", "/offsets", "/nothing", "/tasks/0", "/tasks-config")
	return request{method: http.MethodGet, path: g.under(what + one(g, "", "", "/"))}
}

func (g asker) list() request {
	query := one(g, "", "", "?expand=info", "?expand=status", "?expand=status&expand=info", "?expand=x", "?expand=", "?expand=info&expand=x", "?expand=info,status", "?x=y")
	return request{method: http.MethodGet, path: one(g, "/connectors", "/connectors/") + query}
}

func (g asker) validate() request {
	config := g.config(one(g, "source", "sink"))
	if g.IntN(2) == 0 {
		config["name"] = one[any](g, "@S@-v", "", nil, "a/b", "a\x01b")
	}
	plugin := one(g, "FileStreamSource", "FileStreamSink", "org.apache.kafka.connect.file.FileStreamSourceConnector", "FileStreamSourceConnector", "Source", "NoSuch")
	return request{method: http.MethodPut, path: "/connector-plugins/" + plugin + "/config/validate", body: encode(config)}
}

func (g asker) plugin() request {
	name := one(g, "FileStreamSource", "FileStreamSinkConnector", "Json", "StringConverter", "SimpleHeaderConverter", "Simple", "HasHeaderKey", "RegexRouter", "Long",
		"org.apache.kafka.connect.transforms.InsertField$Value", "InsertField$Key", "InsertField", "Value", "Nothing", "File", "All", "NoneConnectorClientConfigOverridePolicy", "Timestamp",
		"TimestampRouter", "Filter", "org.apache.kafka.connect.file.FileStreamSource", "java.util.Map", "json", " Json")
	query := one(g, "", "", "", "?version=latest", "?version=4.3.1", "?version=1.0", "?version=[4,5)", "?version=x", "?version=", "?version=(,")
	path := "/connector-plugins/" + url.PathEscape(name) + "/config" + one(g, "", "/") + query
	if g.IntN(3) == 0 {
		path = "/connector-plugins" + one(g, "", "/", "?connectorsOnly=false", "?connectorsOnly=x", "?connectorsOnly=", "?connectorsOnly=TRUE", "?connectorsOnly")
	}
	return request{method: http.MethodGet, path: path}
}

func (g asker) alterOffsets() request {
	partition := one[any](g, map[string]any{"filename": "@DIR@/in.txt"}, map[string]any{"filename": "@DIR@/in.txt"}, map[string]any{"kafka_topic": "@S@-in", "kafka_partition": 0},
		map[string]any{"kafka_topic": "@S@-in", "kafka_partition": "0"}, map[string]any{"kafka_topic": "@S@-in"}, map[string]any{"filename": 5}, map[string]any{}, nil, map[string]any{"a": map[string]any{"b": 1}})
	offset := one[any](g, map[string]any{"position": 4}, map[string]any{"position": 8}, map[string]any{"kafka_offset": 1}, map[string]any{"kafka_offset": "1"}, nil, map[string]any{},
		map[string]any{"position": "x"}, map[string]any{"position": -1}, map[string]any{"kafka_offset": 1.5}, map[string]any{"kafka_offset": -3}, map[string]any{"position": 1.5}, map[string]any{"position": []int{1}})
	body := map[string]any{"offsets": []any{map[string]any{"partition": partition, "offset": offset}}}
	if g.IntN(6) == 0 {
		body = map[string]any{"offsets": one[any](g, nil, []any{}, []any{nil}, []any{map[string]any{}}, "x", []any{map[string]any{"partition": partition, "x": 1}})}
	}
	if g.IntN(15) == 0 {
		body = one(g, map[string]any{}, map[string]any{"offset": []any{}})
	}
	return request{method: http.MethodPatch, path: g.under("/offsets"), body: encode(body), changes: true}
}

func (g asker) resetOffsets() request {
	return request{method: http.MethodDelete, path: g.under("/offsets"), changes: true}
}

func (g asker) topics() request {
	if g.IntN(2) == 0 {
		return request{method: http.MethodPut, path: g.under("/topics/reset")}
	}
	return request{method: http.MethodGet, path: "/connectors/@S@-nobody/topics"}
}

func (g asker) logger() request {
	logger := "/admin/loggers/" + one(g, "x.@S@", "x.@S@.y", "x.@S@z", "x", "X")
	if g.IntN(2) == 0 {
		return request{method: http.MethodGet, path: logger + one(g, "", "/")}
	}
	body := one(g, `{"level":"debug"}`, `{"level":"WARN"}`, `{"level":"Info"}`, `{"level":"off"}`, `{"level":"all"}`, `{"level":"loud"}`, `{}`, `{"level":null}`, `{"level":3}`, `[]`, `{"level":"info","x":"y"}`)
	return request{method: http.MethodPut, path: logger + one(g, "", "", "?scope=worker", "?scope=", "?scope=x"), body: body}
}

// wrong is what no client should send.
func (g asker) wrong() request {
	method := one(g, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "FOO")
	path := one(g, "/", "/health", "/nothing", "/connectors/@S@-a/pause", "/connectors/@S@-a/restart", "/connector-plugins", "/connectors/@S@-a/status", "/admin",
		"/connectors/@S@-a/tasks/0/status", "/connector-plugins/Json/config", "/admin/loggers", "/connectors/@S@-a/topics/reset", "/Connectors", "/connectors/@S@-a/x/y/z")
	body := one(g, "", "", "{", "[]", "null", `"x"`, "5", `{"a":1}{`, "\xff")
	return request{
		method: method, path: path, body: body,
		contentType: one(g, "", "", "text/plain", "application/json;charset=UTF-8", "application/*"), accept: one(g, "", "", "*/*", "text/html", "application/json;q=0.1", "text/html, application/*"),
	}
}

// config is the configuration of a source, or of a sink where the name says so, with, often, something wrong with it.
func (g asker) config(name string) map[string]any {
	config := map[string]any{
		"connector.class": one(g, "FileStreamSource", "FileStreamSourceConnector", "org.apache.kafka.connect.file.FileStreamSourceConnector"), "file": "@DIR@/in.txt", "topic": "@S@-t",
		"value.converter": stringConverter, "key.converter": stringConverter,
	}
	if strings.Contains(name, "sink") {
		config["connector.class"], config["file"] = "FileStreamSink", "@DIR@/out.txt"
		delete(config, "topic")
		config["topics"] = "@S@-in"
	}
	for range max(0, g.IntN(5)-2) {
		one(g, oddities()...)(g, config)
	}
	return config
}

// oddities change a configuration.
func oddities() []func(asker, map[string]any) {
	set := func(key string, values ...any) func(asker, map[string]any) {
		return func(g asker, config map[string]any) { config[key] = one(g, values...) }
	}
	unset := func(key string) func(asker, map[string]any) {
		return func(_ asker, config map[string]any) { delete(config, key) }
	}
	return []func(asker, map[string]any){
		set("tasks.max", "1", 2, "0", "x", "", nil, 1.5, true, " 1 ", "2147483648", "-1"),
		set("tasks.max.enforce", true, "false", "maybe"),
		unset("connector.class"), unset("topic"), unset("topics"), unset("file"),
		set("connector.class", "NoSuch", "", nil, "java.lang.String", "JsonConverter", "filestreamsource", 5),
		set("topics.regex", "@S@-in.*", "", "[", nil), set("topics", "", "a,a", ",", nil, "a b"),
		set("value.converter", "JsonConverter", "org.apache.kafka.connect.json.JsonConverter", "NoSuch", "", "FileStreamSource", nil),
		set("header.converter", "SimpleHeaderConverter", "NoSuch", "StringConverter"),
		set("value.converter.schemas.enable", "false", "perhaps"),
		set("errors.tolerance", "all", "none", "some", "ALL", ""), set("errors.retry.timeout", "-1", "0", "x", "60000"),
		set("errors.deadletterqueue.topic.name", "@S@-t", ""), set("errors.log.enable", "true", 1),
		set("transforms", "a", "a,b", "a,a", "", ",", nil), set("transforms.a.type", "RegexRouter", "NoSuch", "org.apache.kafka.connect.transforms.HoistField$Value", "Filter", ""),
		set("transforms.a.regex", ".*", "("), set("transforms.a.replacement", "@S@-t"), set("transforms.a.field", "f"), set("transforms.a.predicate", "p", ""), set("transforms.a.negate", "x"),
		set("predicates", "p", "p,q", ""), set("predicates.p.type", "RecordIsTombstone", "TopicNameMatches", "NoSuch"), set("predicates.p.pattern", "x", "["),
		set("config.action.reload", "none", "restart", "maybe"), set("batch.size", "10", "0", "x"),
		set("producer.override.acks", "all", "1"), set("consumer.override.max.poll.records", "5"), set("admin.override.retries", "3"), set("producer.override.linger.ms", "5"),
		set("exactly.once.support", "requested", "REQUESTED", "maybe"), set("offsets.storage.topic", "", " "),
		set("transaction.boundary", "poll", "interval", "x"), set("transaction.boundary.interval.ms", "0", "1000", "x"),
		set("connector.plugin.version", "4.3.1", "1.0", "[4.0,5.0)", "x"), set("value.converter.plugin.version", "4.3.1", "9"),
		set("x.unknown", "1", nil, 2, map[string]any{"a": 1}, []string{"b"}, "${file:/nothing:x}", "${env:HOME}"),
		set("name", "other"),
	}
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps and strings always can be
	}
	return string(text)
}
