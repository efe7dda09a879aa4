package environment

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// rack is what Kafka clients made with the environment say where they are.
func rack(t *testing.T, more map[string]string) string {
	t.Helper()
	vars := complete()
	maps.Copy(vars, more)
	e, err := from(vars)
	if err != nil {
		t.Fatal(err)
	}
	opts, err := e.Worker.Kafka()
	if err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	return cl.OptValue(kgo.Rack).(string)
}

// metadata starts an endpoint that answers those who have the token.
func metadata(t *testing.T, status int, body string) map[string]string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/2026-01-15/metadata/execution-environment" || r.Header.Get("Authorization") != "Bearer token" {
			t.Errorf("it was asked %s %s with %v", r.Method, r.URL, r.Header)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return map[string]string{"AWS_LAMBDA_METADATA_API": strings.TrimPrefix(s.URL, "http://"), "AWS_LAMBDA_METADATA_TOKEN": "token"}
}

func TestTheRackOfKafkaClientsIsTheAvailabilityZone(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		worker string
		rack   string
	}{
		{"the zone is told", 200, `{"AvailabilityZoneID":"use1-az1","Later":1}`, "", "use1-az1"},
		{"the worker has a rack", 200, `{"AvailabilityZoneID":"use1-az1"}`, "mine", "mine"},
		{"the question fails", 500, `{}`, "", ""},
		{"the answer is of another kind", 200, `<html>`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			vars := metadata(t, c.status, c.body)
			vars["CONNECT_CLIENT_RACK"] = c.worker
			if got := rack(t, vars); got != c.rack {
				t.Errorf("the rack is %q, want %q", got, c.rack)
			}
		})
	}
}

func TestNobodyIsAskedForTheZoneWhereThereIsNobody(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for name, vars := range map[string]map[string]string{
		"no address": {"AWS_LAMBDA_METADATA_TOKEN": "token"}, "no token": {"AWS_LAMBDA_METADATA_API": addr},
	} {
		if _, err := zone(func(key string) string { return vars[key] }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Where there should be somebody, it is no failure either.
	if got := rack(t, map[string]string{"AWS_LAMBDA_METADATA_API": addr, "AWS_LAMBDA_METADATA_TOKEN": "token"}); got != "" {
		t.Errorf("the rack is %q", got)
	}
}
