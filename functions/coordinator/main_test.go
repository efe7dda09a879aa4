package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease/dynamo"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/functions/environment"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

const fileSource = "org.apache.kafka.connect.file.FileStreamSourceConnector"

// api is Lambda's API with one function, ferry-file, which plans two tasks for every connector and notes what it is to run.
type api struct {
	url string

	mu      sync.Mutex
	started []string // connectors, one entry for each task
	refused string   // the connector whose tasks cannot be started
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{}
	server := httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	var req invoke.Request
	if err := json.Unmarshal(body, &req); err != nil || r.URL.Path != "/2015-03-31/functions/ferry-file/invocations" {
		w.Header().Set("X-Amzn-ErrorType", "ResourceNotFoundException")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	asynchronous := r.Header.Get("X-Amz-Invocation-Type") == "Event"
	switch {
	case req.Op == invoke.OpPlan && !asynchronous:
		_, _ = io.WriteString(w, `{"taskConfigs":[{"task.class":"T","n":"0"},{"task.class":"T","n":"1"}]}`)
	case req.Op == invoke.OpRun && asynchronous && req.Connector != a.refused:
		a.started = append(a.started, req.Connector)
		w.WriteHeader(http.StatusAccepted)
	default:
		w.Header().Set("X-Amzn-ErrorType", "InvalidParameterValueException")
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (a *api) refuse(connector string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused = connector
}

// takeStarted returns the connectors whose tasks were started since the last call.
func (a *api) takeStarted() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.started
	a.started = nil
	slices.Sort(s)
	return s
}

// newFunction is the function as its environment makes it, and the store of the same cluster.
func newFunction(t *testing.T, lambdaAPI *api) (*handler, *store.Store) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a server")
	}
	broker, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	database := servers.DynamoDB(t).URL()
	db := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(database), Region: "us-east-1", DisableValidateResponseChecksum: true,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	if err := dynamo.Create(t.Context(), db, "leases"); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
		"AWS_ENDPOINT_URL_DYNAMODB": database, "AWS_ENDPOINT_URL_LAMBDA": lambdaAPI.url, environment.LeaseTable: "leases",
		"CONNECT_BOOTSTRAP_SERVERS": strings.Join(broker.ListenAddrs(), ","), "CONNECT_GROUP_ID": "g",
		"CONNECT_CONFIG_STORAGE_TOPIC": "configs", "CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR": "1",
		"CONNECT_OFFSET_STORAGE_TOPIC": "offsets", "CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR": "1",
		"CONNECT_STATUS_STORAGE_TOPIC": "status", "CONNECT_STATUS_STORAGE_REPLICATION_FACTOR": "1",
		"CONNECT_KEY_CONVERTER": "k", "CONNECT_VALUE_CONVERTER": "v",
	} {
		t.Setenv(name, value)
	}
	env, err := environment.Read()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{
		Kafka: []kgo.Opt{kgo.SeedBrokers(broker.ListenAddrs()...)}, GroupID: "g",
		ConfigTopic: "configs", OffsetTopic: "offsets", StatusTopic: "status",
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	h := &handler{env: env}
	t.Cleanup(func() {
		if h.plane != nil {
			h.plane.Close()
		}
	})
	return h, s
}

func create(t *testing.T, s *store.Store, name string) {
	t.Helper()
	config := store.Properties{}.With("connector.class", fileSource).With("name", name).With("tasks.max", "2")
	if err := s.Configs().PutConnector(t.Context(), name, config, nil); err != nil {
		t.Fatal(err)
	}
}

// send hands the function an event and returns what it did.
func send(t *testing.T, h *handler, event string) (answer, error) {
	t.Helper()
	payload, err := h.Invoke(t.Context(), []byte(event))
	var a answer
	if err == nil {
		err = json.Unmarshal(payload, &a)
	}
	return a, err
}

func TestAnEventMakesAPass(t *testing.T) {
	lambdaAPI := newAPI(t)
	h, s := newFunction(t, lambdaAPI)
	create(t, s, "a")
	create(t, s, "b")

	a, err := send(t, h, `{"connector":"a"}`)
	if err != nil || len(a.Passes) != 1 || !a.Passes[0].Published || !slices.Equal(a.Passes[0].Started, []int{0, 1}) {
		t.Errorf("an event for one connector led to %+v, %v", a, err)
	}
	if got := lambdaAPI.takeStarted(); !slices.Equal(got, []string{"a", "a"}) {
		t.Errorf("it started tasks of %v", got)
	}
	// A schedule's event names no connector, and the sandbox is warm.
	plane := h.plane
	if a, err = send(t, h, `{}`); err != nil || len(a.Passes) != 2 || h.plane != plane {
		t.Errorf("an event for all led to %+v, %v", a, err)
	}
	if got := lambdaAPI.takeStarted(); !slices.Equal(got, []string{"a", "a", "b", "b"}) {
		t.Errorf("it started tasks of %v", got)
	}
	// When a secret of the worker has changed, it connects anew.
	h.renew()
	if a, err = send(t, h, `{"connector":"a"}`); err != nil || len(a.Passes) != 1 || h.plane == plane {
		t.Errorf("after that an event led to %+v, %v", a, err)
	}
}

func TestAFailedPassKeepsNoOtherFromBeingMadeAndFailsTheEvent(t *testing.T) {
	lambdaAPI := newAPI(t)
	h, s := newFunction(t, lambdaAPI)
	for _, name := range []string{"a", "b", "c"} {
		create(t, s, name)
	}
	lambdaAPI.refuse("b")
	_, err := send(t, h, `{}`)
	if err == nil || !strings.Contains(err.Error(), "pass over b") || strings.Contains(err.Error(), "pass over c") {
		t.Errorf("the event ended with %v", err)
	}
	if got := lambdaAPI.takeStarted(); !slices.Equal(got, []string{"a", "a", "c", "c"}) {
		t.Errorf("it started tasks of %v", got)
	}
	lambdaAPI.refuse("")
	if a, err := send(t, h, `{"connector":"b"}`); err != nil || len(lambdaAPI.takeStarted()) != 2 {
		t.Errorf("when the failure had passed, the event led to %+v, %v", a, err)
	}
}

// The API function writes the config topic between two passes of a warm sandbox.
func TestAWarmCoordinatorGoesOnAfterTheAPIWrote(t *testing.T) {
	lambdaAPI := newAPI(t)
	h, s := newFunction(t, lambdaAPI)
	for _, name := range []string{"a", "b", "c"} {
		create(t, s, name)
		a, err := send(t, h, `{"connector":"`+name+`"}`)
		if err != nil || !a.Passes[0].Published || len(lambdaAPI.takeStarted()) != 2 {
			t.Errorf("the pass over %s led to %+v, %v", name, a, err)
		}
	}
}

func TestAnEventThatIsNoneIsRefusedBeforeAnythingIsOpened(t *testing.T) {
	h := &handler{}
	if _, err := h.Invoke(t.Context(), []byte(`[1]`)); err == nil || !strings.Contains(err.Error(), "decode the event") {
		t.Errorf("it ended with %v", err)
	}
}
