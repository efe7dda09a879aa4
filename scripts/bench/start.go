package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// buildFunction builds one function as make dist does, for this machine or another architecture.
func buildFunction(ctx context.Context, folder, arch, out string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", out, "./"+folder)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s for %s: %w\n%s", folder, arch, err, text)
	}
	return nil
}

// start measures a cold task function: the CPU time from exec to its first poll of the Lambda runtime API, which is when
// it could work. The least of several runs counts.
func start(ctx context.Context, arch string, runs int) ([]row, error) {
	dir, err := os.MkdirTemp("", "ferry-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	bootstrap := filepath.Join(dir, "bootstrap")
	if err := buildFunction(ctx, "functions/task/file", arch, bootstrap); err != nil {
		return nil, err
	}
	var cpu, wall time.Duration
	for i := range runs {
		c, w, err := startOnce(ctx, bootstrap)
		if err != nil {
			return nil, err
		}
		if i == 0 || c < cpu {
			cpu = c
		}
		if i == 0 || w < wall {
			wall = w
		}
	}
	return []row{{Metric: "task start to first poll, CPU", Value: float64(cpu.Microseconds()) / 1000, Unit: " ms", Gate: 10, Goal: 6,
		Detail: fmt.Sprintf("functions/task/file, least of %d; wall %.1f ms", runs, float64(wall.Microseconds())/1000)}}, nil
}

// startOnce runs the bootstrap until it asks for its first invocation.
func startOnce(ctx context.Context, bootstrap string) (cpu, wall time.Duration, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	polled := make(chan time.Time, 1)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/invocation/next") {
			select {
			case polled <- time.Now():
			default:
			}
		}
		<-r.Context().Done()
	})}
	go server.Serve(listener) //nolint:errcheck // it ends with Close
	defer server.Close()
	cmd := exec.CommandContext(ctx, bootstrap)
	cmd.Stderr = os.Stderr
	cmd.Env = append(functionEnvironment(), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	select {
	case at := <-polled:
		wall = at.Sub(begin)
		if err := cmd.Process.Kill(); err != nil {
			return 0, 0, err
		}
		<-exited //nolint:errcheck // it was killed
	case err := <-exited:
		return 0, 0, fmt.Errorf("the function ended before its first poll: %w", err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall, nil
}

// functionEnvironment is what a deployed task function finds.
func functionEnvironment() []string {
	return []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		"FERRY_LEASE_TABLE=leases", "CONNECT_BOOTSTRAP_SERVERS=127.0.0.1:9092", "CONNECT_GROUP_ID=ferry",
		"CONNECT_CONFIG_STORAGE_TOPIC=connect-configs", "CONNECT_OFFSET_STORAGE_TOPIC=connect-offsets", "CONNECT_STATUS_STORAGE_TOPIC=connect-status",
		"CONNECT_KEY_CONVERTER=org.apache.kafka.connect.storage.StringConverter", "CONNECT_VALUE_CONVERTER=org.apache.kafka.connect.json.JsonConverter",
	}
}
