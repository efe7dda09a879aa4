package wire_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
)

// recorder notes calls, and gives the verdict that decide says.
type recorder struct {
	mu     sync.Mutex
	seen   []string
	decide func(m wire.Message) wire.Verdict
}

func (r *recorder) tap(_ context.Context, m wire.Message) wire.Verdict {
	name := m.Call
	if m.Reply {
		name += " answered"
	}
	r.mu.Lock()
	r.seen = append(r.seen, name)
	r.mu.Unlock()
	if r.decide == nil {
		return wire.Verdict{}
	}
	return r.decide(m)
}

func (r *recorder) count(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, s := range r.seen {
		if s == name {
			n++
		}
	}
	return n
}

func broker(t *testing.T, r *recorder) (*wire.Kafka, *kgo.Client) {
	t.Helper()
	k, err := wire.NewKafka(r.tap)
	if err != nil {
		t.Fatal(err)
	}
	listen := func(network, addr string) (net.Listener, error) {
		l, _, err := k.Listen(network, addr)
		return l, err
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ListenFn(listen), kfake.SeedTopics(1, "t"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cluster.Close()
		k.Close()
	})
	if !slices.Equal(cluster.ListenAddrs(), []string{k.Addr()}) {
		t.Fatalf("the broker advertises %v, the proxy is at %s", cluster.ListenAddrs(), k.Addr())
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(k.Addr()), kgo.ClientID("me"), kgo.DefaultProduceTopic("t"),
		kgo.TransactionalID("x"), kgo.MetadataMinAge(10*time.Millisecond), kgo.RetryBackoffFn(func(int) time.Duration { return 20 * time.Millisecond }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return k, cl
}

func write(t *testing.T, cl *kgo.Client) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(ctx, kgo.StringRecord("v")).FirstErr(); err != nil {
		return err
	}
	return cl.EndTransaction(ctx, kgo.TryCommit)
}

func TestEachKafkaRequestAndItsReplyAreShownByName(t *testing.T) {
	r := &recorder{decide: func(m wire.Message) wire.Verdict {
		if m.Client != "me" || m.Peer == nil || m.Local == nil {
			t.Errorf("%s comes from client %q at %v", m.Call, m.Client, m.Peer)
		}
		return wire.Verdict{}
	}}
	_, cl := broker(t, r)
	if err := write(t, cl); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"InitProducerID", "Produce", "EndTxn"} {
		if r.count(name) != 1 || r.count(name+" answered") != 1 {
			t.Errorf("%s was seen %d times and answered %d times", name, r.count(name), r.count(name+" answered"))
		}
	}
}

func TestAReplyThatIsCutIsOneThatTheClientAsksForAgain(t *testing.T) {
	var once sync.Once
	r := &recorder{decide: func(m wire.Message) (v wire.Verdict) {
		if m.Call == "Produce" && m.Reply {
			once.Do(func() { v.Cut = true })
		}
		return v
	}}
	_, cl := broker(t, r)
	if err := write(t, cl); err != nil {
		t.Fatal(err)
	}
	if n := r.count("Produce answered"); n != 2 {
		t.Errorf("Produce was answered %d times", n)
	}
}

func TestABrokenBrokerComesBack(t *testing.T) {
	var once sync.Once
	var k *wire.Kafka
	r := &recorder{}
	ready := make(chan struct{})
	r.decide = func(m wire.Message) wire.Verdict {
		<-ready
		if m.Call == "EndTxn" && !m.Reply {
			once.Do(func() {
				k.Break()
				time.AfterFunc(50*time.Millisecond, func() {
					if err := k.Mend(); err != nil {
						t.Error(err)
					}
				})
			})
		}
		return wire.Verdict{}
	}
	k, cl := broker(t, r)
	close(ready)
	if err := write(t, cl); err != nil {
		t.Fatal(err)
	}
	if n := r.count("EndTxn"); n < 2 {
		t.Errorf("EndTxn was sent %d times", n)
	}
}

func TestHTTPRequestsPassAreCutOrAnswered(t *testing.T) {
	for _, c := range []struct {
		name    string
		verdict map[string]wire.Verdict
		served  int64
		want    string // "" is a broken connection
	}{
		{"passes", nil, 1, "200 DynamoDB.PutItem ping"},
		{"the request is cut", map[string]wire.Verdict{"PutItem": {Cut: true}}, 0, ""},
		{"the reply is cut", map[string]wire.Verdict{"PutItem answered": {Cut: true}}, 1, ""},
		{"answered in the server's place", map[string]wire.Verdict{"PutItem": {Answer: wire.Throttled()}}, 0, "400  {\"__type\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var served atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				served.Add(1)
				body, _ := io.ReadAll(r.Body)
				w.Header().Set("X-Echo", r.Header.Get("X-Amz-Target"))
				_, _ = w.Write(body)
			}))
			t.Cleanup(server.Close)
			h, err := wire.NewHTTP(server.URL, func(_ context.Context, m wire.Message) wire.Verdict {
				if string(m.Body) != "ping" || m.Peer == nil || m.Local == nil {
					t.Errorf("%s comes with %q from %v", m.Call, m.Body, m.Peer)
				}
				if m.Reply {
					return c.verdict[m.Call+" answered"]
				}
				return c.verdict[m.Call]
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := h.Close(); err != nil {
					t.Error(err)
				}
			})
			got, err := post(t, h.URL())
			if !strings.HasPrefix(got, c.want) || (err == nil) != (c.want != "") || served.Load() != c.served {
				t.Errorf("got %q, %v; the server was asked %d times", got, err, served.Load())
			}
		})
	}
}

// post sends one request, which is not repeated, and tells of the response in a line.
func post(t *testing.T, url string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("ping"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "DynamoDB.PutItem")
	resp, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.Status[:3] + " " + resp.Header.Get("X-Echo") + " " + string(body), err
}
