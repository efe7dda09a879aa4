package security_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
)

const (
	plainModule = "org.apache.kafka.common.security.plain.PlainLoginModule"
	scramModule = "org.apache.kafka.common.security.scram.ScramLoginModule"
	oauthModule = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
	oauthLogin  = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"
	iamModule   = "software.amazon.msk.auth.iam.IAMLoginModule"
)

func saslSettings(mechanism, jaas string) set {
	return set{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": mechanism, "sasl.jaas.config": jaas}
}

// mechanismOf returns the mechanism that a client would have.
func mechanismOf(t *testing.T, s security.Settings, aws security.AWS) sasl.Mechanism {
	t.Helper()
	opts, err := security.Options(s, aws)
	if err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	return cl.OptValue(kgo.SASL).([]sasl.Mechanism)[0]
}

// first returns what the mechanism sends first to a broker.
func first(ctx context.Context, m sasl.Mechanism, host string) (string, error) {
	_, message, err := m.Authenticate(ctx, host)
	return string(message), err
}

func TestUsersAreKnownByTheirPasswords(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(),
		kfake.Superuser("PLAIN", "alice", secret), kfake.Superuser("SCRAM-SHA-256", "bob", secret), kfake.Superuser("SCRAM-SHA-512", "carol", secret))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	for _, c := range []struct {
		mechanism, module, user, password string
		ok                                bool
	}{
		{"PLAIN", plainModule, "alice", secret, true},
		{"SCRAM-SHA-256", scramModule, "bob", secret, true},
		{"SCRAM-SHA-512", scramModule, "carol", secret, true},
		{"PLAIN", plainModule, "alice", "other", false},
		{"SCRAM-SHA-512", scramModule, "carol", "other", false},
	} {
		opts, err := security.Options(with(saslSettings(c.mechanism, fmt.Sprintf(`%s required username="%s" password="%s";`, c.module, c.user, c.password))), nil)
		if err != nil {
			t.Fatal(err)
		}
		cl, err := kgo.NewClient(append(opts, kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RequestRetries(0), kgo.RetryTimeout(time.Second))...)
		if err != nil {
			t.Fatal(err)
		}
		if err := cl.Ping(t.Context()); (err == nil) != c.ok {
			t.Errorf("%s as %s: %v", c.mechanism, c.user, err)
		}
		cl.Close()
	}
}

func TestALoginThatIsWrongIsRefusedByItsKeyWithoutItsSecret(t *testing.T) {
	url := set{"sasl.login.callback.handler.class": oauthLogin, "sasl.oauthbearer.token.endpoint.url": "http://127.0.0.1:1/token"}
	withSecret := ` required username="a" password="` + secret + `" clientId="a" clientSecret="` + secret + `";`
	for _, c := range []struct {
		name     string
		settings security.Settings
		key      string
		want     []string
	}{
		{"a protocol", with(set{"security.protocol": "TLS"}), "security.protocol", []string{"TLS", "SASL_SSL"}},
		{"Kerberos", with(saslSettings("GSSAPI", "com.sun.security.auth.module.Krb5LoginModule required;")), "sasl.mechanism", []string{"Kerberos", "SCRAM-SHA-512"}},
		{"the default, which is Kerberos", with(set{"security.protocol": "sasl_ssl"}), "sasl.mechanism", []string{"Kerberos"}},
		{"another mechanism", with(saslSettings("EXTERNAL", "")), "sasl.mechanism", []string{"EXTERNAL"}},
		{"no login", with(saslSettings("PLAIN", "")), "sasl.jaas.config", []string{plainModule}},
		{"a login that cannot be read", with(saslSettings("PLAIN", plainModule+` required username="a" password="x"`+secret+`";`)), "sasl.jaas.config", []string{"character"}},
		{"another module", with(saslSettings("PLAIN", scramModule+withSecret)), "sasl.jaas.config", []string{plainModule}},
		{"no user", with(saslSettings("PLAIN", plainModule+` required password="`+secret+`";`)), "sasl.jaas.config", []string{"username"}},
		{"no password", with(saslSettings("SCRAM-SHA-256", scramModule+` required username="`+secret+`";`)), "sasl.jaas.config", []string{"password"}},
		{"a handler of one's own", with(saslSettings("PLAIN", plainModule+withSecret), set{"sasl.login.callback.handler.class": "com.example.H"}), "sasl.login.callback.handler.class", []string{"com.example.H"}},
		{"a login of one's own", with(saslSettings("PLAIN", plainModule+withSecret), set{"sasl.login.class": "com.example.L"}), "sasl.login.class", nil},
		{"a client's handler", with(saslSettings("PLAIN", plainModule+withSecret), set{"sasl.client.callback.handler.class": "com.example.L"}), "sasl.client.callback.handler.class", nil},
		{"no endpoint", with(saslSettings("OAUTHBEARER", oauthModule+withSecret), set{"sasl.login.callback.handler.class": oauthLogin}), "sasl.oauthbearer.token.endpoint.url", nil},
		{"an endpoint of another kind", with(saslSettings("OAUTHBEARER", oauthModule+withSecret), url, set{"sasl.oauthbearer.token.endpoint.url": "ftp://h/t"}), "sasl.oauthbearer.token.endpoint.url", nil},
		{"no client", with(saslSettings("OAUTHBEARER", oauthModule+` required clientSecret="`+secret+`";`), url), "sasl.oauthbearer.client.credentials.client.id", nil},
		{"no client's secret", with(saslSettings("OAUTHBEARER", oauthModule+` required clientId="a";`), url), "sasl.oauthbearer.client.credentials.client.secret", nil},
		{"an extension called auth", with(saslSettings("OAUTHBEARER", oauthModule+` required extension_auth="`+secret+`" clientId=a clientSecret=b;`), url), "sasl.jaas.config", []string{"extension"}},
		{"a retriever of one's own", with(saslSettings("OAUTHBEARER", oauthModule+withSecret), url, set{"sasl.oauthbearer.jwt.retriever.class": "com.example.R"}), "sasl.oauthbearer.jwt.retriever.class", nil},
		{"a validator of one's own", with(saslSettings("OAUTHBEARER", oauthModule+withSecret), url, set{"sasl.oauthbearer.jwt.validator.class": "com.example.V"}), "sasl.oauthbearer.jwt.validator.class", nil},
		{"a factor out of bounds", with(saslSettings("OAUTHBEARER", oauthModule+withSecret), url, set{"sasl.login.refresh.window.factor": "2"}), "sasl.login.refresh.window.factor", []string{"between 0.5 and 1"}},
		{"an option of the way to the endpoint", with(saslSettings("OAUTHBEARER", oauthModule+` required clientId=a clientSecret=b ssl.truststore.location="/nowhere";`), url), "sasl.jaas.config (ssl.truststore.location)", []string{"/nowhere"}},
		{"an unsecured token without a name", with(saslSettings("OAUTHBEARER", oauthModule+" required;")), "sasl.jaas.config", []string{"unsecuredLoginStringClaim_sub"}},
		{"no key to sign assertions", with(saslSettings("OAUTHBEARER", oauthModule+" required;"), url, set{"sasl.oauthbearer.jwt.retriever.class": "org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever"}), "sasl.oauthbearer.assertion.private.key.file", nil},
		{"IAM without AWS", with(saslSettings("AWS_MSK_IAM", iamModule+" required;")), "sasl.mechanism", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := security.Options(c.settings, nil)
			checkMistake(t, err, c.key, c.want)
		})
	}
}
