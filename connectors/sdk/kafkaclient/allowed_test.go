package kafkaclient_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

const (
	endpointKey  = "sasl.oauthbearer.token.endpoint.url"
	assertionKey = "sasl.oauthbearer.assertion.file"
	signerKey    = "sasl.oauthbearer.assertion.private.key.file"
	templateKey  = "sasl.oauthbearer.assertion.template.file"
)

func TestAConnectorMayNameOnlyURLsAndFilesThatTheWorkerLists(t *testing.T) {
	const urls, files = kafkaclient.AllowedURLsKey, kafkaclient.AllowedFilesKey
	lists := set{urls: " https://a/token , file:///var/token,https://b/token", files: "/keys/one, /keys/two"}
	for _, c := range []struct {
		name       string
		worker     set
		key, value string
		refusal    string // the worker's key, empty if the value is allowed
	}{
		{"no list", nil, endpointKey, "https://a/token", urls},
		{"an empty list", set{urls: " , "}, endpointKey, "https://a/token", urls},
		{"a URL of the list", lists, endpointKey, "https://a/token", ""},
		{"a URL with blanks around it", lists, endpointKey, " https://b/token ", ""},
		{"a file URL of the list", lists, endpointKey, "file:///var/token", ""},
		{"another file URL", lists, endpointKey, "file:///etc/passwd", urls},
		{"a file URL of a file that is listed as a file", lists, endpointKey, "file:///keys/one", urls},
		{"a URL below one of the list", lists, endpointKey, "https://a/token/x", urls},
		{"a URL written in another way", lists, endpointKey, "HTTPS://a/token", urls},
		{"two URLs of the list", lists, endpointKey, "https://a/token,https://b/token", urls},
		{"no URL", lists, endpointKey, "", ""},
		{"no list of files", nil, assertionKey, "/keys/one", files},
		{"an assertion of the list", lists, assertionKey, "/keys/one", ""},
		{"a key of the list", lists, signerKey, "/keys/two", ""},
		{"a template of the list", lists, templateKey, "/keys/two", ""},
		{"another assertion", lists, assertionKey, "/proc/self/environ", files},
		{"another key", lists, signerKey, "/keys/../etc/key", files},
		{"another template", lists, templateKey, "/keys", files},
		{"a file that is listed as a URL", set{urls: "/keys/one"}, assertionKey, "/keys/one", files},
		{"the worker's own URL", set{endpointKey: "https://mine"}, endpointKey, "https://mine", ""},
		{"another URL than the worker's own", set{endpointKey: "https://mine"}, endpointKey, "https://theirs", urls},
		{"the worker's own file", set{signerKey: "/mine"}, signerKey, "/mine", ""},
		{"a file that is the worker's for something else", set{signerKey: "/mine"}, assertionKey, "/mine", files},
		{"what fetches keys for brokers alone, and nothing here", nil, "sasl.oauthbearer.jwks.endpoint.url", "https://a", ""},
	} {
		for _, kind := range kafkaclient.Kinds() {
			key, atStart := kind.Prefix()+c.key, kafkaclient.New(kind, c.worker, set{kind.Prefix() + c.key: c.value})
			_, connection := atStart.Connection()
			_, security := new(kafkaclient.Security).Options(atStart)
			_, forgetful := (*kafkaclient.Security)(nil).Options(atStart)
			for when, err := range map[string]error{
				"validation": kafkaclient.Check(kind, c.key, c.value, c.worker, false), "the connection": connection, "security": security, "security that remembers nothing": forgetful,
			} {
				switch {
				case c.refusal == "" && err != nil:
					t.Errorf("%s: %s says %v", c.name, when, err)
				case c.refusal != "" && (connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), key+":") || !strings.Contains(err.Error(), c.refusal)):
					t.Errorf("%s: %s says %v, which does not name %s and %s", c.name, when, err, key, c.refusal)
				}
			}
		}
	}
}

func TestWhatTheWorkerSetsForOneKindOfClientIsAllowedForThatKind(t *testing.T) {
	worker := set{endpointKey: "https://all", "producer." + endpointKey: "https://producers"}
	for _, c := range []struct {
		kind    kafkaclient.Kind
		url     string
		allowed bool
	}{
		{kafkaclient.Producer, "https://producers", true},
		{kafkaclient.Producer, "https://all", true},
		{kafkaclient.Consumer, "https://producers", false},
		{kafkaclient.Consumer, "https://all", true},
	} {
		if err := kafkaclient.Check(c.kind, endpointKey, c.url, worker, false); (err == nil) != c.allowed {
			t.Errorf("a %s with %s: %v", c.kind, c.url, err)
		}
	}
}

// What was allowed for one connector, or said by the worker, is remembered by its settings alone.
func TestARefusalIsNotForgottenWhenTheSameLoginIsRemembered(t *testing.T) {
	const file = "file:///var/token"
	login := set{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER",
		"sasl.login.callback.handler.class": "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
		"sasl.jaas.config":                  "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"}
	trusted := maps.Clone(login)
	trusted[endpointKey] = file
	var s kafkaclient.Security
	if opts, err := s.Options(kafkaclient.New(kafkaclient.Producer, trusted, nil)); err != nil || len(opts) == 0 {
		t.Fatalf("the worker's own file is refused: %v", err)
	}
	if _, err := s.Options(kafkaclient.New(kafkaclient.Producer, login, set{"producer.override." + endpointKey: file})); err == nil {
		t.Error("a connector may read the file, since the worker did")
	}
}

func TestARefusedURLIsNotQuoted(t *testing.T) {
	err := kafkaclient.Check(kafkaclient.Producer, endpointKey, "https://me:s3cret@host/token?key=s3cret", nil, false)
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}
