package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/lease/dynamo"
	"github.com/ferry-connect/ferry/localstack/faults/ledger"
	"github.com/ferry-connect/ferry/localstack/faults/wire"
	"github.com/ferry-connect/ferry/localstack/lambda"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

const (
	leaseTable = "leases"
	// grace is what a lease lasts beyond its holder's deadline. All clocks here are one.
	grace = 500 * time.Millisecond
	// schedule is the time between two passes of the coordinator.
	schedule = 300 * time.Millisecond
)

// database is a DynamoDB with the table of leases.
type database struct {
	url   string
	table *dynamo.Table // past all taps
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	server := servers.DynamoDB(t)
	db := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(server.URL()), Region: "us-east-1", DisableValidateResponseChecksum: true,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	if err := dynamo.Create(t.Context(), db, leaseTable); err != nil {
		t.Fatal(err)
	}
	return &database{url: server.URL(), table: dynamo.New(db, leaseTable)}
}

// deployment is the product as it is deployed, for one connector: its own coordinator, API and task function, each behind
// taps, its own internal topics, and the Ledger at the other end.
type deployment struct {
	name   string // of the connector, of its topic, and before the names of all that is its own
	lambda *lambda.Lambda
	client *lambdaapi.Client
	broker *broker
	kafka  *kgo.Client // past the tap
	db     *database
	ledger *httptest.Server
	env    map[string]string
}

// taps are what a deployment's messages go through.
type taps struct{ kafka, dynamo, ledger wire.Tap }

// newDeployment starts all but the functions, which deploy does.
func newDeployment(t testing.TB, name string, db *database, b *broker, handler http.Handler, tap taps) *deployment {
	t.Helper()
	d := &deployment{name: name, broker: b, db: db}
	var err error
	if d.lambda, err = lambda.Start(lambda.Options{Logs: t.TempDir(), InitTime: time.Minute}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.lambda.Close(); err != nil {
			t.Error(err)
		}
	})
	d.client = lambdaapi.New(lambdaapi.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(d.lambda.URL()), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	if d.kafka, err = kgo.NewClient(append(b.opts[:len(b.opts):len(b.opts)], kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.UnknownTopicRetries(-1))...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kafka.Close)
	d.ledger = httptest.NewServer(handler)
	t.Cleanup(d.ledger.Close)
	dynamoTap, ledgerTap := proxy(t, db.url, tap.dynamo), proxy(t, d.ledger.URL, tap.ledger)
	const text = "org.apache.kafka.connect.storage.StringConverter"
	d.env = map[string]string{
		"AWS_ENDPOINT_URL_LAMBDA": d.lambda.URL(), "AWS_ENDPOINT_URL_DYNAMODB": dynamoTap.URL(),
		"FERRY_LEASE_TABLE": leaseTable, "FERRY_LEASE_GRACE": grace.String(), "FERRY_CATALOG": suite.catalog,
		"CONNECT_BOOTSTRAP_SERVERS": b.seeds, "CONNECT_GROUP_ID": name,
		"CONNECT_CONFIG_STORAGE_TOPIC": name + "-configs", "CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR": "1",
		"CONNECT_OFFSET_STORAGE_TOPIC": name + "-offsets", "CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR": "1", "CONNECT_OFFSET_STORAGE_PARTITIONS": "1",
		"CONNECT_STATUS_STORAGE_TOPIC": name + "-status", "CONNECT_STATUS_STORAGE_REPLICATION_FACTOR": "1", "CONNECT_STATUS_STORAGE_PARTITIONS": "1",
		"CONNECT_KEY_CONVERTER": text, "CONNECT_VALUE_CONVERTER": text,
		"LEDGER": ledgerTap.URL(),
	}
	created, err := kadm.NewClient(d.kafka).CreateTopic(t.Context(), 1, 1, nil, name)
	if err = errors.Join(err, created.Err); err != nil {
		t.Fatal(err)
	}
	return d
}

