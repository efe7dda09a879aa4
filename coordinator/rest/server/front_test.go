package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/server"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// What a real worker answered with the same settings (Kafka Connect 4.3.1) but for the wildcard, which it takes for an expression.
func TestPagesOfAllowedOriginsMayUseTheAPI(t *testing.T) {
	const patterns = `https://exact\.org,http://*.example.com,http://localhost:*,https?://re[0-9]+\.org`
	r := serve(t, properties("access.control.allow.origin", patterns, "access.control.allow.methods", "GET, PUT"), api)
	for origin, allowed := range map[string]bool{
		"https://exact.org": true, "https://EXACT.org": true, "https://exact.org.evil.org": false, "https://exactXorg": false,
		"http://a.example.com": true, "http://a.b.example.com": true, "http://example.com": false, "http://evil.org/.example.com": false, "https://a.example.com": false,
		"http://localhost:3000": true, "http://localhost": false,
		"https://re12.org": true, "http://re.org": false,
		"http://bad.org https://exact.org": true, "null": false, "": false,
	} {
		a := call(t, plain(t), "GET", r.URL()+"/connectors", "", "Origin", origin)
		want := ""
		if allowed {
			want = origin
		}
		if got := a.header.Get("Access-Control-Allow-Origin"); a.status != http.StatusOK || got != want || a.header.Get("Vary") != "Origin" || a.header.Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("origin %q: answered %d, %v", origin, a.status, a.header)
		}
	}
}

func TestAPreflightRequestGoesOnToTheResource(t *testing.T) {
	r := serve(t, properties("access.control.allow.origin", "*", "access.control.allow.methods", "GET, PUT"), api)
	a := call(t, plain(t), "OPTIONS", r.URL()+"/connectors", "", "Origin", "http://any.org", "Access-Control-Request-Method", "PUT")
	if !strings.HasPrefix(a.body, "OPTIONS|/connectors|") || a.header.Get("Access-Control-Allow-Origin") != "http://any.org" ||
		a.header.Get("Access-Control-Allow-Methods") != "GET,PUT" || a.header.Get("Access-Control-Allow-Headers") != "Content-Type" || a.header.Get("Access-Control-Max-Age") != "60" {
		t.Errorf("answered %s, %v", a.body, a.header)
	}
	byDefault := serve(t, properties("access.control.allow.origin", "*"), api)
	a = call(t, plain(t), "OPTIONS", byDefault.URL(), "", "Origin", "http://any.org", "Access-Control-Request-Method", "PUT")
	if a.header.Get("Access-Control-Allow-Methods") != "GET,POST,HEAD" {
		t.Errorf("allowed are %v", a.header)
	}
	none := serve(t, properties(), api)
	if a := call(t, plain(t), "GET", none.URL(), "", "Origin", "http://any.org"); a.header.Get("Vary") != "" || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without origins there are headers: %v", a.header)
	}
}

func TestConfiguredHeadersAreInEveryAnswer(t *testing.T) {
	r := serve(t, properties("response.http.headers.config", `add Cache-Control:no-store, "add X-List: a, b", set Content-Type:text/x, setDate Expires:60000`), api)
	a := call(t, plain(t), "GET", r.URL(), "")
	expires, err := http.ParseTime(a.header.Get("Expires"))
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-List") != "a, b" || a.header.Get("Content-Type") != "application/json" || err != nil || expires.Before(time.Now()) {
		t.Errorf("headers are %v", a.header)
	}
}

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	r := serve(t, properties(worker.RequestBytesKey, "100"), api)
	for size, want := range map[int]int{100: http.StatusOK, 101: http.StatusRequestEntityTooLarge} {
		if a := call(t, plain(t), "PUT", r.URL(), strings.Repeat("x", size)); a.status != want {
			t.Errorf("%d bytes: answered %d, want %d", size, a.status, want)
		}
		// without Content-Length, in chunks
		req, err := http.NewRequestWithContext(t.Context(), "PUT", r.URL(), struct{ *bytes.Reader }{bytes.NewReader(make([]byte, size))})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := plain(t).Do(req)
		if err != nil || resp.StatusCode != want {
			t.Errorf("%d bytes in chunks: answered %v, %v, want %d", size, resp, err, want)
		} else {
			_ = resp.Body.Close()
		}
	}
	if a := call(t, plain(t), "PUT", r.URL(), strings.Repeat("x", 101)); a.body != `{"error_code":413,"message":"HTTP 413 Request Entity Too Large"}` {
		t.Errorf("answered %s", a.body)
	}
}

