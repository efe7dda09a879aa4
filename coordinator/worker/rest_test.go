package worker_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// with returns the properties of a distributed worker with further ones; a value of "-" leaves the key out.
func with(extra ...string) map[string]string {
	props := map[string]string{
		"bootstrap.servers": "a:1", "group.id": "g", "config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "s",
		"key.converter": "k", "value.converter": "v",
	}
	for i := 0; i < len(extra); i += 2 {
		if props[extra[i]] = extra[i+1]; extra[i+1] == "-" {
			delete(props, extra[i])
		}
	}
	return props
}

func TestAWorkerListensOnLoopbackAndLetsTheAdminResourcesBesideUnlessToldOtherwise(t *testing.T) {
	c, err := worker.New(with())
	if err != nil {
		t.Fatal(err)
	}
	if want := []worker.Listener{{Host: "127.0.0.1", Port: 8083}}; !slices.Equal(c.REST.Listeners, want) || c.WorkerID != "127.0.0.1:8083" {
		t.Errorf("listens on %v as %s", c.REST.Listeners, c.WorkerID)
	}
	if c.REST.Admin != worker.AdminBeside || c.REST.Rate == 0 || c.REST.Burst < 10000 || c.REST.RequestBytes < 1<<20 || c.REST.AccessLog {
		t.Errorf("REST is %+v", c.REST)
	}
}

func TestWhereTheWorkerIsFoundIsTheFirstListenerOfTheProtocolOrWhatIsSaid(t *testing.T) {
	for _, c := range []struct {
		listeners, want string
		extra           []string
	}{
		{"https://a:1,http://b:2", "b:2", nil},
		{"https://a:1,http://b:2", "a:1", []string{"rest.advertised.listener", "https"}},
		{"https://a:1", "a:1", nil},
		{"http://0.0.0.0:1", "127.0.0.1:1", nil},
		{"http://[::1]:1", "[::1]:1", nil},
		{"http://a:1", "public:9", []string{"rest.advertised.host.name", "public", "rest.advertised.port", "9"}},
	} {
		w, err := worker.New(with(append(c.extra, "listeners", c.listeners)...))
		if err != nil || w.WorkerID != c.want {
			t.Errorf("%s: advertises %v, %v, want %s", c.listeners, w, err, c.want)
		}
	}
}

