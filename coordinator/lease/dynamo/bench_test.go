package dynamo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/lease/dynamo"
)

// leasable answers like a table whose one item is free at generation 1.
func leasable(w http.ResponseWriter, op string) {
	body := `{}`
	if op == "GetItem" {
		body = `{"Item":{"connector":{"S":"c"},"task":{"N":"0"},"generation":{"N":"1"},"epoch":{"N":"41"},"released":{"N":"41"},"rev":{"N":"90"},` +
			`"write":{"S":"ABCDEFGHIJKLMNOPQRSTUVWXYZ"},"hint":{"S":"{\"topic\":\"connect-offsets\",\"partition\":3,\"offset\":123456}"}}}`
	}
	_, _ = io.WriteString(w, body)
}

// An invocation reads once to learn the item, writes to acquire and writes to release; each look between them is one read.
func TestRequestsOfAnInvocation(t *testing.T) {
	table, s := serve(t, leasable)
	leases := lease.New(table, lease.Options{})
	held, err := leases.Acquire(t.Context(), first.Key, "o", 1, time.Now().Add(time.Minute))
	if err != nil || held.Epoch != 42 {
		t.Fatalf("acquired %+v, %v", held, err)
	}
	if ops := s.seen(); !slices.Equal(ops, []string{"GetItem", "UpdateItem"}) {
		t.Errorf("acquire made %v", ops)
	}
	_ = leases.Check(t.Context(), held) // lost, as this store forgets
	if err := leases.Release(t.Context(), held, lease.Outcome{}); err != nil {
		t.Fatal(err)
	}
	if ops := s.seen()[2:]; !slices.Equal(ops, []string{"GetItem", "UpdateItem"}) {
		t.Errorf("check and release made %v", ops)
	}
}

// BenchmarkLease is what the lease costs an invocation beside the network: acquire and release, three requests, with a server in
// this process, whose time is included. BenchmarkLeaseRequests is the same requests without the AWS client and the lease.
func BenchmarkLease(b *testing.B) {
	server := httptest.NewServer(&store{answer: leasable})
	b.Cleanup(server.Close)
	leases := lease.New(dynamo.New(client(server.URL), "leases"), lease.Options{})
	b.ReportAllocs()
	for n := range b.N {
		held, err := leases.Acquire(b.Context(), first.Key, strconv.Itoa(n), 1, time.Now().Add(time.Minute))
		if err == nil {
			err = leases.Release(b.Context(), held, lease.Outcome{})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLeaseRequests(b *testing.B) {
	server := httptest.NewServer(&store{answer: leasable})
	b.Cleanup(server.Close)
	body := strings.Repeat("x", 700)
	b.ReportAllocs()
	for b.Loop() {
		for _, op := range []string{"GetItem", "UpdateItem", "UpdateItem"} {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL, strings.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+op)
			reply, err := server.Client().Do(r)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, reply.Body)
			_ = reply.Body.Close()
		}
	}
}
