package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/localstack/faults/wire"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// Several processes serve the API over one cluster, clients ask all of them at once, connections break, clients go away before they have
// their answer, and processes end. Whatever was answered must fit one order of all requests, in which each came between its question
// and its answer: what was not answered came then, later, or never.
func TestAnswersOfSeveralProcessesFitOneOrder(t *testing.T) {
	var lost fate
	proxy, err := wire.NewKafka(lost.tap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ListenFn(func(network, addr string) (net.Listener, error) {
		l, _, err := proxy.Listen(network, addr)
		return l, err
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	fitOneOrder(t, &lost, 4, 40, broker.ListenAddrs()...)
}

func TestAnswersOfSeveralProcessesFitOneOrderOnRealKafka(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	fitOneOrder(t, nil, 3, 20, servers.Kafka(t).Addr)
}

// fate decides which messages between processes and broker are lost, and which clients go away.
type fate struct {
	mu    sync.Mutex
	gives map[string]context.CancelFunc // by client id: ends the request that its process serves
}

func (f *fate) tap(_ context.Context, m wire.Message) wire.Verdict {
	switch rand.N(100) {
	case 0:
		return wire.Verdict{Cut: true}
	case 1:
		f.mu.Lock()
		defer f.mu.Unlock()
		if cancel := f.gives[m.Client]; cancel != nil {
			cancel()
		}
	}
	return wire.Verdict{}
}

// during lets a process's request be given up.
func (f *fate) during(client string, cancel context.CancelFunc) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gives == nil {
		f.gives = make(map[string]context.CancelFunc)
	}
	f.gives[client] = cancel
}

func fitOneOrder(t *testing.T, lost *fate, processes, requests int, brokers ...string) {
	t.Helper()
	var mu sync.Mutex
	var history []porcupine.Operation
	answers := map[string]int{}
	began := time.Now()
	var done sync.WaitGroup
	for p := range processes {
		id := fmt.Sprint("process-", p)
		handler := process(t, id, brokers)
		done.Go(func() {
			read := map[string]asked{} // the last configuration that was read, by connector
			for i := range requests {
				in := question(fmt.Sprintf("%s.%d", id, i), read)
				op := porcupine.Operation{ClientId: p, Input: in, Call: int64(time.Since(began))}
				ctx, cancel := context.WithCancel(t.Context())
				lost.during(id, cancel)
				out := in.ask(ctx, handler)
				cancel()
				op.Output, op.Return = out, int64(time.Since(began))
				if out.status >= 500 {
					op.Return = math.MaxInt64 // nobody knows when it happens, if it does
					if lost != nil {
						handler = process(t, id, brokers)
					}
				}
				if in.method == "GET" && out.status == http.StatusOK {
					read[in.connector] = asked{config: out.config, etag: out.etag}
				}
				mu.Lock()
				history = append(history, op)
				answers[fmt.Sprint(in.method, " ", out.status)]++
				mu.Unlock()
			}
		})
	}
	done.Wait()
	t.Logf("answers: %v", answers)
	m := model()
	if result := porcupine.CheckOperationsTimeout(m.ToModel(), history, time.Minute); result != porcupine.Ok {
		for _, op := range history {
			t.Logf("%d..%d %s: %+v", op.Call, op.Return, op.Input, op.Output)
		}
		t.Fatalf("the answers fit no order: %s", result)
	}
}

// process is an API with clients of its own, as one function instance has it. It is never closed before the test ends: one that is
// replaced has died.
func process(t *testing.T, id string, brokers []string) http.Handler {
	t.Helper()
	var s *store.Store
	var err error
	for range 10 { // its own connections break too
		s, err = store.Open(t.Context(), store.Options{
			Kafka: []kgo.Opt{kgo.SeedBrokers(brokers...), kgo.ClientID(id), kgo.MetadataMinAge(10 * time.Millisecond)}, GroupID: "history",
			ConfigTopic: "configs", OffsetTopic: "offsets", StatusTopic: "status",
			ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1,
		})
		if err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	invoker := invoke.NewInProcess(nil, nil)
	t.Cleanup(invoker.Close)
	handler, err := rest.New(rest.Options{
		Store: s, Catalog: known, Invoker: invoker, Trigger: func(string) {}, WorkerID: id, Version: "4.3.1", ClusterID: clusterID,
		Worker: workerWith(t, "bootstrap.servers", brokers[0]), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// configuration is what the requests set of a connector; exists is false for none.
type configuration struct {
	exists     bool
	first, all string // first is set by POST and PUT, all by PATCH too
}

// asked is a request, and for one with If-Match what its client had read.
type asked struct {
	method, connector, value string
	config                   configuration
	etag                     string
}

// String shows a request in a history.
func (a asked) String() string {
	return fmt.Sprintf("%s %s %s (%s)", a.method, a.connector, a.value, a.etag)
}

type answered struct {
	status int
	config configuration // of GET
	etag   string
	text   string
}

// question makes up a request. Values are never used twice.
func question(value string, read map[string]asked) asked {
	in := asked{method: []string{"POST", "PUT", "PUT", "PATCH", "PATCH", "DELETE", "GET", "GET", "GET"}[rand.N(9)], connector: fmt.Sprint("c", rand.N(2)), value: value}
	if before, ok := read[in.connector]; ok && (in.method == "PUT" || in.method == "PATCH") && rand.N(2) == 0 {
		in.config, in.etag = before.config, before.etag
	}
	return in
}

func (a asked) ask(ctx context.Context, handler http.Handler) answered {
	const config = `{"connector.class":"FileStreamSource","topic":"t","first":%q,"all":%q}`
	path, body := "/connectors/"+a.connector+"/config", ""
	switch a.method {
	case "POST":
		path, body = "/connectors", fmt.Sprintf(`{"name":%q,"config":`+config+`}`, a.connector, a.value, a.value)
	case "PUT":
		body = fmt.Sprintf(config, a.value, a.value)
	case "PATCH":
		body = fmt.Sprintf(`{"all":%q}`, a.value)
	case "DELETE":
		path = "/connectors/" + a.connector
	}
	r := httptest.NewRequestWithContext(ctx, a.method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if a.etag != "" {
		r.Header.Set("If-Match", a.etag)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	out := answered{status: w.Code, etag: w.Header().Get("ETag")}
	var got struct{ First, All string }
	if a.method == "GET" && w.Code == http.StatusOK && json.Unmarshal(w.Body.Bytes(), &got) == nil {
		out.config = configuration{true, got.First, got.All}
	}
	if w.Code >= 400 {
		out.text = w.Body.String()
	}
	return out
}

// model is one connector as its clients may imagine it.
func model() porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			by := map[string][]porcupine.Operation{}
			for _, op := range history {
				name := op.Input.(asked).connector
				by[name] = append(by[name], op)
			}
			return slices.Collect(maps.Values(by))
		},
		Init: func() []any { return []any{configuration{}} },
		Step: func(before, in, out any) []any { return next(before.(configuration), in.(asked), out.(answered)) },
	}
}

// next returns what a connector may be after a request was answered so; nothing if it cannot be answered so.
func next(before configuration, in asked, out answered) []any {
	after, allowed := in.effect(before)
	switch {
	case out.status >= 500: // it happened, or did not
		if in.etag != "" && before != in.config || !allowed {
			return []any{before}
		}
		return []any{before, after}
	case out.status == http.StatusPreconditionFailed && in.etag != "" && before != in.config,
		out.status == http.StatusConflict && strings.Contains(out.text, "momentarily"),
		out.status == http.StatusConflict && strings.Contains(out.text, "conflicting operation"),
		out.status == http.StatusConflict && in.method == "POST" && before.exists,
		out.status == http.StatusNotFound && !before.exists && in.method != "PUT" && in.method != "POST":
		return []any{before}
	case out.status >= 400 || !allowed || in.etag != "" && before != in.config:
		return nil
	case in.method == "GET" && out.config != before,
		in.method == "PUT" && (out.status == http.StatusCreated) == before.exists:
		return nil
	}
	return []any{after}
}

// effect is what a request makes of a connector, and whether it may be made at all.
func (a asked) effect(before configuration) (after configuration, allowed bool) {
	switch a.method {
	case "POST":
		return configuration{true, a.value, a.value}, !before.exists
	case "PUT":
		return configuration{true, a.value, a.value}, true
	case "PATCH":
		return configuration{true, before.first, a.value}, before.exists
	case "DELETE":
		return configuration{}, before.exists
	}
	return before, before.exists
}
