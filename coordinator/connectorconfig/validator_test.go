package connectorconfig_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// plugins of these tests: a sink, a source that checks its configuration, and the converter that the worker needs.
const plugins = `[
{"class":"x.FileSink","type":"sink","version":"2.0","aliases":["Sink"],"function":"sink","config":[]},
{"class":"x.Source","type":"source","version":"2.0","aliases":["Source"],"function":"source","checks":true,"config":[
 {"name":"limit","type":"INT","required":false,"default_value":"5","importance":"LOW","documentation":"","group":null,"order_in_group":-1,"width":"NONE","display_name":"limit","dependents":[],"validator":"[1,...]"},
 {"name":"password","type":"PASSWORD","required":false,"default_value":null,"importance":"LOW","documentation":"","group":null,"order_in_group":-1,"width":"NONE","display_name":"password","dependents":[]}]},
{"class":"org.apache.kafka.connect.json.JsonConverter","type":"converter","version":"2.0","aliases":["Json"],"config":[]},
{"class":"org.apache.kafka.connect.storage.SimpleHeaderConverter","type":"header_converter","version":"2.0","config":[]}
]`

func parsed(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Parse([]byte(plugins))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// function answers checks.
type function func(req *invoke.Request) *invoke.Response

func (f function) Handle(_ context.Context, req *invoke.Request) *invoke.Response { return f(req) }

func silent(*invoke.Request) *invoke.Response { return &invoke.Response{} }

func validator(t *testing.T, source function, extra ...string) *connectorconfig.Validator {
	t.Helper()
	invoker := invoke.NewInProcess(map[string]invoke.Handler{"source": source}, nil)
	t.Cleanup(invoker.Close)
	return newValidator(t, connectorconfig.Options{Catalog: parsed(t), Worker: standalone(t, extra...), Invoker: invoker})
}

func config(pairs ...string) store.Properties {
	var p store.Properties
	for i := 0; i < len(pairs); i += 2 {
		p = p.With(pairs[i], pairs[i+1])
	}
	return p
}

// validate returns the messages by key, and all values.
func validate(t *testing.T, v *connectorconfig.Validator, pairs ...string) (messages map[string][]string, values map[string]string) {
	t.Helper()
	infos, err := v.Validate(t.Context(), config(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	messages, values = map[string][]string{}, map[string]string{}
	n := 0
	for _, info := range infos.Configs {
		if len(info.Value.Errors) > 0 {
			messages[info.Value.Name] = info.Value.Errors
			n += len(info.Value.Errors)
		}
		if info.Value.Value != nil {
			values[info.Value.Name] = *info.Value.Value
		}
	}
	if n != infos.ErrorCount {
		t.Errorf("error_count is %d, but there are %d messages", infos.ErrorCount, n)
	}
	return messages, values
}

func sink(pairs ...string) []string {
	return append([]string{"name", "s", "connector.class", "Sink"}, pairs...)
}

func source(pairs ...string) []string {
	return append([]string{"name", "s", "connector.class", "Source"}, pairs...)
}

func TestAPlaceholderOfAProviderThatTheWorkerDoesNotHaveIsText(t *testing.T) {
	messages, _ := validate(t, validator(t, silent, "config.providers", "file", "config.providers.file.class", "FileConfigProvider"), source("limit", "${vault:/x:limit}")...)
	if got := messages["limit"]; len(got) == 0 || !strings.Contains(got[0], "Not a number of type INT") {
		t.Errorf("messages are %v", messages)
	}
}

func TestPasswordsAreNeverShown(t *testing.T) {
	_, values := validate(t, validator(t, silent), source("password", "s3cret", "producer.override.sasl.jaas.config", "s3cret", "producer.override.acks", "1")...)
	if values["password"] != "[hidden]" || values["producer.override.sasl.jaas.config"] != "[hidden]" || values["producer.override.acks"] != "1" {
		t.Errorf("values are %v", values)
	}
}

func TestTheConnectorsOwnCodeIsAskedAndAddsMessages(t *testing.T) {
	var asked *invoke.Request
	v := validator(t, func(req *invoke.Request) *invoke.Response {
		asked = req
		return &invoke.Response{Messages: map[string][]string{"limit": {"too high for this table"}, "other": {"what is this?"}}}
	})
	infos, err := v.Validate(t.Context(), config(source("limit", "9")...))
	if err != nil {
		t.Fatal(err)
	}
	if asked == nil || asked.Op != invoke.OpCheck || asked.Config["limit"] != "9" || asked.Connector != "s" {
		t.Errorf("asked %+v", asked)
	}
	if !slices.Contains(infos.Messages(), "too high for this table") {
		t.Errorf("messages are %q", infos.Messages())
	}
}

func TestAFunctionThatCannotBeAskedIsNoMistakeOfTheConfiguration(t *testing.T) {
	invoker := invoke.NewInProcess(nil, nil)
	t.Cleanup(invoker.Close)
	v := newValidator(t, connectorconfig.Options{Catalog: parsed(t), Worker: standalone(t), Invoker: invoker})
	_, err := v.Validate(t.Context(), config(source()...))
	if err == nil || !strings.Contains(err.Error(), "function source") {
		t.Fatalf("error is %v", err)
	}
	if e, ok := errors.AsType[*connect.Error](err); ok && e.Class == connectorconfig.BadRequestException {
		t.Errorf("error is a bad request: %v", err)
	}
}

// A connector's code waits for a database that does not answer, say, and heeds no deadline.
func TestAConnectorThatHangsIsNotWaitedForWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := make(chan struct{})
		v := validator(t, func(*invoke.Request) *invoke.Response { <-hangs; return &invoke.Response{} })
		began := time.Now()
		_, err := v.Validate(t.Context(), config(source()...))
		if took := time.Since(began); err == nil || took != 8*time.Second || !strings.Contains(err.Error(), "function source, did not say within 8s") {
			t.Errorf("after %v the error is %v", took, err)
		}
		// What is known without the connector is said all the same.
		infos, err := v.Validate(t.Context(), config(source("limit", "0")...))
		if err != nil || infos.ErrorCount != 1 || !strings.Contains(infos.Messages()[0], "at least 1") {
			t.Errorf("of a configuration with a mistake it is said %+v, %v", infos, err)
		}
		close(hangs)
		synctest.Wait()
	})
}

