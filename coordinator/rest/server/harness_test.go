package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/principal"
	"github.com/ferry-connect/ferry/coordinator/rest/server"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// properties returns those of a worker that listens on a free port, with further ones.
func properties(extra ...string) map[string]string {
	props := map[string]string{
		"bootstrap.servers": "a:1", "group.id": "g", "config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "s",
		"key.converter": "k", "value.converter": "v", "listeners": "http://127.0.0.1:0",
	}
	for i := 0; i < len(extra); i += 2 {
		props[extra[i]] = extra[i+1]
	}
	return props
}

func parse(t *testing.T, props map[string]string) *worker.Config {
	t.Helper()
	w, err := worker.New(props)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// log is a log that tests can read.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// running is a server with its front. The API behind answers who asks for what.
type running struct {
	*server.Server
	log *log
}

// api answers with who asks and the path, once the body is read.
func api(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	who := principal.Of(r.Context())
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, strings.Join([]string{r.Method, r.URL.Path, who.Source, who.Name, r.RemoteAddr, r.Header.Get("X-Forwarded-Host"), string(body)}, "|"))
}

func serve(t *testing.T, props map[string]string, h http.HandlerFunc, classes ...extension.Class) *running {
	t.Helper()
	w := parse(t, props)
	s, err := server.Listen(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{Server: s, log: &log{}}
	logger := slog.New(slog.NewTextHandler(r.log, nil))
	front, err := server.NewFront(server.FrontOptions{API: h, Worker: w, Extensions: classes, Log: logger, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(front, logger)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := front.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends a request with headers, given in pairs.
func call(t *testing.T, client *http.Client, method, url, body string, header ...string) answer {
	t.Helper()
	a, err := try(t, client, method, url, body, header...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func try(t *testing.T, client *http.Client, method, url, body string, header ...string) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(text)}, err
}

// authority issues certificates.
type authority struct {
	*securitytest.Authority
	t *testing.T
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	return authority{securitytest.NewAuthority(t, name), t}
}

// store returns the ssl. keys of a server whose certificate the authority signed, with a prefix.
func (a authority) store(prefix string) []string {
	server := a.Issue("server", "localhost", "127.0.0.1", "::1")
	return []string{prefix + "ssl.keystore.type", "PEM", prefix + "ssl.keystore.certificate.chain", server.ChainPEM(), prefix + "ssl.keystore.key", server.KeyPEM("")}
}

// client returns a client that trusts the authority, and has a certificate if there is one.
func (a authority) client(own *securitytest.Issued) *http.Client {
	a.t.Helper()
	c := &tls.Config{RootCAs: a.Pool()}
	if own != nil {
		pair := own.TLS()
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	transport := &http.Transport{TLSClientConfig: c}
	a.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// plain returns a client without TLS.
func plain(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
