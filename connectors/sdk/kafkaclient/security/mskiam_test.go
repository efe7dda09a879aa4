package security_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
)

// msk makes a broker answer the handshake as Amazon MSK does, and returns what clients sent in it.
func msk(t *testing.T) (broker string, sent func() [][]byte) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	var mu sync.Mutex
	var messages [][]byte
	cluster.ControlKey(kmsg.SASLHandshake.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		p := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
		p.SupportedMechanisms = []string{"AWS_MSK_IAM"}
		if r.(*kmsg.SASLHandshakeRequest).Mechanism != "AWS_MSK_IAM" {
			p.ErrorCode = 33
		}
		return p, nil, true
	})
	cluster.ControlKey(kmsg.SASLAuthenticate.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		messages = append(messages, r.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes)
		p := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		p.SASLAuthBytes = []byte(`{"version":"2020_10_22","request-id":"1"}`)
		return p, nil, true
	})
	return cluster.ListenAddrs()[0], func() [][]byte { mu.Lock(); defer mu.Unlock(); return messages }
}

// What is sent over the wire has the signature that AWS's own library makes of the same request.
func TestTheHandshakeWithMSKIsSignedAsAWSSigns(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1") // of a broker whose name does not tell it
	broker, sent := msk(t)
	account := &account{keys: security.AWSKeys{AccessKeyID: "AKID", SecretKey: secret, SessionToken: "session+/="}}
	opts, err := security.Options(with(saslSettings("AWS_MSK_IAM", iamModule+" required;")), account)
	if err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(append(opts, kgo.SeedBrokers(broker))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.Ping(t.Context()); err != nil || len(sent()) == 0 {
		t.Fatalf("%d handshakes, %v", len(sent()), err)
	}
	var fields map[string]string
	if err := json.Unmarshal(sent()[0], &fields); err != nil {
		t.Fatal(err)
	}
	signed, err := time.Parse("20060102T150405Z", fields["x-amz-date"])
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{"Action": {fields["action"]}, "X-Amz-Expires": {fields["x-amz-expires"]}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+fields["host"]+"/?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // the digest of no body
	credentials := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: secret, SessionToken: "session+/="}
	uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), credentials, req, nothing, "kafka-cluster", "eu-west-1", signed)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	if want := u.Query().Get("X-Amz-Signature"); fields["x-amz-signature"] != want {
		t.Errorf("the signature is %s, want %s", fields["x-amz-signature"], want)
	}
}
