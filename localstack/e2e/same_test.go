package e2e_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/rest/resttest"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// sameRequests is how many requests both are asked.
const sameRequests = 500

// settleTime is how long two states may differ before that counts: a Java worker changes states in the background.
const settleTime = 15 * time.Second

// TestAJavaWorkerAndFerryAnswerTheSame asks both the same requests, which a seed generates: FERRY_SEED, 1 by default. After each change
// it waits until both show the same states. What differs on purpose stands in knownDifferences, and in COMPATIBILITY.md.
func TestAJavaWorkerAndFerryAnswerTheSame(t *testing.T) {
	seed, s := requestSeed(t), newSides(t)
	changes, differences := 0, 0
	for i, r := range generate(seed, sameRequests) {
		ours, theirs := s.ferry.ask(t, r), s.java.ask(t, r)
		err := s.compare(r, ours, theirs)
		if err != nil && r.method == http.MethodGet { // a state may still be on its way
			err = s.settled(t, r)
		}
		if err != nil && !isKnown(r, ours, theirs) {
			differences++
			t.Errorf("request %d of seed %d, %s: %v\n\tferry %d %.300s\n\tJava  %d %.300s", i, seed, r, err, ours.status, ours.body, theirs.status, theirs.body)
		}
		if theirs.status < http.StatusBadRequest && r.changes {
			changes++
			if err := s.settled(t, request{method: http.MethodGet, path: "/connectors?expand=status&expand=info"}); err != nil {
				t.Fatalf("after request %d of seed %d, %s: the states differ for good: %v", i, seed, r, err)
			}
		}
	}
	t.Logf("seed %d: %d requests, %d of them changes, %d differences", seed, sameRequests, changes, differences)
}

// requestSeed is FERRY_SEED, 1 by default: the same requests are made each time.
func requestSeed(t *testing.T) uint64 {
	t.Helper()
	text := cmp.Or(os.Getenv("FERRY_SEED"), "1")
	seed, err := strconv.ParseUint(text, 10, 64)
	check(t, err)
	return seed
}

// side is one of the two. Words in requests stand for what cannot be the same: @S@ begins names, @DIR@ is a folder.
type side struct {
	api
	words   *strings.Replacer
	answers *strings.Replacer
}

// sides are a Java worker and ferry over one broker, each with a Connect cluster, names and files of its own.
type sides struct {
	java, ferry side
	plugins     *catalog.Catalog
	foreign     map[string]bool // plugins and loggers that the Java worker has
}

func newSides(t *testing.T) *sides {
	t.Helper()
	broker := kafka.Broker(t)
	cl := newCluster(broker.Addr, "fside")
	other := newCluster(broker.Addr, "jside")
	worker := servers.Connect(t, broker.Addr, servers.Group(other.group), servers.Topics(other.configs, other.offsets, other.status),
		servers.Properties("offset.flush.interval.ms=200")) // ferry's are committed with every batch
	f := cl.start(t)
	known, err := catalog.Load()
	check(t, err)
	s := &sides{plugins: known, java: newSide(t, worker.URL(), other.group), ferry: newSide(t, f.rest, cl.group), foreign: map[string]bool{}}
	for _, side := range []side{s.java, s.ferry} { // sources write to one topic; sinks read from another, which nobody writes to
		createTopic(t, broker.Addr, side.words.Replace("@S@-t"))
		createTopic(t, broker.Addr, side.words.Replace("@S@-in"))
		produce(t, client(t, broker.Addr), side.words.Replace("@S@-in"), []string{"one", "two", "three"})
	}
	var plugins []struct{ Class string }
	s.java.get(t, "/connector-plugins?connectorsOnly=false", &plugins)
	for _, p := range plugins {
		s.foreign[p.Class] = true
	}
	return s
}

func newSide(t *testing.T, url, name string) side {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "in.txt"), "one\ntwo\nthree\n")
	host := strings.TrimPrefix(url, "http://")
	return side{
		api: api{url}, words: strings.NewReplacer("@S@", name, "@DIR@", folder),
		answers: strings.NewReplacer(name, "@S@", folder, "@DIR@", host, "@HOST@"),
	}
}

// ask sends a request. A Java worker that rebalances is asked again.
func (s side) ask(t *testing.T, r request) answer {
	t.Helper()
	var got answer
	await(t, r.String()+" is answered without a rebalance", func() bool {
		sent, err := http.NewRequestWithContext(t.Context(), r.method, s.url+s.words.Replace(r.path), strings.NewReader(s.words.Replace(r.body)))
		check(t, err)
		if r.body != "" || r.contentType != "" {
			sent.Header.Set("Content-Type", cmp.Or(r.contentType, "application/json"))
		}
		if r.accept != "" {
			sent.Header.Set("Accept", r.accept)
		}
		got = do(t, sent)
		return !strings.Contains(got.problem(), "rebalance") || strings.Contains(got.problem(), "no known leader") // which stays
	})
	return got
}

// settled asks until both answer the same, and returns how they differ when they do not.
func (s *sides) settled(t *testing.T, r request) error {
	t.Helper()
	deadline := time.Now().Add(settleTime)
	for {
		err := s.compare(r, s.ferry.ask(t, r), s.java.ask(t, r))
		if err == nil || time.Now().After(deadline) {
			return err
		}
		tick := time.NewTimer(30 * time.Millisecond)
		<-tick.C
	}
}

// compare says how two answers differ; nil when they do not.
func (s *sides) compare(r request, ours, theirs answer) error {
	if ours.status != theirs.status {
		return fmt.Errorf("status %d, want %d", ours.status, theirs.status)
	}
	want, err := s.normalize(r, s.java, theirs.body)
	if err != nil {
		return nil //nolint:nilerr // an HTML page of Jetty
	}
	got, err := s.normalize(r, s.ferry, ours.body)
	if err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	if resttest.IsInformative(want) {
		return resttest.CheckError(ours.status, got)
	}
	if a, b := s.java.answers.Replace(theirs.header.Get("Location")), s.ferry.answers.Replace(ours.header.Get("Location")); a != b {
		return fmt.Errorf("location is %s, want %s", b, a)
	}
	return resttest.Difference(got, want)
}

func (s *sides) normalize(r request, from side, body []byte) (any, error) {
	if len(body) == 0 {
		return nil, nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	path, _, _ := strings.Cut(r.path, "?")
	both := func(name string) bool {
		_, here := s.plugins.Find(name)
		return here && s.foreign[name]
	}
	n := resttest.Normalizer{Path: strings.TrimSuffix(path, "/"), Replace: from.answers, HasPlugin: both, HasLogger: func(string) bool { return false }}
	return n.Body(v), nil
}

// isKnown reports whether two answers differ on purpose. Each case stands in COMPATIBILITY.md.
func isKnown(r request, ours, theirs answer) bool {
	refused := ours.status < http.StatusInternalServerError                                                             // or judged, when it is to be validated
	accident := theirs.status == http.StatusInternalServerError && strings.Contains(theirs.problem(), "Cannot invoke ") // a NullPointerException
	negative := strings.Contains(ours.problem(), "are not negative") && theirs.status == http.StatusInternalServerError // Kafka's client refuses it
	return refused && accident || refused && negative ||
		strings.Contains(string(theirs.body), `Cannot invoke \"String.isEmpty()\"`) || // the same, within a message about a pattern that is null
		strings.HasPrefix(r.path, "/connector-plugins/java.") // a class that is no plugin: there is no class path
}