func TestThePortThatTheSystemChoseIsAdvertised(t *testing.T) {
	c, err := worker.New(with("listeners", "http://127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	if bound := c.Listening([]worker.Listener{{Host: "127.0.0.1", Port: 4711}}); bound.WorkerID != "127.0.0.1:4711" || c.WorkerID != "127.0.0.1:0" {
		t.Errorf("advertises %s, and %s before", bound.WorkerID, c.WorkerID)
	}
}

func TestAdminListenersThatAreEmptyMeanNowhere(t *testing.T) {
	for value, want := range map[string]worker.AdminPlace{"-": worker.AdminBeside, "": worker.AdminNowhere, "http://127.0.0.1:9": worker.AdminApart} {
		c, err := worker.New(with("admin.listeners", value))
		if err != nil || c.REST.Admin != want {
			t.Errorf("%q: admin resources are at %v, %v", value, c, err)
		}
	}
}

func TestWhatIsWrongIsRefusedByItsKey(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"bootstrap.servers", "", "Configuration 'bootstrap.servers' must not be empty"},
		{"bootstrap.servers", "a:1,,b:2", "values must not be empty"},
		{"group.id", "-", `Missing required configuration "group.id" which has no default value.`},
		{"group.id", " ", "Invalid value   for configuration group.id: String must be non-empty"},
		{"offset.storage.topic", "c", "Invalid value c for configuration offset.storage.topic: it is the topic of config.storage.topic too"},
		{"config.storage.replication.factor", "0", "Replication factor must be positive and not larger than the number of brokers"},
		{"status.storage.partitions", "-2", "Number of partitions must be positive, or -1 to use the broker's default"},
		{"offset.storage.partitions", "many", "Not a number of type INT"},
		{"topic.tracking.enable", "maybe", "Expected value to be either true or false"},
		{"plugin.discovery", "guess", "String must be one of (case insensitive): ONLY_SCAN, SERVICE_LOAD, HYBRID_WARN, HYBRID_FAIL"},
		{"scheduled.rebalance.max.delay.ms", "-1", "Value must be at least 0"},
		{"metrics.recording.level", "info", "String must be one of: INFO, DEBUG"},
		{"connect.protocol", "x", "Invalid Connect protocol compatibility"},
		{"inter.worker.verification.algorithms", "", "At least one signature verification algorithm must be provided"},
		{"header.converter", "", "Class  could not be found."},
		{"ssl.client.auth", "Required", "String must be one of: required, requested, none"},
		{"listeners", "", "at least one URL is expected"},
		{"listeners", "http://:8083,", "Empty URL found when parsing listeners list."},
		{"listeners", "ftp://:8083", "Invalid value ftp://:8083 for configuration listeners: the protocol must be http or https"},
		{"listeners", "http://localhost", "it must be protocol://host:port"},
		{"listeners", "http://::1:8083", "it must be protocol://host:port"},
		{"listeners", "http://localhost:65536", "the port must be a number from 0 to 65535"},
		{"listeners", "http://user@host:1", `"user@host" is no host`},
		{"listeners", "http://a:1,https://A:1", "Invalid value https://A:1 for configuration listeners: it cannot be opened beside http://a:1"},
		{"listeners", "http://:1,http://localhost:1", "it cannot be opened beside http://:1"},
		{"admin.listeners", "http://127.0.0.1:8083", "Invalid value http://127.0.0.1:8083 for configuration admin.listeners: it cannot be opened beside"},
		{"rest.advertised.listener", "https", "Invalid value https for configuration rest.advertised.listener"},
		{"rest.extension.classes", "a,", "Configuration 'rest.extension.classes' values must not be empty."},
		{"response.http.headers.config", "bogus X:Y", "Invalid header config action: 'bogus'. Expected one of [set, add, setDate, addDate]"},
		{"response.http.headers.config", "set", "Invalid format of header config 'set'. Expected: '[action] [header name]:[header value]'"},
		{"response.http.headers.config", "set X Y:Z", "Invalid header name 'X Y'. The '[header name]' cannot contain whitespace"},
		{"response.http.headers.config", "set X:Y:Z", "Invalid format of header name and header value pair 'X:Y:Z'"},
		{"response.http.headers.config", "setDate Expires:soon", "a date is a number of milliseconds from now"},
		{"ferry.rest.trusted.proxies", "10.0.0.1/33", "Invalid value 10.0.0.1/33 for configuration ferry.rest.trusted.proxies"},
		{"ferry.rest.rate.burst", "0", "Value must be at least 1"},
	} {
		_, err := worker.New(with(c.key, c.value))
		if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: error is %v, want %q", c.key, c.value, err, c.want)
		}
	}
}

func TestKeysThatNobodyKnowsAreWarnedOf(t *testing.T) {
	c, err := worker.New(with("group.idd", "x", "rest.extension.classes", "A,A", "producer.acks", "all", "config.storage.min.insync.replicas", "2",
		"config.providers", "env", "config.providers.env.class", "EnvVarConfigProvider", "config.providers.env.param.allowlist.pattern", "A.*",
		"listeners.https.ssl.client.auth", "required", "internal.key.converter.schemas.enable", "false", "log4j.root.loglevel", "INFO", "client.rack", "a"))
	if err != nil {
		t.Fatal(err)
	}
	warnings := strings.Join(c.Warnings(), "\n")
	if !strings.Contains(warnings, "These configurations '[group.idd]' were supplied but are not used.") || !strings.Contains(warnings, `"rest.extension.classes" contains duplicate values`) {
		t.Errorf("warnings are %s", warnings)
	}
	other := with("offset.storage.file.filename", "f", "session.timeout.ms", "1")
	if c, err := worker.NewStandalone(other); err != nil || len(c.Warnings()) > 0 {
		t.Errorf("keys of the other mode are warned of: %v, %v", c.Warnings(), err)
	}
	if got := c.TopicSettings("config"); !maps.Equal(got, map[string]string{"min.insync.replicas": "2"}) {
		t.Errorf("the config topic's settings are %v", got)
	}
}

