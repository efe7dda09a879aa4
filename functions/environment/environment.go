// Package environment reads what a Lambda function is told by its environment: the Connect worker's keys, the names of the
// lease table and of the functions, and AWS's own variables. Everything that can be wrong is said at the start, all at once.
//
// The default configuration loader of the AWS SDK is left out on purpose: it looks at files, profiles and metadata services
// that a function does not have, costs about 6 ms of CPU at every cold start, and would be a quarter of the binary.
package environment

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef/secrets"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke/awslambda"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/lease/dynamo"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// Names of the variables that are Ferry's own.
const (
	// LeaseTable names the DynamoDB table of leases.
	LeaseTable = "FERRY_LEASE_TABLE"
	// FunctionPrefix begins the names of all functions; ferry- by default. The coordinator is prefix + coordinator, a
	// connector package's function prefix + its name.
	FunctionPrefix = "FERRY_FUNCTION_PREFIX"
	// LogLevel is TRACE, DEBUG, INFO, WARN, ERROR or OFF, of every logger whose level is not set through the API; INFO by default.
	LogLevel = "FERRY_LOG_LEVEL"
	// LeaseSeconds is for how many seconds a task takes its lease before it has to renew it; 120 by default. With less, others
	// hear of a crash sooner, and each invocation that lasts longer writes its lease every half of it. It has to be well
	// above the time in which Kafka answers: transactions are bounded by it.
	LeaseSeconds = "FERRY_LEASE_SECONDS"
	// LeaseGrace is how long beyond its time a lease lasts, such as 500ms; by default half of LeaseSeconds, and at most 10s. It
	// covers clocks that differ: with less, a task may be started while another invocation of it still runs, which costs work, not
	// records.
	LeaseGrace = "FERRY_LEASE_GRACE"
	// Catalog names a file with the connector classes of functions of your own, in the form of coordinator/catalog/catalog.json.
	// The coordinator and the API read it, and a task function when it validates a configuration with placeholders.
	Catalog = "FERRY_CATALOG"
)

// Environment is what a function was told. It may hold secrets and is immutable.
type Environment struct {
	// Worker is the configuration of the Connect cluster, from CONNECT_* variables.
	Worker *worker.Config
	// Function is this function's own name, Instance names this instance of it.
	Function, Instance string
	// Memory is the function's memory in bytes.
	Memory int64
	// Lease is for how long a task takes its lease.
	Lease time.Duration
	// Log writes JSON lines to standard error, as CloudWatch Logs wants them. Loggers has the levels of its parts.
	Log     *slog.Logger
	Loggers *loggers.Loggers

	grace  time.Duration // of leases
	lookup func(string) string
}

// Read reads the process environment. Where the worker has no client.rack, it asks Lambda for the availability zone, which is
// what Amazon MSK calls its racks: then a broker of the same zone serves fetches, if the cluster lets followers do so.
func Read() (*Environment, error) { return read(os.Environ(), os.Getenv) }

func read(environ []string, lookup func(string) string) (*Environment, error) {
	e := &Environment{
		lookup: lookup, Function: lookup("AWS_LAMBDA_FUNCTION_NAME"), Instance: lookup("AWS_LAMBDA_LOG_STREAM_NAME"),
		Memory: megabytes(lookup("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")),
	}
	var err error
	level, known := loggers.ParseLevel(def(lookup(LogLevel), "INFO"))
	if !known {
		err = fmt.Errorf("environment variable %s is %q: it must be TRACE, DEBUG, INFO, WARN, ERROR or OFF", LogLevel, lookup(LogLevel))
	}
	e.Loggers = loggers.New(level, time.Now)
	e.Log = slog.New(e.Loggers.Handler(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: loggers.LevelAll})))
	term, termErr := seconds(def(lookup(LeaseSeconds), "120"))
	e.Lease = term
	grace, graceErr := min(10*time.Second, term/2), error(nil)
	if text := lookup(LeaseGrace); text != "" {
		grace, graceErr = duration(LeaseGrace, text)
	}
	e.grace = grace
	var missing []error
	for _, name := range []string{LeaseTable, "AWS_REGION"} {
		if lookup(name) == "" {
			missing = append(missing, fmt.Errorf("environment variable %s is not set", name))
		}
	}
	properties := worker.FromEnvironment(environ)
	if properties["client.rack"] == "" {
		z, zoneErr := zone(lookup)
		if zoneErr != nil { // a fetch from a broker further away is dearer, and as good
			e.Log.Debug("the availability zone is unknown, so client.rack is not set", "error", zoneErr)
		}
		properties["client.rack"] = z
	}
	w, workerErr := worker.New(properties)
	e.Worker = w
	if w != nil {
		e.Log = secrets.New(w.Secrets()).Logger(e.Log)
	}
	if err := errors.Join(append(missing, err, termErr, graceErr, workerErr)...); err != nil {
		return nil, fmt.Errorf("read the function's environment: %w", err)
	}
	for _, warning := range w.Warnings() {
		e.Log.Warn(warning)
	}
	return e, nil
}

