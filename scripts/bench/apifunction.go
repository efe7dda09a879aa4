package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/localstack/lambda/cell"
)

// apiFunction measures the real function, as Lambda starts it: how long a cold one takes to its first answer, and how much memory it has when
// it has listed everything.
func apiFunction(ctx context.Context, b *broker, name string) ([]row, error) {
	dir, err := os.MkdirTemp("", "ferry-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	bootstrap := filepath.Join(dir, "bootstrap")
	if err := buildFunction(ctx, "functions/api", runtime.GOARCH, bootstrap); err != nil {
		return nil, err
	}
	const starts = 15
	var wall, cpu []time.Duration
	for range starts {
		f, err := startSandbox(ctx, bootstrap, apiEnvironment(b.addr, name), "")
		if err != nil {
			return nil, err
		}
		_, err = f.get(ctx, "/connectors", "")
		wall = append(wall, time.Since(f.began))
		cpu = append(cpu, f.stop())
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(wall)
	rows := []row{{
		Metric: "cold API function to its first answer", Value: milliseconds(wall[0]), Unit: " ms", Gate: 150, Goal: 100,
		Detail: fmt.Sprintf("the names of %d connectors of %d tasks, read from the config topic; least of %d, median %.0f ms, CPU %.0f ms",
			apiConnectors, apiTasks, starts, milliseconds(wall[starts/2]), milliseconds(slices.Min(cpu))),
	}}
	r, err := apiMemory(ctx, bootstrap, b, name)
	return append(rows, r), err
}

// apiMemory runs the function in a cell of 128 MB, lists everything a few times, and changes something.
func apiMemory(ctx context.Context, bootstrap string, b *broker, name string) (row, error) {
	r := row{Metric: "API function in a 128 MB limit, peak memory", Unit: " MB", Gate: 128, Goal: 96}
	limited, err := cell.New("api", cellBytes)
	if err != nil {
		r.Skipped = "no memory cgroup can be made here: " + err.Error()
		return r, nil
	}
	defer limited.Close()
	f, err := startSandbox(ctx, bootstrap, apiEnvironment(b.addr, name), limited.Path())
	if err != nil {
		return r, err
	}
	defer f.stop()
	var size int
	for range 10 {
		answer, err := f.get(ctx, "/connectors", "expand=status&expand=info")
		if err != nil {
			return r, err
		}
		size = len(answer)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.cmd.Process.Pid))
	if err != nil {
		return r, err
	}
	peak, err := peakIn(status)
	if err != nil {
		return r, err
	}
	kib, err := strconv.ParseFloat(peak, 64)
	r.Value = kib / 1024
	r.Detail = fmt.Sprintf("resident, after ten lists with expand of %d connectors of %d tasks, %.1f MB each", apiConnectors, apiTasks, float64(size)/1e6)
	return r, err
}

// apiEnvironment is what the function finds; the answers of DynamoDB and Lambda are not needed.
func apiEnvironment(addr, name string) []string {
	env := []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "FERRY_LEASE_TABLE=leases",
	}
	for key, value := range planeWorker(addr, name) {
		env = append(env, "CONNECT_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))+"="+value)
	}
	return env
}

// sandbox is a process of a function behind a Lambda runtime API that hands it one event at a time.
type sandbox struct {
	cmd     *exec.Cmd
	began   time.Time
	server  *http.Server
	events  chan []byte
	answers chan answer
	exited  chan struct{}
}

type answer struct {
	body  []byte
	error bool
}

// startSandbox starts the process; in a cell if there is one.
func startSandbox(ctx context.Context, bootstrap string, env []string, group string) (*sandbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &sandbox{events: make(chan []byte), answers: make(chan answer), exited: make(chan struct{})}
	f.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: f}
	go f.server.Serve(listener) //nolint:errcheck // it ends with Close
	f.cmd = exec.CommandContext(ctx, bootstrap)
	f.cmd.Env, f.cmd.Stderr = append(env, "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String()), os.Stderr
	f.began = time.Now()
	if err := f.cmd.Start(); err != nil {
		return nil, errors.Join(err, f.server.Close())
	}
	go func() {
		defer close(f.exited)
		_ = f.cmd.Wait() // it is killed
	}()
	if group == "" {
		return f, nil
	}
	limited, err := cell.Open(group)
	if err == nil {
		err = limited.Enter(f.cmd.Process.Pid)
	}
	if err != nil {
		f.stop()
		return nil, err
	}
	return f, nil
}

// ServeHTTP is the runtime API.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (f *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/invocation/next") {
		select {
		case event := <-f.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "request")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			_, _ = w.Write(event)
		case <-r.Context().Done():
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	select {
	case f.answers <- answer{body, strings.HasSuffix(r.URL.Path, "/error")}:
	case <-r.Context().Done():
	}
}

// get sends the event of a GET and returns the body of the answer.
func (f *sandbox) get(ctx context.Context, path, query string) ([]byte, error) {
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "rawPath": path, "rawQueryString": query, "requestContext": map[string]any{"http": map[string]string{"method": "GET", "path": path}},
	})
	if err != nil {
		return nil, err
	}
	select {
	case f.events <- event:
	case <-f.exited:
		return nil, errors.New("the function ended")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case a := <-f.answers:
		var response struct {
			StatusCode int
			Body       string
		}
		if err := json.Unmarshal(a.body, &response); err != nil || a.error || response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("GET %s is answered with %.300s (%w)", path, a.body, err)
		}
		return []byte(response.Body), nil
	case <-f.exited:
		return nil, errors.New("the function ended")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// stop ends the process and returns the CPU time that it has used. It is called once.
func (f *sandbox) stop() time.Duration {
	_ = f.cmd.Process.Kill()
	<-f.exited
	_ = f.server.Close()
	return f.cmd.ProcessState.UserTime() + f.cmd.ProcessState.SystemTime()
}
