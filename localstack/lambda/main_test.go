package lambda_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

// builds are the function binaries of this test run, each built once, when a test first needs it.
var builds = struct {
	sync.Mutex
	folder string
	paths  map[string]string
}{paths: map[string]string{}}

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "ferry-functions-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	builds.folder = folder
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// build builds a function as make dist does, for this machine, and returns the path of its bootstrap.
func build(t testing.TB, pkg string) string {
	t.Helper()
	builds.Lock()
	defer builds.Unlock()
	if path, ok := builds.paths[pkg]; ok {
		return path
	}
	path := filepath.Join(builds.folder, fmt.Sprint(len(builds.paths)), "bootstrap")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	builds.paths[pkg] = path
	return path
}

// start starts a Lambda that ends with the test.
func start(t testing.TB, retryAfter func(int) time.Duration) *lambda.Lambda {
	t.Helper()
	return startWith(t, lambda.Options{RetryAfter: retryAfter})
}

func startWith(t testing.TB, o lambda.Options) *lambda.Lambda {
	t.Helper()
	o.Logs = t.TempDir()
	l, err := lambda.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func deploy(t testing.TB, l *lambda.Lambda, f lambda.Function) {
	t.Helper()
	if err := l.Deploy(f); err != nil {
		t.Fatal(err)
	}
}

// client is the SDK's, without retries: each request is one.
func client(l *lambda.Lambda) *lambdaapi.Client {
	return lambdaapi.New(lambdaapi.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(l.URL()), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// settled waits until nothing runs and nothing is queued.
func settled(t testing.TB, l *lambda.Lambda) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := l.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until a condition holds, and looks often; a test that waits in vain fails with what is missing.
func eventually(t *testing.T, within time.Duration, missing string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("after %v: %s", within, missing)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}
