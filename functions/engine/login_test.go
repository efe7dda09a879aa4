package engine

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
)

// A login that a side refuses is not the way between them, which may be better in a moment: the task fails, and says which settings to
// look at.
func TestALoginThatIsRefusedFailsTheTaskWithItsSettings(t *testing.T) {
	ca, other := securitytest.NewAuthority(t, "ca"), securitytest.NewAuthority(t, "other")
	cluster := func(opts ...kfake.Opt) *kfake.Cluster {
		c, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	listen := func(config *tls.Config) string {
		return cluster(kfake.ListenFn(func(network, addr string) (net.Listener, error) { return tls.Listen(network, addr, config) })).ListenAddrs()[0]
	}
	tokens := cluster()
	tokens.ControlKey(kmsg.SASLHandshake.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		tokens.KeepControl()
		p := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
		p.SupportedMechanisms = []string{"OAUTHBEARER"}
		return p, nil, true
	})
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	certs := []tls.Certificate{ca.Issue("broker", "127.0.0.1").TLS()}
	secured := listen(&tls.Config{Certificates: certs})
	mutual := listen(&tls.Config{Certificates: certs, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool()})
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
	}))
	defer refusing.Close()
	trust := func(a *securitytest.Authority, more map[string]string) map[string]string {
		m := map[string]string{"security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.certificates": a.Own.ChainPEM(), "key.converter": byteArrayConverter, "value.converter": byteArrayConverter}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	for _, c := range []struct {
		name, addr string
		worker     map[string]string
		want       string
	}{
		{"a broker that is not trusted", secured, trust(other, nil), "ssl.truststore.*"},
		{"a client without a certificate", mutual, trust(ca, nil), "ssl.keystore.*"},
		{"a listener without TLS", web.Listener.Addr().String(), trust(ca, nil), "security.protocol"},
		{"a token endpoint that refuses", tokens.ListenAddrs()[0], trust(ca, map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER",
			"sasl.login.callback.handler.class":   "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
			"sasl.oauthbearer.token.endpoint.url": refusing.URL, "sasl.jaas.config": "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=a clientSecret=s3cret;"}), "invalid_client"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &broker{t: t, name: "c"}
			task := b.task(new(downstream).class(), topics("in"))
			task.Kafka, task.Worker = []kgo.Opt{kgo.SeedBrokers(c.addr)}, c.worker
			task.Budget.Deadline = time.Now().Add(time.Minute)
			facts, err := Run(t.Context(), task)
			if facts.End != EndFailed || connect.KindOf(err) != connect.KindFatal || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s, %s: %v", asJSON(facts), connect.KindOf(err), err)
			}
		})
	}
}
