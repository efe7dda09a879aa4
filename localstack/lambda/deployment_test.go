package lambda_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/lease/dynamo"
	"github.com/ferry-connect/ferry/localstack/lambda"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

const (
	leaseTable = "leases"
	// taskTime is the timeout of the task function. A killed task's lease runs out after it, and ten seconds of grace.
	taskTime = 6 * time.Second
	secret   = "correct horse battery staple"
)

// deployment is the product as it is deployed: the real functions, with an embedded broker and DynamoDB Local.
type deployment struct {
	t      testing.TB
	lambda *lambda.Lambda
	client *lambdaapi.Client
	kafka  *kgo.Client
	table  *dynamo.Table
	db     *dynamodb.Client
	seeds  []string
	tasks  *counter // requests of the task function to DynamoDB
}

// newDeployment deploys the functions, with what edit makes of the environment of each.
func newDeployment(t testing.TB, edit ...func(d *deployment, function string, env map[string]string)) *deployment {
	t.Helper()
	if testing.Short() {
		t.Skip("starts servers and builds functions")
	}
	database := servers.DynamoDB(t)
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "lines", "a", "b", "c"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	d := &deployment{t: t, lambda: start(t, nil), seeds: broker.ListenAddrs(), tasks: count(t, database.URL())}
	d.client = client(d.lambda)
	if d.kafka, err = kgo.NewClient(kgo.SeedBrokers(d.seeds...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kafka.Close)
	d.db = dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(database.URL()), Region: "us-east-1", DisableValidateResponseChecksum: true,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	if err := dynamo.Create(t.Context(), d.db, leaseTable); err != nil {
		t.Fatal(err)
	}
	d.table = dynamo.New(d.db, leaseTable)
	t.Cleanup(func() { d.explain(t) })
	for name, f := range map[string]lambda.Function{
		"api":         {Bootstrap: "functions/api", Timeout: 30 * time.Second},
		"coordinator": {Bootstrap: "functions/coordinator", Timeout: time.Minute},
		"file":        {Bootstrap: "functions/task/file", Timeout: taskTime},
	} {
		f.Name, f.Memory, f.Bootstrap = "ferry-"+name, 512, build(t, "github.com/ferry-connect/ferry/"+f.Bootstrap)
		f.Env = d.environment(database.URL())
		if name == "file" {
			f.Env["AWS_ENDPOINT_URL_DYNAMODB"] = d.tasks.url
			f.Env["SECRET"] = secret
		}
		for _, e := range edit {
			e(d, name, f.Env)
		}
		deploy(t, d.lambda, f)
	}
	return d
}

// explain shows the end of what the functions logged when the test failed.
func (d *deployment) explain(t testing.TB) {
	if !t.Failed() {
		return
	}
	for _, name := range []string{"ferry-api", "ferry-coordinator", "ferry-file"} {
		logs, err := d.lambda.Logs(name)
		t.Logf("the log of %s: %v\n%s", name, err, logs[max(0, len(logs)-8<<10):])
	}
}

func (d *deployment) environment(database string) map[string]string {
	const text = "org.apache.kafka.connect.storage.StringConverter"
	return map[string]string{
		"AWS_ENDPOINT_URL_LAMBDA": d.lambda.URL(), "AWS_ENDPOINT_URL_DYNAMODB": database, "FERRY_LEASE_TABLE": leaseTable,
		"CONNECT_BOOTSTRAP_SERVERS": strings.Join(d.seeds, ","), "CONNECT_GROUP_ID": "g",
		"CONNECT_CONFIG_STORAGE_TOPIC": "configs", "CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR": "1",
		"CONNECT_OFFSET_STORAGE_TOPIC": "offsets", "CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR": "1",
		"CONNECT_STATUS_STORAGE_TOPIC": "status", "CONNECT_STATUS_STORAGE_REPLICATION_FACTOR": "1",
		"CONNECT_KEY_CONVERTER": text, "CONNECT_VALUE_CONVERTER": text,
		"CONNECT_CONFIG_PROVIDERS": "env", "CONNECT_CONFIG_PROVIDERS_ENV_CLASS": "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
	}
}

// call invokes a function and waits; a function that fails is a failed test.
func (d *deployment) call(name string, event any) []byte {
	d.t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := d.client.Invoke(d.t.Context(), &lambdaapi.InvokeInput{FunctionName: &name, Payload: payload})
	if err != nil {
		d.t.Fatal(err)
	}
	if out.FunctionError != nil {
		logs, _ := d.lambda.Logs(name)
		d.t.Fatalf("%s failed: %s\n%s", name, out.Payload, logs)
	}
	return out.Payload
}

// rest makes a request to the API function, as a function URL does.
func (d *deployment) rest(method, path string, body any) (status int, answer string) {
	d.t.Helper()
	event := events.LambdaFunctionURLRequest{Version: "2.0", RawPath: path, Headers: map[string]string{"content-type": "application/json"}}
	event.RequestContext.HTTP.Method = method
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			d.t.Fatal(err)
		}
		event.Body = string(text)
	}
	var resp events.LambdaFunctionURLResponse
	if err := json.Unmarshal(d.call("ferry-api", event), &resp); err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, resp.Body
}

