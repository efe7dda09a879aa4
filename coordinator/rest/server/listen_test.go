package server_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
	"github.com/ferry-connect/ferry/coordinator/rest/server"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

func TestSeveralListenersOfBothProtocolsServeTheSame(t *testing.T) {
	ca := newAuthority(t, "ca")
	r := serve(t, properties(append(ca.store(""), "listeners", "https://127.0.0.1:0,http://[::1]:0,HTTP://localhost:0,https://[::1]:0")...), api)
	client := ca.client(nil)
	for _, l := range r.Bound() {
		if l.Port == 0 {
			t.Errorf("the port of %s is not known", l)
		}
		if a := call(t, client, "GET", l.String()+"/connectors", ""); a.status != http.StatusOK || !strings.HasPrefix(a.body, "GET|/connectors|") {
			t.Errorf("%s answered %d %s", l, a.status, a.body)
		}
	}
	if url := r.URL(); url != r.Bound()[1].String() || !strings.HasPrefix(url, "http://[::1]:") {
		t.Errorf("the URL is %s, want that of the first http listener", url)
	}
	if a, err := try(t, plain(t), "GET", strings.Replace(r.Bound()[0].String(), "https", "http", 1), ""); err == nil && a.status < 400 {
		t.Errorf("an https listener answered http with %d", a.status)
	}
}

func TestAListenerOnEveryInterfaceIsReachedOnTheLoopbackOne(t *testing.T) {
	for _, everywhere := range []string{"http://:0", "http://0.0.0.0:0"} {
		r := serve(t, properties("listeners", everywhere), api)
		if a := call(t, plain(t), "GET", r.URL(), ""); a.status != http.StatusOK || !strings.HasPrefix(r.URL(), "http://127.0.0.1:") {
			t.Errorf("%s is reached at %s: %d", everywhere, r.URL(), a.status)
		}
	}
}

func TestClientCertificatesAreAskedForAsTheWorkerSays(t *testing.T) {
	ca, other := newAuthority(t, "ca"), newAuthority(t, "other")
	none, good, bad := ca.client(nil), ca.client(ca.Issue("alice")), ca.client(other.Issue("mallory"))
	const refused, alice, nobody = "refused", "GET|/|certificate|CN=alice|", "GET|/|||"
	for auth, want := range map[string][3]string{
		"none":      {nobody, nobody, nobody},
		"requested": {nobody, alice, refused},
		"required":  {refused, alice, refused},
	} {
		r := serve(t, properties(append(ca.store(""), "listeners", "https://localhost:0", "ssl.client.auth", auth, "ssl.truststore.type", "PEM",
			"ssl.truststore.certificates", ca.Own.ChainPEM())...), api)
		for i, client := range []*http.Client{none, good, bad} {
			a, err := try(t, client, "GET", r.URL()+"/", "")
			if err != nil {
				a.body = refused
			}
			if !strings.HasPrefix(a.body, want[i]) {
				t.Errorf("%s, client %d: got %s, want %s (%v)", auth, i, a.body, want[i], err)
			}
		}
	}
}

func TestKeysOfListenersAloneReplaceAllOthers(t *testing.T) {
	ca, other := newAuthority(t, "ca"), newAuthority(t, "other")
	const prefix = worker.ListenersHTTPSPrefix
	listener := []string{"listeners", "https://localhost:0"}

	// given stores without and with the prefix, those with it count
	r := serve(t, properties(append(append(other.store(""), ca.store(prefix)...), listener...)...), api)
	if a := call(t, ca.client(nil), "GET", r.URL()+"/", ""); a.status != http.StatusOK {
		t.Errorf("answered %d", a.status)
	}

	// given one key with the prefix, no other counts
	w := parse(t, properties(append(append(ca.store(""), prefix+"ssl.client.auth", "required"), listener...)...))
	if _, err := server.Listen(t.Context(), w); err == nil || !strings.Contains(err.Error(), prefix+"ssl.keystore.location") {
		t.Errorf("error is %v", err)
	}
}

func TestTLSVersionsAreThoseThatAreEnabled(t *testing.T) {
	ca := newAuthority(t, "ca")
	r := serve(t, properties(append(ca.store(""), "listeners", "https://localhost:0", "ssl.enabled.protocols", "TLSv1.3")...), api)
	client := ca.client(nil)
	client.Transport.(*http.Transport).TLSClientConfig.MaxVersion = tls.VersionTLS12
	if a, err := try(t, client, "GET", r.URL(), ""); err == nil {
		t.Errorf("TLS 1.2 was answered %d", a.status)
	}
}

func TestAdminResourcesAreWhereTheWorkerSays(t *testing.T) {
	ca := newAuthority(t, "ca")
	client := ca.client(nil)
	found := func(url, path string) bool {
		a := call(t, client, "GET", url+path, "")
		if a.status == http.StatusNotFound && a.body != `{"error_code":404,"message":"HTTP 404 Not Found"}` {
			t.Errorf("%s%s: %s", url, path, a.body)
		}
		return a.status == http.StatusOK
	}

	beside := serve(t, properties(), api).URL()
	if !found(beside, "/admin/loggers") || !found(beside, "/connectors") {
		t.Error("the resources are not beside each other")
	}
	nowhere := serve(t, properties("admin.listeners", ""), api).URL()
	if found(nowhere, "/admin/loggers") || found(nowhere, "/admin") || found(nowhere, "/%61dmin/loggers") || !found(nowhere, "/connectors") || !found(nowhere, "/administrators") {
		t.Error("the admin resources are somewhere")
	}
	r := serve(t, properties(append(ca.store(worker.AdminListenersHTTPSPrefix), "admin.listeners", "https://localhost:0",
		"response.http.headers.config", "set X:Y", "access.control.allow.origin", "*")...), api)
	admin := r.Admin()[0].String()
	if found(r.URL(), "/admin/loggers") || !found(r.URL(), "/connectors") || found(admin, "/connectors") || !found(admin, "/admin/loggers") {
		t.Error("the admin resources are not apart")
	}
	if a := call(t, client, "GET", admin+"/admin/loggers", "", "Origin", "http://x"); a.header.Get("X") != "" || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("the admin listener has headers %v, and has none in Kafka Connect", a.header)
	}
}

