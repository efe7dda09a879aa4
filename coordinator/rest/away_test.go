package rest_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// bubble is an API over a broker in virtual time.
type bubble struct {
	t       *testing.T
	options rest.Options
	broker  *kfake.Cluster
	dial    []kgo.Opt
}

func inBubble(t *testing.T, f func(t *testing.T, b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := new(kfake.VirtualNetwork)
		broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen))
		if err != nil {
			t.Fatal(err)
		}
		defer broker.Close()
		known, err := catalog.Load()
		if err != nil {
			t.Fatal(err)
		}
		invoker := invoke.NewInProcess(nil, nil)
		defer invoker.Close()
		b := &bubble{t: t, broker: broker, dial: []kgo.Opt{kgo.Dialer(network.DialContext), kgo.SeedBrokers(broker.ListenAddrs()...)}}
		s := b.open()
		defer s.Close()
		b.options = rest.Options{
			Store: s, Catalog: known, Invoker: invoker, Trigger: func(string) {}, Worker: workerWith(t, "x", ""), Now: time.Now,
			Log: slog.New(slog.DiscardHandler), Loggers: loggers.New(slog.LevelInfo, time.Now), WorkerID: "w:1", Version: "4.3.1",
		}
		f(t, b)
	})
}

func (b *bubble) open() *store.Store {
	b.t.Helper()
	s, err := store.Open(b.t.Context(), store.Options{
		Kafka: b.dial, GroupID: "g", ConfigTopic: "connect-configs", OffsetTopic: "connect-offsets", StatusTopic: "connect-status",
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1, OffsetPartitions: 1, StatusPartitions: 1,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bubble) api() http.Handler {
	b.t.Helper()
	api, err := rest.New(b.options)
	if err != nil {
		b.t.Fatal(err)
	}
	return api
}

// ask returns the answer and how long it took.
func (b *bubble) ask(api http.Handler, method, path, body string) (*httptest.ResponseRecorder, time.Duration) {
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	r.Header = asJSON.Clone()
	w := httptest.NewRecorder()
	began := time.Now()
	api.ServeHTTP(w, r)
	return w, time.Since(began)
}

// clientPatience is how long the most impatient client waits for an answer.
const clientPatience = 10 * time.Second

func TestWhileKafkaIsAwayWhatWasReadIsAnsweredAndNothingIsChanged(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		// Given a connector that one API has read, and another API that has read nothing,
		api := b.api()
		if w, _ := b.ask(api, "POST", "/connectors", create("a", sourceConfig, "STOPPED")); w.Code != http.StatusCreated {
			t.Fatalf("create is answered with %d %s", w.Code, w.Body)
		}
		if w, _ := b.ask(api, "GET", "/connectors?expand=status", ""); w.Code != http.StatusOK || w.Header().Get("Warning") != "" {
			t.Fatalf("list is answered with %d %v", w.Code, w.Header())
		}
		other := b.open()
		defer other.Close()
		b.options.Store = other
		blank := b.api()
		// when the broker is gone,
		b.broker.Close()
		// then what was read is answered, and says how old it is.
		for _, path := range []string{"/connectors", "/connectors?expand=info&expand=status", "/connectors/a", "/connectors/a/config", "/connectors/a/tasks", "/connectors/a/topics", "/admin/loggers/root"} {
			w, took := b.ask(api, "GET", path, "")
			if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Warning"), "110 ") || took > clientPatience {
				t.Errorf("GET %s is answered with %d %s, warning %q, after %v", path, w.Code, w.Body, w.Header().Get("Warning"), took)
			}
		}
		// What cannot be known or done is refused in Connect's form, soon.
		for _, c := range []struct {
			api                http.Handler
			method, path, body string
			says               string
		}{
			{api, "PUT", "/connectors/a/config", sourceConfig, "nothing was changed"},
			{api, "DELETE", "/connectors/a", "", "nothing was changed"},
			{api, "PUT", "/connectors/a/resume", "", "nothing was changed"},
			{api, "POST", "/connectors/a/restart?includeTasks=true", "", "nothing was changed"},
			{api, "PUT", "/admin/loggers/root?scope=cluster", `{"level":"debug"}`, "Kafka does not answer"},
			{api, "GET", "/connectors/a/offsets", "", "Kafka does not answer"},
			{blank, "GET", "/connectors", "", "Kafka does not answer"},
			{blank, "GET", "/connectors/a/status", "", "Kafka does not answer"},
		} {
			w, took := b.ask(c.api, c.method, c.path, c.body)
			body := w.Body.String()
			if w.Code != http.StatusInternalServerError || !strings.HasPrefix(body, `{"error_code":500,`) || !strings.Contains(body, c.says) || took > clientPatience {
				t.Errorf("%s %s is answered with %d %s after %v", c.method, c.path, w.Code, body, took)
			}
		}
		// What needs no Kafka goes on.
		if w, _ := b.ask(api, "PUT", "/admin/loggers/root", `{"level":"debug"}`); w.Code != http.StatusOK {
			t.Errorf("a level is answered with %d %s", w.Code, w.Body)
		}
		if w, _ := b.ask(api, "PUT", "/connector-plugins/FileStreamSource/config/validate", sourceConfig); w.Code != http.StatusOK {
			t.Errorf("validation is answered with %d %s", w.Code, w.Body)
		}
		if w, took := b.ask(api, "GET", "/health", ""); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "unhealthy") || took > clientPatience {
			t.Errorf("health is %d %s after %v", w.Code, w.Body, took)
		}
	})
}
