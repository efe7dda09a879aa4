package security_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
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

// account is AWS with keys that change.
type account struct {
	asked []security.AWSIdentity
	keys  security.AWSKeys
}

func (a *account) Keys(_ context.Context, id security.AWSIdentity) (security.AWSKeys, error) {
	a.asked = append(a.asked, id)
	return a.keys, nil
}

func (a *account) Region() string { return "eu-west-1" }

func TestAConnectionToMSKIsSignedByTheKeysOfTheMoment(t *testing.T) {
	aws := &account{keys: security.AWSKeys{AccessKeyID: "AKID", SecretKey: secret, SessionToken: "session"}}
	m := mechanismOf(t, with(set{"security.protocol": "SASL_SSL", "sasl.mechanism": "AWS_MSK_IAM",
		"sasl.jaas.config":                   iamModule + ` required awsRoleArn="arn:aws:iam::1:role/r" awsRoleSessionName="s" awsStsRegion="us-east-1" awsProfileName="p";`,
		"sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler"}), aws)
	if m.Name() != "AWS_MSK_IAM" {
		t.Errorf("the mechanism is %s", m.Name())
	}
	for _, id := range []string{"AKID", "NEXT"} {
		aws.keys.AccessKeyID = id
		got, err := first(t.Context(), m, "b-1.c.kafka.us-west-2.amazonaws.com:9098")
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]string
		if err := json.Unmarshal([]byte(got), &fields); err != nil {
			t.Fatal(err)
		}
		names := slices.Sorted(maps.Keys(fields))
		want := []string{"action", "host", "user-agent", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-security-token", "x-amz-signature", "x-amz-signedheaders"}
		if !slices.Equal(names, want) || fields["action"] != "kafka-cluster:Connect" || fields["host"] != "b-1.c.kafka.us-west-2.amazonaws.com" || fields["version"] != "2020_10_22" ||
			!strings.HasPrefix(fields["x-amz-credential"], id+"/") || !strings.HasSuffix(fields["x-amz-credential"], "/us-west-2/kafka-cluster/aws4_request") {
			t.Errorf("the broker is sent %v", fields)
		}
	}
	if id := aws.asked[0]; id.RoleARN != "arn:aws:iam::1:role/r" || id.SessionName != "s" || id.Region != "us-east-1" || id.Profile != "p" {
		t.Errorf("AWS is asked for %+v", id)
	}
}

func TestATokenForMSKIsASignedURL(t *testing.T) {
	aws := &account{keys: security.AWSKeys{AccessKeyID: "AKID", SecretKey: secret, SessionToken: "session"}}
	m := mechanismOf(t, with(saslSettings("OAUTHBEARER", oauthModule+" required;"), set{"sasl.login.callback.handler.class": "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler"}), aws)
	got, err := first(t.Context(), m, "b:1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimSuffix(strings.TrimPrefix(got, "n,,\x01auth=Bearer "), "\x01\x01"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Host != "kafka.eu-west-1.amazonaws.com" || u.Path != "/" || q.Get("Action") != "kafka-cluster:Connect" || q.Get("X-Amz-Expires") != "300" || len(q.Get("X-Amz-Signature")) != 64 || q.Get("User-Agent") == "" || q.Get("X-Amz-Security-Token") != "session" {
		t.Errorf("the token is %s", u)
	}
}

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