func megabytes(text string) int64 {
	var n int64
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil {
		return 0
	}
	return n << 20
}

// Bounds of LeaseSeconds: below the first Kafka could not answer in time, and no invocation lasts longer than the second.
const minLeaseSeconds, maxLeaseSeconds = 2, 900

func seconds(text string) (time.Duration, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < minLeaseSeconds || n > maxLeaseSeconds {
		return 0, fmt.Errorf("environment variable %s is %q: it must be a whole number of seconds from %d to %d", LeaseSeconds, text, minLeaseSeconds, maxLeaseSeconds)
	}
	return time.Duration(n) * time.Second, nil
}

// duration reads a variable that holds a positive duration.
func duration(name, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("environment variable %s is %q: it must be a duration above zero, such as 500ms or 10s", name, text)
	}
	return d, nil
}

func def(v, d string) string {
	if v == "" {
		return d
	}
	return v
}

// Leases returns the leases in the table that the environment names.
func (e *Environment) Leases() *lease.Leases {
	client := dynamodb.New(dynamodb.Options{
		Region: e.lookup("AWS_REGION"), Credentials: e.credentials(), BaseEndpoint: e.endpoint("DYNAMODB"),
	})
	return lease.New(dynamo.New(client, e.lookup(LeaseTable), dynamo.Log(e.Log.With(loggers.Key, loggers.Leases))), lease.Options{Grace: e.grace})
}

// Classes returns the catalog of plugins, with those of the file that the environment names.
func (e *Environment) Classes() (*catalog.Catalog, error) {
	path := e.lookup(Catalog)
	if path == "" {
		return catalog.Load()
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Catalog, err)
	}
	c, err := catalog.LoadWith(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", Catalog, path, err)
	}
	return c, nil
}

// Lambda returns a client of the Lambda API.
func (e *Environment) Lambda() *lambda.Client {
	return lambda.New(lambda.Options{
		Region: e.lookup("AWS_REGION"), Credentials: e.credentials(), BaseEndpoint: e.endpoint("LAMBDA"),
	})
}

// Invoker reaches the functions of this deployment.
func (e *Environment) Invoker() *awslambda.Invoker { return awslambda.New(e.Lambda(), e.Prefix()) }

// Self starts further invocations of this very function, under Function.
func (e *Environment) Self() *awslambda.Invoker { return awslambda.New(e.Lambda(), "") }

// Prefix begins the names of this deployment's functions.
func (e *Environment) Prefix() string { return def(e.lookup(FunctionPrefix), "ferry-") }

// credentials are those that Lambda puts into the environment of every function.
func (e *Environment) credentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(e.lookup("AWS_ACCESS_KEY_ID"), e.lookup("AWS_SECRET_ACCESS_KEY"), e.lookup("AWS_SESSION_TOKEN"))
}

// endpoint is where a service is when it is not on AWS, under the names that all AWS SDKs know.
func (e *Environment) endpoint(service string) *string {
	url := def(e.lookup("AWS_ENDPOINT_URL_"+service), e.lookup("AWS_ENDPOINT_URL"))
	if url = strings.TrimSpace(url); url == "" {
		return nil
	}
	return aws.String(url)
}
