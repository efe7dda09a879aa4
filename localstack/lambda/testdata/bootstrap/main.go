// Command bootstrap is a function that does what its event says.
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
	"os/signal"
	"strings"
	"syscall"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
)

type event struct {
	Do   string `json:"do"`
	Text string `json:"text"`
	Size int    `json:"size"`
}

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		os.Exit(4)
	case "hang":
		hang()
	case "report":
		post("init/error", `{"errorType":"Function.NoModel","errorMessage":"the model is missing"}`)
		hang()
	}
	var options []lambda.Option
	if file := os.Getenv("SIGTERM"); file != "" { // leaves a file when it is told to end, and goes on
		options = append(options, lambda.WithEnableSIGTERM(func() { _ = os.WriteFile(file, nil, 0o600) }))
	}
	if log := os.Getenv("KAFKA"); log != "" {
		lambda.StartWithOptions(kafka{log, os.Getenv("BAD"), os.Getenv("REPORT")}, options...)
	}
	served := 0
	lambda.StartWithOptions(func(ctx context.Context, e event) (any, error) {
		served++
		switch e.Do {
		case "echo":
			return map[string]string{"text": e.Text}, nil
		case "describe":
			return describe(ctx, served), nil
		case "log":
			fmt.Fprintln(os.Stderr, e.Text)
			fmt.Println("to standard output")
			return nil, nil
		case "large":
			return strings.Repeat("x", e.Size), nil
		case "allocate":
			memory := make([]byte, e.Size)
			for i := 0; i < len(memory); i += os.Getpagesize() {
				memory[i] = 1
			}
			return len(memory), nil
		case "fail":
			return nil, errors.New(e.Text)
		case "panic":
			panic(e.Text)
		case "exit":
			os.Exit(3)
		case "stray": // answers an invocation that is not the current one, and its own twice
			lc, _ := lambdacontext.FromContext(ctx)
			own := "invocation/" + lc.AwsRequestID + "/response"
			fmt.Fprintln(os.Stderr, "statuses", post("invocation/another/response", `"stray"`), post(own, `"first"`), post(own, `"second"`))
			os.Exit(0)
		case "greedy": // asks for another event before it has answered
			resp, err := http.Get(runtimeAPI() + "invocation/next")
			if err == nil {
				fmt.Fprintln(os.Stderr, "got", resp.Header.Get("Lambda-Runtime-Aws-Request-Id"))
			}
			hang()
		case "append": // one line in a file for each attempt; fails
			return nil, errors.Join(appendLine(ctx, e.Text), errors.New("not this time"))
		case "wait": // for somebody to write to a named pipe; the deadline changes nothing
			text, err := os.ReadFile(e.Text)
			return string(text), err
		case "mark": // waits, then leaves a file beside the pipe
			if _, err := os.ReadFile(e.Text); err != nil {
				return nil, err
			}
			return nil, os.WriteFile(e.Text+".mark", nil, 0o600)
		case "record": // one line in a file for each attempt; succeeds
			return nil, appendLine(ctx, e.Text)
		case "chain": // records, and sends itself the event for the next hop, as long as size says
			return nil, errors.Join(appendLine(ctx, e.Text), hop(ctx, e))
		case "dial": // connects, and answers with what it reads until the end
			return dial(e.Text)
		}
		return nil, fmt.Errorf("unknown %q", e.Do)
	}, options...)
}

// hang waits for a signal that nobody catches.
func hang() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	<-c
}

func runtimeAPI() string {
	return "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"
}

func post(path, body string) int {
	resp, err := http.Post(runtimeAPI()+path, "application/json", strings.NewReader(body))
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func describe(ctx context.Context, served int) map[string]any {
	deadline, _ := ctx.Deadline()
	lc, _ := lambdacontext.FromContext(ctx)
	env := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return map[string]any{
		"pid": os.Getpid(), "served": served, "deadline": deadline.UnixMilli(),
		"requestId": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "env": env,
	}
}

func appendLine(ctx context.Context, path string) error {
	lc, _ := lambdacontext.FromContext(ctx)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintln(f, lc.AwsRequestID)
	return err
}

func hop(ctx context.Context, e event) error {
	if e.Size == 0 {
		return nil
	}
	e.Size--
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	client := lambdaapi.New(lambdaapi.Options{
		Region: os.Getenv("AWS_REGION"), BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL_LAMBDA")),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	_, err = client.Invoke(ctx, &lambdaapi.InvokeInput{FunctionName: aws.String(lambdacontext.FunctionName), InvocationType: "Event", Payload: payload})
	return err
}

func dial(addr string) (string, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	text, err := io.ReadAll(conn)
	return string(text), err
}