func TestKeysOfASinkMustFitTogether(t *testing.T) {
	v := validator(t, silent)
	for name, c := range map[string]struct {
		config []string
		key    string
		want   string
	}{
		"dead letters in the list": {
			sink("topics", "a, b,a", "errors.deadletterqueue.topic.name", " b "), "topics",
			"The DLQ topic 'b' may not be included in the list of topics ('topics=[a, b]') consumed by the connector",
		},
		"dead letters match": {
			sink("topics.regex", "a.*", "errors.deadletterqueue.topic.name", "ab"), "topics.regex",
			"The DLQ topic 'ab' may not be matched by the regex for the topics ('topics.regex=a.*') consumed by the connector",
		},
		"a topic twice":     {sink("topics", "a,a"), "topics", "Configuration 'topics' values must not be duplicated."},
		"blank is not set":  {sink("topics", "  "), "topics.regex", "Must configure one of topics or topics.regex"},
		"negation of what?": {sink("topics", "a", "transforms", "t", "transforms.t.type", "org.apache.kafka.connect.json.JsonConverter", "transforms.t.negate", "true"), "transforms.t.type", "Config 'transforms.t.negate' was provided but there is no config 'transforms.t.predicate' defining a predicate to be negated."},
		"no transformation": {sink("topics", "a", "transforms", "t", "transforms.t.type", "Json"), "transforms.t.type", "Class class org.apache.kafka.connect.json.JsonConverter does not implement the Transformation interface"},
	} {
		t.Run(name, func(t *testing.T) {
			messages, _ := validate(t, v, c.config...)
			if !slices.Contains(messages[c.key], c.want) {
				t.Errorf("messages are %q", messages)
			}
		})
	}
	if _, err := v.Validate(t.Context(), config(sink("topics.regex", "(", "errors.deadletterqueue.topic.name", "d")...)); err == nil {
		t.Error("a pattern that does not compile, with dead letters to match, was judged")
	}
}

func TestASinkMayNotUseTheWorkersGroup(t *testing.T) {
	v := newValidator(t, connectorconfig.Options{Catalog: parsed(t), Worker: distributedWorker(t, "connect-s")})
	messages, _ := validate(t, v, sink("topics", "a")...)
	if want := "Consumer group for sink connector named s conflicts with Connect worker group connect-s"; !slices.Contains(messages["name"], want) {
		t.Errorf("messages are %q", messages)
	}
	if messages, _ := validate(t, v, sink("topics", "a", "consumer.override.group.id", "mine")...); len(messages) > 0 {
		t.Errorf("with a group of its own: %q", messages)
	}
}

