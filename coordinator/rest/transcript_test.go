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
	"slices"
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

// TestTranscriptOfARealWorker plays what a real worker was asked, and compares the answers.
func TestTranscriptOfARealWorker(t *testing.T) {
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
	if os.Getenv(vectors.FolderVariable) != "" {
		return // other recordings may have other steps
	}
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
		case err == nil && isListed && os.Getenv(vectors.FolderVariable) == "":
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
func (c *cluster) fill(text string) string { return c.placeholders().Replace(text) }

func (c *cluster) placeholders() *strings.Replacer {
	return strings.NewReplacer("${WORKER}", c.address, "${BOOTSTRAP}", c.broker.ListenAddrs()[0], "${CLUSTER_ID}", clusterID, "${COMMIT}", "abcdef0123456789")
}
