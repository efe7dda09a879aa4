package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// stringConverter makes text of records and records of text, without anything around it.
const stringConverter = "org.apache.kafka.connect.storage.StringConverter"

// api is the REST API of a worker, ferry's or Java's.
type api struct{ url string }

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// problem is the message of an error.
func (a answer) problem() string {
	var p struct {
		ErrorCode int `json:"error_code"`
		Message   string
	}
	if json.Unmarshal(a.body, &p) != nil || p.ErrorCode != a.status {
		return fmt.Sprintf("not an error of the API: %s", a.body)
	}
	return p.Message
}

// call sends a request; a body that is no string is sent as JSON.
func (a api) call(t *testing.T, method, path string, body any) answer {
	t.Helper()
	text, isText := body.(string)
	if !isText && body != nil {
		encoded, err := json.Marshal(body)
		check(t, err)
		text = string(encoded)
	}
	return a.send(t, method, path, "application/json", text)
}

func (a api) send(t *testing.T, method, path, contentType, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, a.url+path, bytes.NewReader([]byte(body)))
	check(t, err)
	if body != "" {
		request.Header.Set("Content-Type", contentType)
	}
	return do(t, request)
}

// do sends a request as it is.
func do(t *testing.T, request *http.Request) answer {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	check(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	check(t, err)
	return answer{response.StatusCode, response.Header, content}
}

// get decodes the answer to a GET into v.
func (a api) get(t *testing.T, path string, v any) {
	t.Helper()
	got := a.call(t, http.MethodGet, path, nil)
	if got.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, got.status, got.body)
	}
	if err := json.Unmarshal(got.body, v); err != nil {
		t.Fatalf("GET %s: %v in %s", path, err, got.body)
	}
}

// create creates a connector. A Java worker says 409 while it rebalances, and is asked again.
func (a api) create(t *testing.T, name string, config map[string]string) {
	t.Helper()
	a.insist(t, http.MethodPost, "/connectors", map[string]any{"name": name, "config": config}, http.StatusCreated)
}

// insist repeats a request as long as the answer is 409 for a rebalance.
func (a api) insist(t *testing.T, method, path string, body any, want int) {
	t.Helper()
	await(t, fmt.Sprintf("%s %s is answered without a rebalance", method, path), func() bool {
		got := a.call(t, method, path, body)
		if got.status == http.StatusConflict && strings.Contains(got.problem(), "rebalance") {
			return false
		}
		if got.status != want {
			t.Fatalf("%s %s: %d %s, want %d", method, path, got.status, got.body, want)
		}
		return true
	})
}

// names lists the connectors in order.
func (a api) names(t *testing.T) []string {
	t.Helper()
	var names []string
	a.get(t, "/connectors", &names)
	slices.Sort(names)
	return names
}

// state is one part of a status.
type state struct {
	ID    int
	State string
	Trace string
}

// status is a connector's.
type status struct {
	Connector state
	Tasks     []state
	Type      string
}

// status is the zero value as long as there is none.
func (a api) status(t *testing.T, name string) status {
	t.Helper()
	var s status
	got := a.call(t, http.MethodGet, "/connectors/"+name+"/status", nil)
	if got.status == http.StatusNotFound {
		return s
	}
	if err := json.Unmarshal(got.body, &s); err != nil {
		t.Fatalf("status of %s: %v in %s", name, err, got.body)
	}
	return s
}

// awaitRunning waits until the connector and its one task run.
func (a api) awaitRunning(t *testing.T, name string) {
	t.Helper()
	await(t, name+" runs", func() bool {
		s := a.status(t, name)
		return s.Connector.State == "RUNNING" && len(s.Tasks) == 1 && s.Tasks[0].State == "RUNNING"
	})
}

// awaitFailure waits until the one task has failed, and returns why.
func (a api) awaitFailure(t *testing.T, name string) string {
	t.Helper()
	var trace string
	await(t, "the task of "+name+" fails", func() bool {
		s := a.status(t, name)
		if len(s.Tasks) != 1 || s.Tasks[0].State != "FAILED" {
			return false
		}
		trace = s.Tasks[0].Trace
		return true
	})
	return trace
}

// position is the committed position of a file source, 0 if there is none.
func (a api) position(t *testing.T, name string) int64 {
	t.Helper()
	var offsets struct {
		Offsets []struct{ Offset struct{ Position int64 } }
	}
	a.get(t, "/connectors/"+name+"/offsets", &offsets)
	if len(offsets.Offsets) == 0 {
		return 0
	}
	return offsets.Offsets[0].Offset.Position
}

// fileSource and fileSink move lines without anything around them.
func fileSource(file, topic string) map[string]string {
	return map[string]string{
		"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "tasks.max": "1", "file": file, "topic": topic,
		"key.converter": stringConverter, "value.converter": stringConverter,
	}
}

func fileSink(file, topic string) map[string]string {
	return map[string]string{
		"connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector", "tasks.max": "1", "file": file, "topics": topic,
		"key.converter": stringConverter, "value.converter": stringConverter,
	}
}
