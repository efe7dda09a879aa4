package security_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
)

// jwt makes a token; its signature is nobody's.
func jwt(claims map[string]any) string {
	payload, _ := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode(payload) + "." + encode([]byte("signature"))
}

// issuer is a token endpoint.
type issuer struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	forms    []url.Values
	answers  []func(w http.ResponseWriter) // in turn, the last one for ever
}

func newIssuer(t *testing.T, tls bool, answers ...func(w http.ResponseWriter)) *issuer {
	i := &issuer{answers: answers}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		_ = r.ParseForm()
		i.requests, i.forms = append(i.requests, r), append(i.forms, r.PostForm)
		i.answers[min(len(i.requests), len(i.answers))-1](w)
	})
	if tls {
		i.Server = httptest.NewTLSServer(handler)
	} else {
		i.Server = httptest.NewServer(handler)
	}
	t.Cleanup(i.Close)
	return i
}

func gives(token string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer"}`, token)
	}
}

func refuses(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func oauthSettings(i *issuer, options string, more ...set) present {
	return with(append([]set{
		saslSettings("OAUTHBEARER", oauthModule+" required "+options+";"),
		{"sasl.login.callback.handler.class": oauthLogin, "sasl.oauthbearer.token.endpoint.url": i.URL + "/token", "sasl.login.retry.backoff.ms": "1"},
	}, more...)...)
}

func TestATokenIsGotByClientCredentials(t *testing.T) {
	token := jwt(map[string]any{"exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "sub": "me"})
	for _, c := range []struct {
		name     string
		options  string
		settings set
		user     string
		password string
		scope    string
	}{
		{"options of the JAAS text", `clientId="me" clientSecret="` + secret + `" scope="a b"`, nil, "me", secret, "a b"},
		{"settings of 4.1, which go first", `clientId="x" clientSecret="y"`, set{
			"sasl.oauthbearer.client.credentials.client.id": "me", "sasl.oauthbearer.client.credentials.client.secret": secret, "sasl.oauthbearer.scope": "c"}, "me", secret, "c"},
		{"escaped in the header", `clientId="me&you" clientSecret="a+b"`, set{"sasl.oauthbearer.header.urlencode": "true"}, "me%26you", "a%2Bb", ""},
		{"not escaped", `clientId="me&you" clientSecret="a+b"`, nil, "me&you", "a+b", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newIssuer(t, false, gives(token))
			m := mechanismOf(t, oauthSettings(i, c.options+` extension_cluster="c1"`, c.settings), nil)
			for range 2 {
				got, err := first(t.Context(), m, "b:9092")
				if want := "n,,\x01auth=Bearer " + token + "\x01cluster=c1\x01\x01"; err != nil || got != want {
					t.Fatalf("the broker is sent %q, %v", got, err)
				}
			}
			user, password, _ := i.requests[0].BasicAuth()
			if len(i.requests) != 1 || user != c.user || password != c.password || i.forms[0].Get("grant_type") != "client_credentials" || i.forms[0].Get("scope") != c.scope {
				t.Errorf("the endpoint was asked %d times, as %q with %q for %v", len(i.requests), user, password, i.forms[0])
			}
		})
	}
}

func TestTheWayToTheEndpointIsSecuredByTheOptionsOfTheJAASText(t *testing.T) {
	i := newIssuer(t, true, gives(jwt(map[string]any{"exp": time.Now().Add(time.Hour).Unix()})))
	const client = `clientId=a clientSecret=b`
	if _, err := first(t.Context(), mechanismOf(t, oauthSettings(i, client, set{"sasl.login.retry.backoff.max.ms": "0"}), nil), "b:1"); err == nil {
		t.Error("an endpoint that nobody trusts was sent credentials")
	}
	pem := securitytest.File(t, "ca.pem", pemOf(i.Certificate().Raw))
	trusting := client + ` ssl.truststore.type="PEM" ssl.truststore.location="` + pem + `"`
	if _, err := first(t.Context(), mechanismOf(t, oauthSettings(i, trusting), nil), "b:1"); err != nil {
		t.Error(err)
	}
}

func pemOf(der []byte) string {
	return "-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString(der) + "\n-----END CERTIFICATE-----\n"
}

func TestAnEndpointIsAskedAgainOnlyWhenThatMayHelp(t *testing.T) {
	token := gives(jwt(map[string]any{"exp": time.Now().Add(time.Hour).Unix()}))
	for _, c := range []struct {
		name     string
		first    func(http.ResponseWriter)
		requests int
		ok       bool
		want     string
	}{
		{"it is down", refuses(503, "<html>"+secret), 2, true, ""},
		{"it is busy", refuses(429, ""), 2, true, ""},
		{"it refuses", refuses(401, `{"error":"invalid_client","error_description":"no `+secret+` here"}`), 1, false, "invalid_client: no [hidden] here"},
		{"it has moved", refuses(302, ""), 1, false, "302"},
		{"its answer is no JSON", refuses(200, secret), 1, false, "no JSON"},
		{"its answer has no token", refuses(200, `{"refresh_token":"`+secret+`"}`), 1, false, "no access_token"},
		{"its token is none", refuses(200, `{"access_token":"`+secret+`"}`), 1, false, "no JSON web token"},
		{"its token is over", gives(jwt(map[string]any{"exp": 1})), 1, false, "expired"},
		{"its token has no end", gives(jwt(map[string]any{})), 1, false, "exp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newIssuer(t, false, c.first, token)
			m := mechanismOf(t, oauthSettings(i, `clientId=a clientSecret="`+secret+`"`), nil)
			_, err := first(t.Context(), m, "b:1")
			if (err == nil) != c.ok || len(i.requests) != c.requests {
				t.Fatalf("asked %d times: %v", len(i.requests), err)
			}
			if err != nil && (strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "sasl.oauthbearer.token.endpoint.url")) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestATokenIsReplacedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		write := func(path, token string) { securitytest.Overwrite(t, path, token) }
		token := func(life time.Duration) string {
			return jwt(map[string]any{"iat": time.Now().Unix(), "exp": time.Now().Add(life).Unix()})
		}
		path := securitytest.File(t, "token", "")
		m := mechanismOf(t, with(saslSettings("OAUTHBEARER", oauthModule+" required;"), set{
			"sasl.login.callback.handler.class": oauthLogin, "sasl.oauthbearer.token.endpoint.url": "file://" + path, "sasl.login.refresh.window.jitter": "0"}), nil)
		sent := func() string {
			got, err := first(t.Context(), m, "b:1")
			if err != nil {
				t.Fatal(err)
			}
			return strings.TrimSuffix(strings.TrimPrefix(got, "n,,\x01auth=Bearer "), "\x01\x01")
		}
		one := token(time.Hour)
		write(path, one+"\n")
		if sent() != one {
			t.Error("the token is not that of the file")
		}
		two := token(2 * time.Hour)
		write(path, two)
		<-time.After(47 * time.Minute)
		if sent() != one {
			t.Error("the token was replaced before 0.8 of its life")
		}
		<-time.After(2 * time.Minute)
		if sent() != two {
			t.Error("the token was not replaced after 0.8 of its life")
		}
		write(path, "")
		<-time.After(66 * time.Minute) // 115 of the 120 minutes
		if sent() != two {
			t.Error("a token that is still good was thrown away because there is no new one")
		}
		<-time.After(10 * time.Minute)
		if _, err := first(t.Context(), m, "b:1"); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("without a good token: %v", err)
		}
	})
}