func TestAClientThatAsksTooOftenIsToldWhenToComeAgain(t *testing.T) {
	r := serve(t, properties(worker.RateKey, "1", worker.BurstKey, "2", worker.ProxiesKey, "127.0.0.0/8"), api)
	ask := func(client string) answer { return call(t, plain(t), "GET", r.URL(), "", "X-Forwarded-For", client) }
	for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		if a := ask("10.0.0.1"); a.status != want {
			t.Errorf("request %d: answered %d, want %d", i, a.status, want)
		} else if want != http.StatusOK && (a.header.Get("Retry-After") != "1" || a.body != `{"error_code":429,"message":"Too many requests from 10.0.0.1; try again later"}`) {
			t.Errorf("answered %v %s", a.header, a.body)
		}
	}
	if a := ask("10.0.0.2"); a.status != http.StatusOK {
		t.Errorf("another client is answered %d", a.status)
	}
}

func TestTenThousandRequestsOfOneMachineAtOnceAreNoReasonToRefuse(t *testing.T) {
	w := parse(t, properties())
	front, err := server.NewFront(server.FrontOptions{API: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), Worker: w, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range 10000 / 64 {
				rec := &status{header: http.Header{}}
				req, _ := http.NewRequest(http.MethodGet, "/connectors", http.NoBody) //nolint:noctx // no server is asked
				req.RemoteAddr = "127.0.0.1:1"
				front.Main.ServeHTTP(rec, req)
				if rec.code == http.StatusTooManyRequests {
					t.Error("refused")
					return
				}
			}
		})
	}
	wg.Wait()
}

type status struct {
	header http.Header
	code   int
}

func (s *status) Header() http.Header         { return s.header }
func (s *status) WriteHeader(code int)        { s.code = code }
func (s *status) Write(p []byte) (int, error) { return len(p), nil }

func TestForWhomARequestIsIsBelievedOfTrustedProxiesAlone(t *testing.T) {
	trusting := serve(t, properties(worker.ProxiesKey, "127.0.0.1,10.1.0.0/16"), api)
	alone := serve(t, properties(), api)
	for _, c := range []struct {
		r             *running
		forwarded     string
		want, useHost string
	}{
		{alone, "203.0.113.9", "127.0.0.1:", ""},
		{trusting, "203.0.113.9", "203.0.113.9", "public"},
		{trusting, "6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9", "public"},
		{trusting, "6.6.6.6, rubbish, 10.1.2.3", "10.1.2.3", "public"},
		{trusting, "", "127.0.0.1:", "public"},
	} {
		a := call(t, plain(t), "GET", c.r.URL(), "", "X-Forwarded-For", c.forwarded, "X-Forwarded-Host", "public", "Forwarded", "for=6.6.6.6")
		fields := strings.Split(a.body, "|")
		if !strings.HasPrefix(fields[4], c.want) || fields[5] != c.useHost {
			t.Errorf("%q: the request is from %s at %s, want %s at %s", c.forwarded, fields[4], fields[5], c.want, c.useHost)
		}
	}
}

// greeter is an extension that says in which order it is called.
type greeter struct {
	name string
	note func(string)
}

func (g greeter) Register(ctx *extension.Context) error {
	ctx.Wrap(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Passed", g.name)
			if r.URL.Path == "/panic" {
				panic("no such thing as a secret")
			}
			next.ServeHTTP(w, r)
		})
	})
	ctx.Handle("GET /"+g.name+"/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "hello %s", r.PathValue("who"))
	}))
	return nil
}

func (g greeter) Close() error { g.note("close " + g.name); return nil }

func greeters(note func(string)) []extension.Class {
	class := func(name string) extension.Class {
		return extension.Class{Name: "com.example." + name, New: func(props map[string]string) (extension.Extension, error) {
			if props["refuse"] == name {
				return nil, errors.New("refuse is set")
			}
			note("new " + name)
			return greeter{name, note}, nil
		}}
	}
	return []extension.Class{class("First"), class("Second")}
}

