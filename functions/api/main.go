// Command api is the REST API as a function, behind a function URL or an HTTP API.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/rest/basicauth"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/server"
	"github.com/ferry-connect/ferry/functions/control"
	"github.com/ferry-connect/ferry/functions/environment"
)

func main() {
	env, err := environment.Read()
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the API function cannot start", "error", err)
		os.Exit(1)
	}
	if env.Memory > 0 {
		debug.SetMemoryLimit(env.Memory / 4 * 3) // as in task functions
	}
	lambda.Start(&function{env: env})
}

// function connects at its first event and is used for one event at a time, as Lambda does.
type function struct {
	env      *environment.Environment
	api      http.Handler
	rotation environment.Rotation
}

// connected is the API with what it is over.
type connected struct {
	http.Handler
	plane *control.Plane
}

// Invoke implements lambda.Handler.
func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if f.rotation.Happened(ctx, f.env.Worker) {
		f.renew()
	}
	if f.api == nil {
		api, err := open(ctx, f.env)
		if err != nil { // the next event tries again
			f.env.Log.Error("the API cannot start", "error", err)
			return handler{http: rest.Starting(err, f.env.Log)}.Invoke(ctx, payload)
		}
		f.api = api
	}
	return handler{http: f.api}.Invoke(ctx, payload)
}

// openTime bounds the attempt to connect: clients wait ten seconds for an answer.
const openTime = 9 * time.Second

func open(ctx context.Context, env *environment.Environment) (http.Handler, error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	plane, err := control.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	api, err := serve(ctx, plane)
	if err != nil {
		plane.Close() // the next event opens another
		return nil, err
	}
	return connected{api, plane}, nil
}

func serve(ctx context.Context, plane *control.Plane) (http.Handler, error) {
	env := plane.Env
	meta, err := kadm.NewClient(plane.Kafka).BrokerMetadata(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the cluster's id: %w", err)
	}
	api, err := rest.New(rest.Options{
		Store: plane.Store, Catalog: plane.Catalog, Invoker: env.Invoker(), Trigger: trigger(env),
		Restart: plane.Coordinator.Restart, Hold: plane.Coordinator.Hold, Fence: plane.Coordinator.Fence, Kafka: plane.Kafka,
		WorkerID: env.Worker.WorkerID, Version: builtin.Version, ClusterID: meta.Cluster, Worker: env.Worker,
		Log: env.Log, Loggers: env.Loggers, Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	// It is closed with the process, which Lambda ends without asking.
	front, err := server.NewFront(server.FrontOptions{
		API: api, Worker: env.Worker, Extensions: []extension.Class{basicauth.Class()}, Log: env.Log, Now: time.Now,
		Cluster: extension.NewCluster(plane.Store, plane.Catalog, meta.Cluster),
	})
	if err != nil {
		return nil, err
	}
	return front.Main, nil
}

// triggerTime bounds the wish for a pass. If it cannot be told, the schedule finds the change; nothing is lost but time.
const triggerTime = 3 * time.Second

// trigger asks the coordinator function for a pass over a connector.
func trigger(env *environment.Environment) func(string) {
	client := env.Lambda()
	name := env.Prefix() + "coordinator"
	return func(connector string) {
		ctx, cancel := context.WithTimeout(context.Background(), triggerTime)
		defer cancel()
		payload, err := json.Marshal(map[string]string{"connector": connector})
		if err == nil {
			_, err = client.Invoke(ctx, &lambdaapi.InvokeInput{FunctionName: aws.String(name), InvocationType: types.InvocationTypeEvent, Payload: payload})
		}
		if err != nil {
			env.Log.Warn("could not ask for a pass; the schedule will make it", "connector", connector, "error", err)
		}
	}
}

// renew makes the event connect anew, with the secrets that the worker's configuration has now.
func (f *function) renew() {
	env, err := environment.Read()
	if err != nil {
		f.env.Log.Error("a secret of the worker has changed, and the environment cannot be read anew", "error", err)
		return
	}
	if c, ok := f.api.(connected); ok {
		c.plane.Close()
	}
	f.env, f.api = env, nil
}
