package dynamo_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/lease/dynamo"
)

// store answers requests in the protocol of DynamoDB, as a test wants it.
type store struct {
	answer func(w http.ResponseWriter, op string)

	mu  sync.Mutex
	ops []string
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.mu.Lock()
	s.ops = append(s.ops, op)
	s.mu.Unlock()
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	s.answer(w, op)
}

// seen are the operations that were requested so far.
func (s *store) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ops)
}

// serve starts a store. It ends what still waits for an answer when the test does.
func serve(t *testing.T, answer func(w http.ResponseWriter, op string), opts ...dynamo.Option) (*dynamo.Table, *store) {
	t.Helper()
	s := &store{answer: answer}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return dynamo.New(client(server.URL), "leases", opts...), s
}

// always answers everything so.
func always(status int, body string) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, _ string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func exception(name string) string {
	return `{"__type":"com.amazonaws.dynamodb.v20120810#` + name + `","message":"m"}`
}

var first = lease.Item{Key: lease.Key{Connector: "c"}, Rev: 1}

func TestFailuresAreClassifiedAndNeverRepeatedByTheClient(t *testing.T) {
	for _, x := range []struct {
		name   string
		status int
		body   string
		want   error  // nil: final
		hint   string // what a final error says
	}{
		{"a server error is ambiguous", 500, exception("InternalServerError"), lease.ErrAmbiguous, ""},
		{"a gateway's error is ambiguous", 502, "<html>", lease.ErrAmbiguous, ""},
		{"a gateway's refusal is ambiguous", 403, "<html>", lease.ErrAmbiguous, ""},
		{"a success with a broken body is ambiguous", 200, `{"Attributes":`, lease.ErrAmbiguous, ""},
		{"exceeded throughput is throttling", 400, exception("ProvisionedThroughputExceededException"), lease.ErrThrottled, ""},
		{"an exceeded account limit is throttling", 400, exception("RequestLimitExceeded"), lease.ErrThrottled, ""},
		{"a throttling exception is throttling", 400, exception("ThrottlingException"), lease.ErrThrottled, ""},
		{"missing permission is final", 400, exception("AccessDeniedException"), nil, "the role lacks dynamodb:UpdateItem"},
		{"a missing table is final", 400, exception("ResourceNotFoundException"), nil, "deploy the base stack"},
		{"expired credentials are final", 400, exception("ExpiredTokenException"), nil, "AWS_SESSION_TOKEN"},
		{"an unknown refusal is final", 400, exception("SomethingException"), nil, "SomethingException"},
	} {
		t.Run(x.name, func(t *testing.T) {
			table, s := serve(t, always(x.status, x.body))
			_, err := table.Swap(t.Context(), first)
			for _, kind := range []error{lease.ErrAmbiguous, lease.ErrThrottled, lease.ErrConflict} {
				if errors.Is(err, kind) != errors.Is(x.want, kind) {
					t.Errorf("error %v", err)
				}
			}
			if ops := s.seen(); err == nil || !slices.Equal(ops, []string{"UpdateItem"}) {
				t.Fatalf("requests %v, error %v", ops, err)
			}
			if !strings.Contains(err.Error(), "UpdateItem on DynamoDB table leases") || !strings.Contains(err.Error(), x.hint) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAnInvalidRequestMakesItLookAtTheTablesKeys(t *testing.T) {
	for _, x := range []struct{ name, description, want string }{
		{"other keys", `{"Table":{"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}}`,
			"its keys are id (HASH, S) instead of connector (HASH, S), task (RANGE, N)"},
		{"keys that it may not look at", "", "does the table have the keys connector (HASH, S), task (RANGE, N)?"},
	} {
		t.Run(x.name, func(t *testing.T) {
			table, s := serve(t, func(w http.ResponseWriter, op string) {
				switch {
				case op != "DescribeTable":
					always(400, exception("ValidationException"))(w, op)
				case x.description == "":
					always(400, exception("AccessDeniedException"))(w, op)
				default:
					always(200, x.description)(w, op)
				}
			})
			_, err := table.Get(t.Context(), first.Key)
			if err == nil || !strings.Contains(err.Error(), x.want) || errors.Is(err, lease.ErrAmbiguous) {
				t.Errorf("error %v", err)
			}
			if ops := s.seen(); !slices.Equal(ops, []string{"GetItem", "DescribeTable"}) {
				t.Errorf("requests %v", ops)
			}
		})
	}
}

func TestAConflictShowsTheStoredItem(t *testing.T) {
	const item = `"Item":{"connector":{"S":"c"},"task":{"N":"0"},"owner":{"S":"other"},"rev":{"N":"7"}}`
	for _, x := range []struct {
		name, failure string
		ops           []string
	}{
		{"that came with the failure", "," + item, []string{"UpdateItem"}},
		{"that it had to ask for", "", []string{"UpdateItem", "GetItem"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			table, s := serve(t, func(w http.ResponseWriter, op string) {
				if op == "GetItem" {
					always(200, "{"+item+"}")(w, op)
					return
				}
				always(400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"m"`+x.failure+"}")(w, op)
			})
			stored, err := table.Swap(t.Context(), lease.Item{Key: first.Key, Rev: 3})
			if !errors.Is(err, lease.ErrConflict) || stored.Rev != 7 || stored.Owner != "other" || !slices.Equal(s.seen(), x.ops) {
				t.Fatalf("requests %v, stored %+v, error %v", s.seen(), stored, err)
			}
		})
	}
}

func TestACancelledContextEndsARequest(t *testing.T) {
	table, _ := serve(t, always(200, `{}`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := table.Get(ctx, lease.Key{}); !errors.Is(err, context.Canceled) || errors.Is(err, lease.ErrAmbiguous) {
		t.Fatalf("error %v", err)
	}
}

func TestAnAnswerThatNeverComesIsAmbiguousAfterTheTimeLimit(t *testing.T) {
	never := make(chan struct{})
	table, s := serve(t, func(http.ResponseWriter, string) { <-never }, dynamo.Timeout(time.Millisecond))
	defer close(never)
	_, err := table.Swap(t.Context(), first)
	if !errors.Is(err, lease.ErrAmbiguous) || !strings.Contains(err.Error(), "no answer within 1ms") || len(s.seen()) > 1 {
		t.Errorf("requests %v, error %v", s.seen(), err)
	}
}

func TestAConnectionThatBreaksInTheReplyIsAmbiguous(t *testing.T) {
	table, s := serve(t, func(w http.ResponseWriter, _ string) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"Attr`)
		panic(http.ErrAbortHandler)
	})
	_, swapped := table.Swap(t.Context(), first)
	_, got := table.Get(t.Context(), first.Key)
	if !errors.Is(swapped, lease.ErrAmbiguous) || !errors.Is(got, lease.ErrAmbiguous) || len(s.seen()) != 2 {
		t.Errorf("requests %v, swap %v, get %v", s.seen(), swapped, got)
	}
}

// off answers at the time of a server whose clock is ahead of ours by d.
func off(d time.Duration, answer func(http.ResponseWriter, string)) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, op string) {
		w.Header().Set("Date", time.Now().Add(d).Round(time.Second).UTC().Format(http.TimeFormat))
		answer(w, op)
	}
}

func TestAClockThatIsWrong(t *testing.T) {
	bad := always(400, exception("InvalidSignatureException"))
	t.Run("is mended by the second request", func(t *testing.T) {
		requests := 0
		var log bytes.Buffer
		table, s := serve(t, off(10*time.Minute, func(w http.ResponseWriter, op string) {
			if requests++; requests == 1 {
				bad(w, op)
				return
			}
			always(200, `{}`)(w, op)
		}), dynamo.Log(slog.New(slog.NewTextHandler(&log, nil))))
		for range 3 {
			if _, err := table.Swap(t.Context(), first); err != nil {
				t.Error(err)
			}
		}
		if len(s.seen()) != 4 || strings.Count(log.String(), "clock is wrong") != 1 || !strings.Contains(log.String(), "10m0s slow") {
			t.Errorf("requests %v, log %s", s.seen(), log.String())
		}
	})
	for name, x := range map[string]struct {
		off  time.Duration
		want string
	}{
		"and slow":                  {10 * time.Minute, "the clock is 10m0s slow"},
		"and fast":                  {-10 * time.Minute, "the clock is 10m0s fast"},
		"only in the server's eyes": {0, "the secret access key does not belong"},
	} {
		t.Run(name, func(t *testing.T) {
			table, s := serve(t, off(x.off, bad))
			_, err := table.Get(t.Context(), first.Key)
			if err == nil || !strings.Contains(err.Error(), x.want) || errors.Is(err, lease.ErrAmbiguous) || len(s.seen()) != 2 {
				t.Errorf("requests %v, error %v", s.seen(), err)
			}
		})
	}
	t.Run("by seconds is not worth a word", func(t *testing.T) {
		var log bytes.Buffer
		table, _ := serve(t, off(30*time.Second, always(200, `{}`)), dynamo.Log(slog.New(slog.NewTextHandler(&log, nil))))
		if _, err := table.Get(t.Context(), first.Key); err != nil || log.Len() > 0 {
			t.Errorf("error %v, log %s", err, log.String())
		}
	})
}

// minutes is a clock on which waiting takes no time.
type minutes struct {
	mu  sync.Mutex
	now time.Time
}

func (m *minutes) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *minutes) Wait(ctx context.Context, d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
	return ctx.Err()
}

func TestATableThatThrottlesForAMinuteEndsACallInSecondsAndSaysSo(t *testing.T) {
	table, s := serve(t, always(400, exception("ThrottlingException")))
	clock := &minutes{now: time.Now()}
	began := clock.now
	_, err := lease.New(table, lease.Options{Clock: clock}).Acquire(t.Context(), first.Key, "o", 1, began.Add(time.Hour))
	if !errors.Is(err, lease.ErrThrottled) || !strings.Contains(err.Error(), "gave up after 8 attempts in") || !strings.Contains(err.Error(), "DynamoDB table leases") {
		t.Errorf("error %v", err)
	}
	if took := clock.Now().Sub(began); took > 3*time.Second || len(s.seen()) != 8 {
		t.Errorf("%d requests in %v", len(s.seen()), took)
	}
}