func (d *deployment) create(name string, config map[string]string) {
	d.t.Helper()
	if status, answer := d.rest("POST", "/connectors", map[string]any{"name": name, "config": config}); status != http.StatusCreated {
		d.t.Fatalf("creating %s was answered %d: %s", name, status, answer)
	}
}

// pass has the coordinator look at all connectors, as the schedule does, and waits for the tasks it starts.
func (d *deployment) pass() {
	d.t.Helper()
	d.call("ferry-coordinator", struct{}{})
	settled(d.t, d.lambda)
}

// committed returns how far readers of committed records can read a topic of one partition.
func (d *deployment) committed(topic string) int64 {
	d.t.Helper()
	ends, err := kadm.NewClient(d.kafka).ListCommittedOffsets(d.t.Context(), topic)
	if err != nil {
		d.t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, 0)
	return end.Offset
}

// read returns the keys and values of a topic, as a read_committed reader sees them.
func (d *deployment) read(topic string) (keys, values []string) {
	d.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(d.seeds...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.KeepControlRecords())
	if err != nil {
		d.t.Fatal(err)
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListCommittedOffsets(d.t.Context(), topic)
	if err != nil {
		d.t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	for len(left) > 0 {
		fetches := cl.PollFetches(d.t.Context())
		if err := fetches.Err(); err != nil {
			d.t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			if !r.Attrs.IsControl() {
				keys, values = append(keys, string(r.Key)), append(values, string(r.Value))
			}
		})
	}
	return keys, values
}

func (d *deployment) item(connector string) lease.Item {
	d.t.Helper()
	item, err := d.table.Get(d.t.Context(), lease.Key{Connector: connector})
	if err != nil {
		d.t.Fatal(err)
	}
	return item
}

// counter is a proxy in front of DynamoDB that counts requests by operation.
type counter struct {
	url string

	mu  sync.Mutex
	ops map[string]int
}

func count(t testing.TB, database string) *counter {
	t.Helper()
	target, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{ops: map[string]int{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		// A function that is killed leaves its request behind.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.ops[op]++
		c.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// take returns reads and writes since the last call; an operation that is neither is a failed test.
func (c *counter) take(t testing.TB) (reads, writes int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for op, n := range c.ops {
		switch op {
		case "GetItem", "Query":
			reads += n
		case "PutItem", "UpdateItem", "DeleteItem":
			writes += n
		default:
			t.Errorf("%d requests for %q", n, op)
		}
	}
	clear(c.ops)
	return reads, writes
}

// numbered returns lines that say where they come from.
func numbered(name string, from, to int) []string {
	lines := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		lines = append(lines, fmt.Sprintf("%s line %d of a text that is not of any interest", name, i))
	}
	return lines
}
