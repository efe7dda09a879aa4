package rest_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ferry-connect/ferry/coordinator/rest"
)

func TestNamesOfEveryKindAreReachedOrRefusedByName(t *testing.T) {
	c := newCluster(t)
	for _, name := range []string{".", "..", "...", " ", "", "\t", "a\x00b", "a\nb", "\x7f", "🐎", "e\u0301", "\u202eabc", "a/../b", "/", "%", "%25", "%2F", "+", "a b", "?", "#", ";", strings.Repeat("n", 10_000), strings.Repeat("日", 5_000)} {
		body, err := json.Marshal(map[string]any{"name": name, "config": json.RawMessage(sourceConfig), "initial_state": "STOPPED"})
		if err != nil {
			t.Fatal(err)
		}
		resp, text := c.ask("POST", "/connectors", asJSON, string(body))
		switch resp.StatusCode {
		case http.StatusCreated:
			location := "/connectors/" + url.PathEscape(name)
			c.expect(http.StatusOK, "GET", location, "")
			c.expect(http.StatusOK, "PUT", location+"/config", sourceConfig)
			c.expect(http.StatusNoContent, "DELETE", location+"/", "")
		case http.StatusBadRequest:
			if !strings.Contains(text, "for configuration name: ") {
				t.Errorf("%.20q is refused with %s", name, text)
			}
		default:
			t.Errorf("%.20q is answered with %d %s", name, resp.StatusCode, text)
		}
	}
	if got := c.expect(http.StatusOK, "GET", "/connectors", ""); got != "[]" {
		t.Errorf("left are %s", got)
	}
}

// counted is a body that tells how much of it was read.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

func (*counted) Close() error { return nil }

// endless is text without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestOfABodyThatIsTooLargeLittleIsRead(t *testing.T) {
	c := newCluster(t)
	api, err := rest.New(c.options())
	if err != nil {
		t.Fatal(err)
	}
	const size = 50 << 20
	for _, length := range []int64{size, -1} { // told, and chunked
		body := &counted{Reader: io.LimitReader(endless{}, size)}
		r := httptest.NewRequestWithContext(t.Context(), "PUT", "/connectors/a/config", body)
		r.Header, r.ContentLength = asJSON.Clone(), length
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), `"error_code":413`) || body.n > size/2 {
			t.Errorf("answered with %d %s after %d bytes", w.Code, w.Body, body.n)
		}
	}
}

func TestJSONThatNestsDeepIsRefused(t *testing.T) {
	c := newCluster(t)
	for _, body := range []string{
		strings.Repeat("[", 1_000_000), strings.Repeat(`{"a":`, 1_000_000),
		`{"name":"a","config":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + "}",
		`{"offsets":[{"partition":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + `,"offset":null}]}`,
	} {
		for _, target := range []string{"POST /connectors", "PUT /connectors/a/config", "PATCH /connectors/a/offsets", "PUT /connector-plugins/FileStreamSource/config/validate", "PUT /admin/loggers/a"} {
			method, path, _ := strings.Cut(target, " ")
			c.expect(http.StatusInternalServerError, method, path, body)
		}
	}
}

func TestValuesThatAreNoTextAreTextOrRefusedByTheirKey(t *testing.T) {
	c := newCluster(t)
	for _, value := range []string{`1`, `-0.50`, `1e400`, `true`, `12345678901234567890123`} {
		c.expect(http.StatusCreated, "POST", "/connectors", create("a", `{"connector.class":"FileStreamSource","topic":"t","x":`+value+`}`, "STOPPED"))
		if got := c.expect(http.StatusOK, "GET", "/connectors/a/config", ""); !strings.Contains(got, fmt.Sprintf(`"x":%q`, value)) {
			t.Errorf("%s is stored as %s", value, got)
		}
		c.expect(http.StatusNoContent, "DELETE", "/connectors/a", "")
	}
	if got := c.expect(http.StatusBadRequest, "PUT", "/connectors/a/config", `{"connector.class":"FileStreamSource","topic":"t","batch.size":null}`); !strings.Contains(got, "batch.size") {
		t.Errorf("null for a key of the connector is refused with %s", got)
	}
	for value, status := range map[string]int{`null`: 400, `{}`: 500, `[1]`: 500, `{"a":{"b":1}}`: 500, `01`: 500, `nan`: 500} {
		got := c.expect(status, "PUT", "/connectors/a/config", `{"connector.class":"FileStreamSource","topic":"t","x":`+value+`}`)
		if status == http.StatusBadRequest && !strings.Contains(got, "Null value can not be supplied") {
			t.Errorf("%s is refused with %s", value, got)
		}
	}
}

func TestHeadersWithControlCharactersEndTheConnectionAndNothingElse(t *testing.T) {
	c := newCluster(t)
	for _, head := range []string{
		"GET /connectors HTTP/1.1\r\nHost: a\r\nX-A: b\x01c\r\n\r\n", "GET /connectors HTTP/1.1\r\nHost: a\r\nX\x00: b\r\n\r\n",
		"GET /conn\x01ectors HTTP/1.1\r\nHost: a\r\n\r\n", "G\x7fT / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%q is answered with %+v, %v", head, resp, err)
		} else if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	c.expect(http.StatusOK, "GET", "/connectors", "")
}

// pipes is a listener whose connections are in memory, so that their deadlines are in virtual time.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (pipes) Close() error   { return nil }
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

func TestAClientThatDribblesIsCutOff(t *testing.T) {
	for what, c := range map[string]struct {
		begin, drip string
		within      time.Duration
	}{
		"a header byte by byte": {"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", "x", 11 * time.Second},
		"a body byte by byte":   {"PUT /connectors/a/config HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n", " ", 100 * time.Second},
		"nothing at all":        {"", "", 100 * time.Second},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reads := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
				server, accept := rest.NewServer(reads, ""), make(pipes)
				done := make(chan error, 1)
				go func() { done <- server.Serve(accept) }()
				ours, theirs := net.Pipe()
				accept <- theirs
				began := time.Now()
				go func() { _, _ = io.Copy(io.Discard, ours) }() // whatever it answers
				_, err := io.WriteString(ours, c.begin)
				for err == nil && time.Since(began) < time.Hour {
					<-time.After(time.Second) // virtual
					_, err = io.WriteString(ours, c.drip)
				}
				if took := time.Since(began); err == nil || took > c.within {
					t.Errorf("it was cut off after %v, %v", took, err)
				}
				_ = ours.Close()
				close(accept)
				_ = server.Close()
				if err := <-done; !errors.Is(err, net.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
					t.Error(err)
				}
			})
		})
	}
}
