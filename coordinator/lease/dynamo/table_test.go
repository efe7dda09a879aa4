package dynamo_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/lease/dynamo"
	"github.com/ferry-connect/ferry/coordinator/lease/leasetest"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func client(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(url), Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		DisableValidateResponseChecksum: true,
	})
}

func TestDynamoDBLocal(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	c := client(servers.DynamoDB(t).URL())
	if err := dynamo.Create(t.Context(), c, "leases"); err != nil {
		t.Fatal(err)
	}
	if err := dynamo.Create(t.Context(), c, "leases"); err != nil {
		t.Fatalf("create an existing table: %v", err)
	}
	leasetest.Run(t, func() lease.Table { return dynamo.New(c, "leases") })

	t.Run("a table that does not exist is named, with what to do", func(t *testing.T) {
		_, err := dynamo.New(c, "nowhere").Get(t.Context(), lease.Key{Connector: "c"})
		if err == nil || errors.Is(err, lease.ErrAmbiguous) || !strings.Contains(err.Error(), "nowhere") || !strings.Contains(err.Error(), "deploy") {
			t.Fatalf("error %v", err)
		}
	})
}

// answer serves one reply to everything and counts the requests.
func answer(t *testing.T, status int, body string) (*dynamo.Table, *int) {
	t.Helper()
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return dynamo.New(client(server.URL), "leases"), &requests
}

func TestFailuresAreClassifiedAndNeverRepeatedByTheClient(t *testing.T) {
	exception := func(name string) string {
		return `{"__type":"com.amazonaws.dynamodb.v20120810#` + name + `","message":"m"}`
	}
	for _, x := range []struct {
		name   string
		status int
		body   string
		want   error // nil: final
	}{
		{"a server error is ambiguous", 500, exception("InternalServerError"), lease.ErrAmbiguous},
		{"a gateway's error is ambiguous", 502, "<html>", lease.ErrAmbiguous},
		{"a success with a broken body is ambiguous", 200, `{"Attributes":`, lease.ErrAmbiguous},
		{"exceeded throughput is throttling", 400, exception("ProvisionedThroughputExceededException"), lease.ErrThrottled},
		{"an exceeded account limit is throttling", 400, exception("RequestLimitExceeded"), lease.ErrThrottled},
		{"a throttling exception is throttling", 400, exception("ThrottlingException"), lease.ErrThrottled},
		{"missing permission is final", 400, exception("AccessDeniedException"), nil},
		{"an invalid request is final", 400, exception("ValidationException"), nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			table, requests := answer(t, x.status, x.body)
			_, err := table.Swap(t.Context(), lease.Item{Key: lease.Key{Connector: "c"}, Rev: 1})
			for _, kind := range []error{lease.ErrAmbiguous, lease.ErrThrottled, lease.ErrConflict} {
				if errors.Is(err, kind) != errors.Is(x.want, kind) {
					t.Errorf("error %v", err)
				}
			}
			if err == nil || *requests != 1 {
				t.Errorf("%d requests, error %v", *requests, err)
			}
		})
	}
}

func TestAConflictShowsTheStoredItem(t *testing.T) {
	table, requests := answer(t, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"m",
		"Item":{"connector":{"S":"c"},"task":{"N":"0"},"owner":{"S":"other"},"rev":{"N":"7"}}}`)
	stored, err := table.Swap(t.Context(), lease.Item{Key: lease.Key{Connector: "c"}, Rev: 3})
	if !errors.Is(err, lease.ErrConflict) || stored.Rev != 7 || stored.Owner != "other" || *requests != 1 {
		t.Fatalf("%d requests, stored %+v, error %v", *requests, stored, err)
	}
}

func TestADamagedItemIsAnError(t *testing.T) {
	table, _ := answer(t, 200, `{"Item":{"connector":{"S":"c"},"task":{"N":"0"},"epoch":{"S":"five"},"rev":{"N":"7"}}}`)
	if _, err := table.Get(t.Context(), lease.Key{Connector: "c"}); err == nil || !strings.Contains(err.Error(), "epoch") {
		t.Fatalf("error %v", err)
	}
}

func TestACancelledContextEndsARequest(t *testing.T) {
	table, _ := answer(t, 200, `{}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := table.Get(ctx, lease.Key{}); !errors.Is(err, context.Canceled) || errors.Is(err, lease.ErrAmbiguous) {
		t.Fatalf("error %v", err)
	}
}
