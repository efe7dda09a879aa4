package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/coordinator/catalog"
)

// step is one line of the transcript of a real Connect worker; see testdata/README.md beside it.
type step struct {
	Scenario, Title, Kind, Method, Path string
	Step                                int
	Request                             *struct {
		Headers map[string]string
		Body    json.RawMessage
		Raw     *string
	}
	Until *struct {
		Status  int
		Match   map[string]any
		OrMatch map[string]any `json:"or_match"`
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    any
		Text    *string
	}
	// of preparations
	Content    string
	Append     bool
	Topic      string
	Partitions int32
	Partition  int32
	Values     []string
}

func (s step) id() string { return fmt.Sprintf("%s/%d", s.Scenario, s.Step) }

// attempts bounds how often an answer is waited for; there is a pass before each.
const attempts = 12

func TestVectorRest(t *testing.T) {
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	listed := transcriptDifferences(known)
	scenarios := readTranscript(t)
	passed, total := 0, 0
	for _, steps := range scenarios {
		t.Run(steps[0].Scenario, func(t *testing.T) {
			t.Chdir(t.TempDir())
			c := newCluster(t)
			agreed, differing := c.replay(steps, listed)
			passed, total = passed+agreed, total+len(steps)
			t.Logf("rest.jsonl %s: %d of %d%s", steps[0].Scenario, agreed, len(steps), differing)
		})
	}
	t.Logf("rest.jsonl: %d of %d", passed, total)
	for id := range listed {
		if !slices.ContainsFunc(scenarios, func(steps []step) bool {
			return slices.ContainsFunc(steps, func(s step) bool { return s.id() == id || s.Scenario+"/*" == id })
		}) {
			t.Errorf("difference %s fits no step", id)
		}
	}
}

func readTranscript(t *testing.T) [][]step {
	t.Helper()
	var scenarios [][]step
	for _, line := range vectors.Lines(t, "rest.jsonl") {
		s := vectors.Decode[step](t, line)
		if last := len(scenarios) - 1; last < 0 || scenarios[last][0].Scenario != s.Scenario {
			scenarios = append(scenarios, nil)
		}
		last := len(scenarios) - 1
		scenarios[last] = append(scenarios[last], s)
	}
	return scenarios
}

// replay runs a scenario. A step that differs must be listed with a reason; one that is listed must differ.
func (c *cluster) replay(steps []step, listed map[string]string) (agreed int, differing string) {
	c.t.Helper()
	for _, s := range steps {
		err := c.run(s)
		reason, isListed := listed[s.id()]
		general, all := listed[s.Scenario+"/*"]
		switch {
		case err == nil && isListed:
			c.t.Errorf("%s agrees, but is listed as a difference (%q): remove it from the list", s.id(), reason)
		case err == nil:
			agreed++
		case isListed:
			differing += fmt.Sprintf("\n\tstep %d differs: %s", s.Step, reason)
		case all:
			differing += fmt.Sprintf("\n\tstep %d differs: %s", s.Step, general)
		default:
			c.t.Errorf("%s %s %s: %v", s.id(), s.Method, s.Path, err)
		}
	}
	return agreed, differing
}