func proxy(t testing.TB, target string, tap wire.Tap) *wire.HTTP {
	t.Helper()
	h, err := wire.NewHTTP(target, tap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// deploy deploys the functions; taskTime is the timeout of the task function.
func (d *deployment) deploy(t testing.TB, taskTime time.Duration) {
	t.Helper()
	for function, timeout := range map[string]time.Duration{"api": time.Minute, "coordinator": 20 * time.Second, ledger.Function: taskTime} {
		if err := builds[function](); err != nil {
			t.Fatal(err)
		}
		env := maps.Clone(d.env)
		if function != ledger.Function && d.broker.control != "" {
			env["CONNECT_BOOTSTRAP_SERVERS"] = d.broker.control
		}
		err := d.lambda.Deploy(lambda.Function{
			Name: "ferry-" + function, Bootstrap: suite.functions[function], Memory: 512, Timeout: timeout, Env: env,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The functions' names.
const (
	apiFunction         = "ferry-api"
	coordinatorFunction = "ferry-coordinator"
	taskFunction        = "ferry-" + ledger.Function
)

// create makes the connector known, by the API.
func (d *deployment) create(t testing.TB, class string) {
	t.Helper()
	config := map[string]string{"connector.class": class, "ledger.url": d.env["LEDGER"], "topic": d.name, "topics": d.name}
	if class == ledger.SourceClass {
		delete(config, "topics")
	}
	body := map[string]any{"name": d.name, "config": config}
	for try := range 10 {
		status, answer, err := d.rest(t.Context(), http.MethodPost, "/connectors", body)
		// The fault may have struck by now, and what the API could not answer it may have done.
		if err == nil && (status == http.StatusCreated || status == http.StatusConflict && try > 0) {
			return
		}
		t.Logf("creating %s was answered %d: %s, %v", d.name, status, answer, err)
		wait(t.Context(), schedule)
	}
	t.Fatalf("%s could not be created", d.name)
}

// rest makes a request to the API function, as a function URL does.
func (d *deployment) rest(ctx context.Context, method, path string, body any) (status int, answer string, err error) {
	event := events.LambdaFunctionURLRequest{Version: "2.0", RawPath: path, Headers: map[string]string{"content-type": "application/json"}}
	event.RequestContext.HTTP.Method = method
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, "", err
		}
		event.Body = string(text)
	}
	text, err := d.call(ctx, apiFunction, event)
	if err != nil {
		return 0, "", err
	}
	var resp events.LambdaFunctionURLResponse
	err = json.Unmarshal(text, &resp)
	return resp.StatusCode, resp.Body, err
}

// call invokes a function and waits. A function that fails is an error.
func (d *deployment) call(ctx context.Context, name string, event any) ([]byte, error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	out, err := d.client.Invoke(ctx, &lambdaapi.InvokeInput{FunctionName: &name, Payload: payload})
	if err != nil {
		return nil, err
	}
	if out.FunctionError != nil {
		return nil, fmt.Errorf("%s failed: %s", name, out.Payload)
	}
	return out.Payload, nil
}

// pass has the coordinator look at the connector, as a schedule does.
func (d *deployment) pass(ctx context.Context) error {
	_, err := d.call(ctx, coordinatorFunction, map[string]string{"connector": d.name})
	return err
}

// running reports whether the API calls connector and task RUNNING.
func (d *deployment) running(ctx context.Context) error {
	_, body, err := d.rest(ctx, http.MethodGet, "/connectors/"+d.name+"/status", nil)
	if err != nil {
		return err
	}
	var status struct {
		Connector struct{ State string }
		Tasks     []struct{ State string }
	}
	if err := json.Unmarshal([]byte(body), &status); err != nil {
		return err
	}
	if status.Connector.State != "RUNNING" || len(status.Tasks) != 1 || status.Tasks[0].State != "RUNNING" {
		return fmt.Errorf("the status is %s", body)
	}
	return nil
}

func (d *deployment) lease(ctx context.Context) (lease.Item, error) {
	return d.db.table.Get(ctx, lease.Key{Connector: d.name})
}

// hurry does what a restart of the task does: it ends the rest that follows the third crash in a row, which is minutes long.
func (d *deployment) hurry(ctx context.Context) error {
	item, err := d.lease(ctx)
	if now := time.Now(); err != nil || item.Retired || item.Until.After(now) || !item.NotBefore.After(now) {
		return err
	}
	err = lease.New(d.db.table, lease.Options{}).Postpone(ctx, item.Key, item.Generation, time.Time{}, 0)
	if _, raised := errors.AsType[*lease.GenerationError](err); raised {
		return nil
	}
	return err
}

// position returns the offset of the connector's consumer group, 0 if there is none.
func (d *deployment) position(ctx context.Context) (int64, error) {
	offsets, err := kadm.NewClient(d.kafka).FetchOffsets(ctx, "connect-"+d.name)
	if err != nil {
		if missing(err) {
			return 0, nil
		}
		return 0, err
	}
	o, ok := offsets.Lookup(d.name, 0)
	if !ok || o.At < 0 {
		return 0, nil
	}
	return o.At, o.Err
}