func TestATokenIsGotByAnAssertion(t *testing.T) {
	token := jwt(map[string]any{"exp": time.Now().Add(time.Hour).Unix()})
	key := securitytest.NewAuthority(t, "key").Own
	template := securitytest.File(t, "template.json", `{"header":{"kid":"k1"},"payload":{"extra":["a"]}}`)
	signed := set{
		"sasl.oauthbearer.assertion.private.key.file": securitytest.File(t, "key.pem", key.KeyPEM(secret)), "sasl.oauthbearer.assertion.private.key.passphrase": secret,
		"sasl.oauthbearer.assertion.algorithm": "ES256", "sasl.oauthbearer.assertion.claim.aud": "aud", "sasl.oauthbearer.assertion.claim.iss": "iss",
		"sasl.oauthbearer.assertion.claim.sub": "sub", "sasl.oauthbearer.assertion.claim.jti.include": "true", "sasl.oauthbearer.assertion.template.file": template,
		"sasl.oauthbearer.assertion.claim.exp.seconds": "60", "sasl.oauthbearer.assertion.claim.nbf.seconds": "5",
	}
	byAssertion := set{"sasl.oauthbearer.jwt.retriever.class": "org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever", "sasl.oauthbearer.scope": "s"}
	i := newIssuer(t, false, gives(token))
	if _, err := first(t.Context(), mechanismOf(t, oauthSettings(i, "", byAssertion, signed), nil), "b:1"); err != nil {
		t.Fatal(err)
	}
	form := i.forms[0]
	if form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || form.Get("scope") != "s" || i.requests[0].Header.Get("Authorization") != "" {
		t.Errorf("the endpoint was asked for %v", form)
	}
	header, claims := verified(t, form.Get("assertion"), &key.Key.PublicKey)
	if header["kid"] != "k1" || header["alg"] != "ES256" || claims["aud"] != "aud" || claims["iss"] != "iss" || claims["sub"] != "sub" ||
		claims["jti"] == "" || claims["extra"] == nil || claims["exp"].(float64)-claims["nbf"].(float64) != 65 {
		t.Errorf("the assertion is %v, %v", header, claims)
	}
	file := set{"sasl.oauthbearer.assertion.file": securitytest.File(t, "assertion", "ready-made\n")}
	if _, err := first(t.Context(), mechanismOf(t, oauthSettings(i, "", byAssertion, file), nil), "b:1"); err != nil || i.forms[1].Get("assertion") != "ready-made" {
		t.Errorf("the endpoint was asked for %v, %v", i.forms[1], err)
	}
	wrong := maps.Clone(signed)
	wrong["sasl.oauthbearer.assertion.private.key.passphrase"] = secret + "x"
	if _, err := security.Options(oauthSettings(i, "", byAssertion, wrong), nil); err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "passphrase") {
		t.Errorf("a wrong passphrase: %v", err)
	}
}