// distributedWorker is the configuration of a worker in distributed mode.
func distributedWorker(t *testing.T, group string, extra ...string) *worker.Config {
	t.Helper()
	props := map[string]string{
		"bootstrap.servers": "a:1", "group.id": group, "config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "s",
		"key.converter": "Json", "value.converter": "Json",
	}
	for i := 0; i < len(extra); i += 2 {
		props[extra[i]] = extra[i+1]
	}
	w, err := worker.New(props)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestASourceMustKeepWhatItsConfigurationPromises(t *testing.T) {
	const (
		notExactlyOnce = "The connector does not support exactly-once semantics with the provided configuration."
		noTransactions = "The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use a different transaction boundary definition."
		switchedOff    = "This worker does not have exactly-once source support enabled."
	)
	promises := []string{"exactly.once.support", "REQUIRED", "transaction.boundary", "Connector"}
	refuses := func(req *invoke.Request) *invoke.Response {
		return &invoke.Response{Messages: map[string][]string{"exactly.once.support": {notExactlyOnce}}}
	}
	for _, c := range []struct {
		name       string
		catalog    string // what the class says of itself
		config     []string
		support    string // of the worker; enabled if empty
		answer     function
		asked      bool
		once, ends []string // messages of the two keys
	}{
		{"a class that can neither", "", promises, "enabled", refuses, false, []string{notExactlyOnce}, []string{noTransactions}},
		{"a class that can", `"exactly_once":true,"defines_transactions":true,`, promises, "", silent, true, nil, nil},
		{"a class that can, but not so", `"exactly_once":true,"defines_transactions":true,`, promises, "", refuses, true, []string{notExactlyOnce}, nil},
		{"a class that can, and is not asked to", `"exactly_once":true,"defines_transactions":true,`, []string{"transaction.boundary", "interval"}, "", refuses, false, nil, nil},
		{"a worker with exactly-once off", `"exactly_once":true,"defines_transactions":true,`, promises, "Disabled", silent, true, []string{switchedOff}, nil},
		{"a worker that prepares", `"exactly_once":true,`, promises[:2], "preparing", silent, true, []string{switchedOff}, nil},
		{"values that are wrong", "", []string{"exactly.once.support", "perhaps", "transaction.boundary", "never"}, "", silent, false,
			[]string{"Invalid value perhaps for configuration exactly.once.support: String must be one of (case insensitive): REQUIRED, REQUESTED"},
			[]string{"Invalid value never for configuration transaction.boundary: String must be one of (case insensitive): INTERVAL, POLL, CONNECTOR"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			classes, err := catalog.Parse([]byte(strings.Replace(plugins, `"checks":true,`, c.catalog, 1)))
			if err != nil {
				t.Fatal(err)
			}
			asked := false
			invoker := invoke.NewInProcess(map[string]invoke.Handler{"source": function(func(req *invoke.Request) *invoke.Response {
				asked = true
				return c.answer(req)
			})}, nil)
			defer invoker.Close()
			v := newValidator(t, connectorconfig.Options{Catalog: classes, Worker: distributedWorker(t, "g", worker.ExactlyOnceSupportKey, cmp.Or(c.support, worker.ExactlyOnceEnabled)), Invoker: invoker})
			messages, _ := validate(t, v, source(c.config...)...)
			if !slices.Equal(messages["exactly.once.support"], c.once) || !slices.Equal(messages["transaction.boundary"], c.ends) || asked != c.asked {
				t.Errorf("asked %v: %q", asked, messages)
			}
		})
	}
}

func TestStandaloneModeAcceptsWhatItDoesNotHave(t *testing.T) {
	messages, _ := validate(t, validator(t, silent), source("exactly.once.support", "required", "transaction.boundary", "connector")...)
	if len(messages) > 0 {
		t.Errorf("%q", messages)
	}
	if messages, _ = validate(t, validator(t, silent), source("transaction.boundary.interval.ms", "-1")...); len(messages["transaction.boundary.interval.ms"]) != 1 {
		t.Errorf("%q", messages)
	}
}

func TestThePolicyOfTheWorkerLimitsOverrides(t *testing.T) {
	overrides := sink("topics", "a", "consumer.override.max.poll.records", "5", "consumer.override.sasl.mechanism", "PLAIN")
	for policy, refused := range map[string][]string{
		"All":  nil,
		"None": {"max.poll.records", "sasl.mechanism"},
		"org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy": {"max.poll.records"},
		"Allowlist": {"sasl.mechanism"},
	} {
		v := validator(t, silent, "connector.client.config.override.policy", policy, "connector.client.config.override.allowlist", "max.poll.records, x")
		messages, _ := validate(t, v, overrides...)
		if len(messages) != len(refused) {
			t.Errorf("%s: messages are %q", policy, messages)
		}
		for _, setting := range refused {
			if got := messages["consumer.override."+setting]; len(got) != 1 || !strings.HasSuffix(got[0], "policy does not allow '"+setting+"' to be overridden in the connector configuration.") {
				t.Errorf("%s, %s: %q", policy, setting, got)
			}
		}
	}
}

// What cannot be honoured here, and values that its client would refuse, are told before a task meets them.
func TestOverridesThatCannotBeHonouredAreNamed(t *testing.T) {
	overrides := sink("topics", "a", "consumer.override.interceptor.classes", "com.example.I", "consumer.override.isolation.level", "serializable",
		"consumer.override.fetch.min.bytes", "5", "consumer.override.session.timeout.ms", "5",
		"consumer.override.bootstrap.servers", "elsewhere:9092", "consumer.override.ssl.truststore.location", "/in/the/task/alone")
	messages, _ := validate(t, validator(t, silent), overrides...)
	for key, part := range map[string]string{"interceptor.classes": "classes of a JVM", "isolation.level": "read_committed", "bootstrap.servers": "second Ferry"} {
		if got := messages["consumer.override."+key]; len(got) != 1 || !strings.Contains(got[0], part) {
			t.Errorf("%s: %q", key, got)
		}
	}
	if len(messages) != 3 {
		t.Errorf("messages are %q", messages)
	}
}

// The worker lists what the function of a connector may ask and read for a token.
func TestAURLOfOAuthThatTheWorkerDoesNotListIsNamed(t *testing.T) {
	overrides := sink("topics", "a", "consumer.override.sasl.oauthbearer.token.endpoint.url", "http://169.254.169.254/s3cret", "consumer.override.sasl.oauthbearer.assertion.file", "/etc/passwd")
	messages, _ := validate(t, validator(t, silent), overrides...)
	for key, list := range map[string]string{"token.endpoint.url": kafkaclient.AllowedURLsKey, "assertion.file": kafkaclient.AllowedFilesKey} {
		key = "consumer.override.sasl.oauthbearer." + key
		if got := messages[key]; len(got) != 1 || !strings.Contains(got[0], key) || !strings.Contains(got[0], list) || strings.Contains(got[0], "s3cret") {
			t.Errorf("%s: %q", key, got)
		}
	}
	listing := validator(t, silent, kafkaclient.AllowedURLsKey, "https://a, http://169.254.169.254/s3cret", kafkaclient.AllowedFilesKey, "/etc/passwd")
	if messages, _ = validate(t, listing, overrides...); len(messages) > 0 {
		t.Errorf("what is listed is refused: %q", messages)
	}
	own := validator(t, silent, "sasl.oauthbearer.token.endpoint.url", "http://169.254.169.254/s3cret", "consumer.sasl.oauthbearer.assertion.file", "/etc/passwd")
	if messages, _ = validate(t, own, overrides...); len(messages) > 0 {
		t.Errorf("what the worker's clients use is refused: %q", messages)
	}
}

func TestAConverterIsValidatedOnlyIfTheConnectorNamesIt(t *testing.T) {
	c := embedded(t)
	v := newValidator(t, connectorconfig.Options{Catalog: c, Worker: standalone(t)})
	file := []string{"name", "s", "connector.class", "FileStreamSource", "topic", "t", "value.converter.schemas.enable", "maybe"}
	if messages, _ := validate(t, v, file...); len(messages) > 0 {
		t.Errorf("the worker's converter does not get the connector's settings, but %q", messages)
	}
	messages, _ := validate(t, v, append(file, "value.converter", "JsonConverter")...)
	if len(messages["value.converter.schemas.enable"]) != 1 {
		t.Errorf("messages are %q", messages)
	}
}

func TestTheWorkersConverterMustExist(t *testing.T) {
	_, err := connectorconfig.New(connectorconfig.Options{Catalog: parsed(t), Worker: standalone(t, "key.converter", "no.Such")})
	if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), "key.converter") {
		t.Errorf("error is %v", err)
	}
}

func TestTheTypeOfAConnectorFollowsFromItsClass(t *testing.T) {
	v := validator(t, silent)
	for class, want := range map[string]string{"Sink": "sink", "x.Source": "source", "Json": "unknown", "": "unknown"} {
		if got := v.TypeOf(class); got != want {
			t.Errorf("%q is %s, want %s", class, got, want)
		}
	}
}

func TestAVersionThatIsNotThereIsReportedAtClassAndVersion(t *testing.T) {
	messages, _ := validate(t, validator(t, silent), source("connector.plugin.version", "[3,4)", "limit", "x")...)
	const want = "Plugin x.Source not found that matches the version range [3,4), available versions: [2.0]"
	if len(messages) != 2 || !slices.Equal(messages["connector.class"], []string{want}) || !slices.Equal(messages["connector.plugin.version"], []string{want}) {
		t.Errorf("messages are %q", messages)
	}
}