func TestWhatIsBeingAnsweredIsFinishedAndNothingElseBegins(t *testing.T) {
	began, finish := make(chan struct{}), make(chan struct{})
	w := parse(t, properties())
	s, err := server.Listen(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-finish
		_, _ = io.WriteString(w, "done")
	})
	log := slog.New(slog.DiscardHandler)
	front, err := server.NewFront(server.FrontOptions{API: slow, Worker: w, Log: log, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(front, log)
	answered := make(chan string, 1)
	go func() { answered <- call(t, plain(t), "GET", s.URL(), "").body }()
	<-began

	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	for { // the listener is closed before what is being answered is waited for
		conn, err := net.Dial("tcp", s.Bound()[0].Address())
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	close(finish)
	if body, err := <-answered, <-ended; body != "done" || err != nil {
		t.Errorf("answered %q, and the server ended with %v", body, err)
	}
	select {
	case err := <-s.Failed():
		t.Errorf("an end that was asked for counts as a failure: %v", err)
	default:
	}
}

func TestAnAddressThatIsTakenIsNamedWithItsKey(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	for key, want := range map[string]string{"listeners": "listeners: address " + address + " is in use", "admin.listeners": "admin.listeners: address " + address + " is in use"} {
		_, err := server.Listen(t.Context(), parse(t, properties(key, "http://"+address)))
		if e, ok := errors.AsType[*server.ListenError](err); !ok || e.Key != key || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v", key, err)
		}
	}
	if _, err := server.Listen(t.Context(), parse(t, properties("listeners", "http://no.such.host.invalid:0"))); err == nil || !strings.Contains(err.Error(), "listeners: ") {
		t.Errorf("a host that does not exist: %v", err)
	}
}

func TestStoresThatCannotBeReadAreNamedBeforeAnythingListens(t *testing.T) {
	ca := newAuthority(t, "ca")
	own := ca.Issue("server", "localhost")
	cert, key := own.ChainPEM(), own.KeyPEM("")
	p12 := securitytest.File(t, "store.p12", own.PKCS12("changeit"))
	jks := securitytest.File(t, "store.jks", own.JKS("changeit", "different"))
	const secret = "hunter2"
	for name, c := range map[string]struct {
		props []string
		want  string
	}{
		"no store":                  {nil, "ssl.keystore.location"},
		"a file that is not there":  {[]string{"ssl.keystore.location", "/no/such.jks", "ssl.keystore.password", secret}, "/no/such.jks"},
		"a wrong password":          {[]string{"ssl.keystore.type", "PKCS12", "ssl.keystore.location", p12, "ssl.keystore.password", secret}, "ssl.keystore.password"},
		"no store at all":           {[]string{"ssl.keystore.location", securitytest.File(t, "x", "text"), "ssl.keystore.password", secret}, "ssl.keystore.location"},
		"a wrong password of a key": {[]string{"ssl.keystore.location", jks, "ssl.keystore.password", "changeit", "ssl.key.password", secret}, "ssl.key.password"},
		"a class of a JVM":          {append(ca.store(""), "ssl.engine.factory.class", "com.example.Engine"), "ssl.engine.factory.class"},
		"a type of its own":         {[]string{"ssl.keystore.type", "BKS", "ssl.keystore.location", p12, "ssl.keystore.password", secret}, "ssl.keystore.type"},
		"a certificate alone":       {[]string{"ssl.keystore.type", "PEM", "ssl.keystore.certificate.chain", cert}, "ssl.keystore.key"},
		"a key that is none":        {[]string{"ssl.keystore.type", "PEM", "ssl.keystore.certificate.chain", cert, "ssl.keystore.key", secret}, "ssl.keystore.key"},
		"an unknown client.auth":    {[]string{"listeners.https.ssl.keystore.type", "PEM", "listeners.https.ssl.keystore.certificate.chain", cert, "listeners.https.ssl.keystore.key", key, "listeners.https.ssl.client.auth", "perhaps"}, "listeners.https.ssl.client.auth"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := server.Listen(t.Context(), parse(t, properties(append(c.props, "listeners", "https://127.0.0.1:0")...)))
			if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error is %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestEveryKindOfStoreServes(t *testing.T) {
	ca := newAuthority(t, "ca")
	own := ca.Issue("server", "localhost")
	for kind, store := range map[string][]byte{"PKCS12": own.PKCS12("changeit"), "JKS": own.JKS("changeit", "changeit"), "PEM": []byte(own.ChainPEM() + own.KeyPEM(""))} {
		props := properties("listeners", "https://localhost:0", "ssl.keystore.type", kind, "ssl.keystore.location", securitytest.File(t, "store", store))
		if kind != "PEM" {
			props["ssl.keystore.password"] = "changeit"
		}
		if a := call(t, ca.client(nil), "GET", serve(t, props, api).URL(), ""); a.status != http.StatusOK {
			t.Errorf("%s: answered %d", kind, a.status)
		}
	}
}