// verified checks the signature ES256 of a token, and returns what it says.
func verified(t *testing.T, token string, key *ecdsa.PublicKey) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	decoded := make([][]byte, 3)
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			t.Fatal(err)
		}
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(decoded[2][:32]), new(big.Int).SetBytes(decoded[2][32:])
	if !ecdsa.Verify(key, digest[:], r, s) {
		t.Error("the signature is not that of the key")
	}
	if err := errors.Join(json.Unmarshal(decoded[0], &header), json.Unmarshal(decoded[1], &claims)); err != nil {
		t.Fatal(err)
	}
	return header, claims
}

func TestAnUnsecuredTokenSaysWhatTheOptionsSay(t *testing.T) {
	m := mechanismOf(t, with(saslSettings("OAUTHBEARER", oauthModule+` required unsecuredLoginStringClaim_sub="me" unsecuredLoginNumberClaim_n="2"
		unsecuredLoginListClaim_scope="|a|b" unsecuredLoginLifetimeSeconds="60" unsecuredLoginExtension_x="y";`)), nil)
	got, err := first(t.Context(), m, "b:1")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(got, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims["sub"] != "me" || claims["n"] != 2.0 || fmt.Sprint(claims["scope"]) != "[a b]" || claims["exp"].(float64)-claims["iat"].(float64) != 60 || parts[2] != "\x01x=y\x01\x01" {
		t.Errorf("the token is %v, then %q", claims, parts[2])
	}
}