func TestExtensionsStandBeforeAndBesideTheAPI(t *testing.T) {
	var notes []string
	note := func(s string) { notes = append(notes, s) }
	t.Run("while they run", func(t *testing.T) {
		r := serve(t, properties("rest.extension.classes", "Second,com.example.First"), api, greeters(note)...)
		if a := call(t, plain(t), "GET", r.URL()+"/connectors", ""); strings.Join(a.header.Values("Passed"), ",") != "Second,First" || !strings.HasPrefix(a.body, "GET|/connectors") {
			t.Errorf("answered %v %s", a.header, a.body)
		}
		if a := call(t, plain(t), "GET", r.URL()+"/First/you", ""); a.body != "hello you" || len(a.header.Values("Passed")) != 2 {
			t.Errorf("the route answered %v %s", a.header, a.body)
		}
		if a := call(t, plain(t), "POST", r.URL()+"/First/you", ""); !strings.HasPrefix(a.body, "POST|/First/you") {
			t.Errorf("what is no route of an extension is not the API's: %s", a.body)
		}
		a := call(t, plain(t), "GET", r.URL()+"/panic", "")
		if a.status != http.StatusInternalServerError || a.body != `{"error_code":500,"message":"A mistake in a REST extension; the log has it"}` || !strings.Contains(r.log.String(), "a mistake in a REST extension") {
			t.Errorf("a panic is answered %d %s", a.status, a.body)
		}
	})
	if got := strings.Join(notes, ", "); got != "new Second, new First, close First, close Second" {
		t.Errorf("their lives were: %s", got)
	}
}

func TestAnExtensionThatIsNotThereOrRefusesEndsTheStart(t *testing.T) {
	var notes []string
	for classes, want := range map[string]string{
		"First,com.example.Third": "Invalid value com.example.Third for configuration rest.extension.classes: Class com.example.Third could not be found. (there are: com.example.First, com.example.Second)",
		"First,Second":            "configure the REST extension Second: refuse is set",
	} {
		notes = nil
		_, err := server.NewFront(server.FrontOptions{
			API: http.HandlerFunc(api), Worker: parse(t, properties("rest.extension.classes", classes, "refuse", "Second")), Log: slog.New(slog.DiscardHandler), Now: time.Now,
			Extensions: greeters(func(s string) { notes = append(notes, s) }),
		})
		if err == nil || err.Error() != want {
			t.Errorf("%s: error is %v, want %s", classes, err, want)
		}
		if got := strings.Join(notes, ", "); got != "new First, close First" {
			t.Errorf("%s: what was made was not closed: %s", classes, got)
		}
	}
}

func TestAnOriginThatIsNoExpressionEndsTheStart(t *testing.T) {
	_, err := server.NewFront(server.FrontOptions{API: http.HandlerFunc(api), Worker: parse(t, properties("access.control.allow.origin", "http://(a")), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), "Invalid value http://(a for configuration access.control.allow.origin") {
		t.Errorf("error is %v", err)
	}
}

func TestEveryRequestIsLoggedIfTheWorkerSaysSo(t *testing.T) {
	deny := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/denied" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		api(w, r)
	}
	quiet, talking := serve(t, properties(), deny), serve(t, properties(worker.AccessLogKey, "true"), deny)
	for _, r := range []*running{quiet, talking} {
		call(t, plain(t), "GET", r.URL()+"/connectors?expand=info", "", "User-Agent", "curl/8", "Referer", "http://ui")
		call(t, plain(t), "GET", r.URL()+"/denied", "")
		call(t, plain(t), "GET", r.URL()+"/last", "")
	}
	for _, want := range []string{
		"logger=org.apache.kafka.connect.runtime.rest.RestServer",
		"msg=request logger=org.apache.kafka.connect.runtime.rest.RestServer remote=127.0.0.1 user=\"\" method=GET uri=\"/connectors?expand=info\" protocol=HTTP/1.1 status=200 bytes=", "referer=http://ui agent=curl/8 ms=",
		"uri=/denied protocol=HTTP/1.1 status=401 bytes=0",
	} {
		if !strings.Contains(talking.log.String(), want) {
			t.Errorf("%q is not in %s", want, talking.log)
		}
	}
	if got := quiet.log.String(); strings.Contains(got, "expand") || !strings.Contains(got, "/denied") {
		t.Errorf("without being told it logs %s, want what was denied alone", got)
	}
}