func (c *cluster) run(s step) error {
	switch s.Kind {
	case "file":
		return writeFile(s)
	case "topic":
		_, err := kadm.NewClient(c.client).CreateTopic(c.t.Context(), max(s.Partitions, 1), 1, nil, s.Topic)
		return err
	case "produce":
		for _, v := range s.Values {
			producer, err := kgo.NewClient(kgo.SeedBrokers(c.broker.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
			if err != nil {
				return err
			}
			err = producer.ProduceSync(c.t.Context(), &kgo.Record{Topic: s.Topic, Partition: s.Partition, Value: []byte(v)}).FirstErr()
			producer.Close()
			if err != nil {
				return err
			}
		}
		return nil
	}
	return c.repeat(s)
}

func writeFile(s step) error {
	flags := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if s.Append {
		flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	f, err := os.OpenFile(filepath.Clean(s.Path), flags, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, s.Content)
	return errors.Join(err, f.Close())
}

// repeat sends the request until its answer is what the recording waited for, then compares the last answer.
func (c *cluster) repeat(s step) error {
	n := 1
	if s.Until != nil {
		n = attempts
	}
	var err error
	for range n {
		c.pass(c.t.Context())
		var status int
		var header http.Header
		var body any
		if status, header, body, err = c.send(s); err != nil {
			return err
		}
		if err = c.compare(s, status, header, body); err == nil {
			return nil
		}
	}
	return err
}

func (c *cluster) send(s step) (int, http.Header, any, error) {
	header := http.Header{}
	body := ""
	if s.Request != nil {
		for name, value := range s.Request.Headers {
			header.Set(name, value)
		}
		switch {
		case s.Request.Raw != nil:
			body = *s.Request.Raw
		case s.Request.Body != nil:
			body = c.fill(string(s.Request.Body))
			header.Set("Content-Type", "application/json")
		}
	}
	resp, text := c.ask(s.Method, s.Path, header, body)
	if text == "" {
		return resp.StatusCode, resp.Header, nil, nil
	}
	var parsed any
	if json.Unmarshal([]byte(text), &parsed) != nil {
		parsed = text
	}
	return resp.StatusCode, resp.Header, parsed, nil
}

// send sends a request whose path may be one that net/url refuses.
func send(t *testing.T, address, method, path string, header http.Header, body string) (*http.Response, string) {
	t.Helper()
	if header == nil {
		header = http.Header{}
	}
	req := (&http.Request{
		Method: method, URL: &url.URL{Scheme: "http", Host: address, Opaque: path}, Host: address, Header: header,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}).WithContext(t.Context())
	if strings.HasPrefix(path, "//") {
		req.URL.Opaque = "//" + address + path // what net/http strips again
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// fill replaces placeholders of the recording by what they are here.
func (c *cluster) fill(text string) string {
	return strings.NewReplacer("${WORKER}", c.address, "${BOOTSTRAP}", c.broker.ListenAddrs()[0], "${CLUSTER_ID}", clusterID, "${COMMIT}", "abcdef0123456789").Replace(text)
}

func (c *cluster) compare(s step, status int, header http.Header, body any) error {
	if status != s.Response.Status {
		return fmt.Errorf("status %d, want %d; body %v", status, s.Response.Status, body)
	}
	if err := c.compareHeaders(s, header); err != nil {
		return err
	}
	if s.Response.Text != nil {
		if s.Response.Status == http.StatusOK && len(*s.Response.Text) != len(fmt.Sprint(body)) { // a list in no order
			return fmt.Errorf("text %v, want %s", body, *s.Response.Text)
		}
		return nil
	}
	if s.Response.Body == nil && status >= http.StatusBadRequest {
		return c.compareError(status, body) // the recorded worker refused the address before it came to a resource
	}
	want := c.normalize(s, "", s.Response.Body)
	if informative(want) {
		return c.compareError(status, body)
	}
	if got := c.normalize(s, "", body); !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s", difference("", got, want))
	}
	return nil
}

func (c *cluster) compareHeaders(s step, got http.Header) error {
	for name, want := range s.Response.Headers {
		want = c.fill(want)
		value := got.Get(name)
		switch {
		case strings.HasPrefix(want, "text/html"):
		case name == "Allow":
			a, b := strings.Split(want, ","), strings.Split(value, ",")
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) {
				return fmt.Errorf("header Allow is %s, want %s", value, want)
			}
		case value != want:
			return fmt.Errorf("header %s is %q, want %q", name, value, want)
		}
	}
	return nil
}

// informative reports whether a body is an error whose text is made by the JVM or by Jackson.
func informative(body any) bool {
	object, _ := body.(map[string]any)
	text, _ := object["message"].(string)
	for _, begin := range []string{"Cannot invoke", "Cannot deserialize", "Cannot construct", "Unexpected character", "Unrecognized "} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return false
}

// compareError wants the shape of an error, and a text.
func (c *cluster) compareError(status int, body any) error {
	object, _ := body.(map[string]any)
	if text, _ := object["message"].(string); text == "" || object["error_code"] != float64(status) || len(object) != 2 {
		return fmt.Errorf("body %v is no error of status %d", body, status)
	}
	return nil
}

// normalize replaces what cannot be the same here, in both bodies: the documentation's words, the order of lists that have
// none, plugins that are not in the catalog, stack traces.
func (c *cluster) normalize(s step, key string, v any) any {
	switch v := v.(type) {
	case string:
		return c.normalizeText(key, v)
	case []any:
		return c.normalizeList(s, key, v)
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, value := range v {
			object[name] = c.normalize(s, name, value)
		}
		return object
	}
	return v
}

func (c *cluster) normalizeText(key, text string) string {
	switch key {
	case "documentation":
		return "documentation"
	case "trace":
		return "trace"
	case "message":
		text, _, _ = strings.Cut(text, "available connectors are:")
	}
	return c.fill(text)
}

func (c *cluster) normalizeList(s step, key string, list []any) []any {
	kept := make([]any, 0, len(list))
	for _, v := range list {
		switch value := v.(type) {
		case string:
			if _, known := c.catalog.Find(value); key == "recommended_values" && strings.HasPrefix(value, "org.apache.kafka.connect.") && !known {
				continue
			}
		case map[string]any:
			if class, isPlugin := value["class"].(string); isPlugin && !c.isRecorded(class) {
				continue
			}
		}
		kept = append(kept, c.normalize(s, "", v))
	}
	if key == "offsets" || key == "" && s.Path == "/connectors" {
		slices.SortFunc(kept, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return kept
}

// isRecorded reports whether a plugin is both in the catalog and in the recorded worker.
func (c *cluster) isRecorded(class string) bool {
	_, known := c.catalog.Find(class)
	return known && strings.HasPrefix(class, "org.apache.kafka.connect.")
}

// difference names the first place in which two values differ.
func difference(at string, got, want any) string {
	switch w := want.(type) {
	case map[string]any:
		g, isMap := got.(map[string]any)
		for name := range w {
			if isMap && !reflect.DeepEqual(g[name], w[name]) {
				return difference(at+"."+name, g[name], w[name])
			}
		}
	case []any:
		g, _ := got.([]any)
		for i := range min(len(g), len(w)) {
			if !reflect.DeepEqual(g[i], w[i]) {
				return difference(at+"."+strconv.Itoa(i), g[i], w[i])
			}
		}
	}
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	return fmt.Sprintf("at %q: %.600s, want %.600s", at, g, w)
}