func TestHeaderRulesAreAppliedToAnswers(t *testing.T) {
	c, err := worker.New(with("response.http.headers.config", `SET X:Y, "add  List : a, b",add List:c , setDate Expires:1000,addDate Expires:-1000`))
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{"X": {"old", "older"}}
	for _, rule := range c.REST.Headers {
		rule.Apply(h, time.Unix(1_000_000_000, 0))
	}
	want := http.Header{"X": {"Y"}, "List": {"a, b", "c"}, "Expires": {"Sun, 09 Sep 2001 01:46:41 GMT", "Sun, 09 Sep 2001 01:46:39 GMT"}}
	if !maps.EqualFunc(h, want, slices.Equal[[]string]) {
		t.Errorf("headers are %v, want %v", h, want)
	}
}

func TestTheEnvironmentOfAJavaWorkerNamesTheLoginConfiguration(t *testing.T) {
	for opts, want := range map[string]string{
		"-Xmx1g -Djava.security.auth.login.config=/etc/jaas.conf -Dx=y":  "/etc/jaas.conf",
		`-Djava.security.auth.login.config="/etc/with space/jaas.conf" `: "/etc/with space/jaas.conf",
		"-Djava.security.auth.login.config==/etc/jaas.conf":              "/etc/jaas.conf",
		"-Xmx1g": "",
	} {
		if got := worker.FromEnvironment([]string{"KAFKA_OPTS=" + opts})[worker.LoginConfigKey]; got != want {
			t.Errorf("KAFKA_OPTS=%s names %q, want %q", opts, got, want)
		}
	}
	got := worker.FromEnvironment([]string{"CONNECT_FERRY_JAVA_SECURITY_AUTH_LOGIN_CONFIG=/own", "KAFKA_OPTS=-Djava.security.auth.login.config=/other"})
	if got[worker.LoginConfigKey] != "/own" {
		t.Errorf("the worker's own key does not win: %v", got)
	}
}

func TestTheEnvironmentOfAJavaWorkerListsWhatOAuthMayName(t *testing.T) {
	const urls, files = "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls", "-Dorg.apache.kafka.sasl.oauthbearer.allowed.files"
	for opts, want := range map[string][2]string{
		urls + "=https://a/t,https://b/t?x=1 " + files + "=/a,/b -Dx=y":   {"https://a/t,https://b/t?x=1", "/a,/b"},
		`-Xmx1g ` + urls + `="https://a, file:///b" ` + files + `="/a b"`: {"https://a, file:///b", "/a b"},
		urls + "=https://first " + urls + "=https://last":                 {"https://last", ""},
		`-Dx="a ` + urls + `=https://a"`:                                  {"", ""},
		urls + ".not=https://a -Xmx1g":                                    {"", ""},
	} {
		got := worker.FromEnvironment([]string{"KAFKA_OPTS=" + opts})
		if got[kafkaclient.AllowedURLsKey] != want[0] || got[kafkaclient.AllowedFilesKey] != want[1] {
			t.Errorf("KAFKA_OPTS=%s lists %v, want %v", opts, got, want)
		}
	}
	got := worker.FromEnvironment([]string{"CONNECT_FERRY_SASL_OAUTHBEARER_ALLOWED_URLS=https://own", "KAFKA_OPTS=" + urls + "=https://other"})
	if got[kafkaclient.AllowedURLsKey] != "https://own" {
		t.Errorf("the worker's own key does not win: %v", got)
	}
}
