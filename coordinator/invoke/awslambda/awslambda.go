// Package awslambda invokes functions through the Invoke API of AWS Lambda.
//
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
package awslambda

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/ferry-connect/ferry/coordinator/invoke"
)

var _ invoke.Invoker = (*Invoker)(nil)

// Invoker calls functions named prefix + function. It may be used concurrently.
type Invoker struct {
	client *lambda.Client
	prefix string
}

// New returns an Invoker that finds the function of a connector package under prefix and its name, such as ferry-file.
func New(client *lambda.Client, prefix string) *Invoker {
	return &Invoker{client: client, prefix: prefix}
}

// Invoke calls the function and waits, at most 15 minutes, for its answer of at most 6 MB.
func (i *Invoker) Invoke(ctx context.Context, function string, req *invoke.Request) (*invoke.Response, error) {
	out, err := i.call(ctx, function, req, types.InvocationTypeRequestResponse)
	if err != nil {
		return nil, err
	}
	// A function that broke answers 200 with the error as payload and names its kind in a header.
	if out.FunctionError != nil {
		return nil, fmt.Errorf("invoke %s%s: function error %s: %s", i.prefix, function, *out.FunctionError, excerpt(out.Payload))
	}
	var resp invoke.Response
	if err := json.Unmarshal(out.Payload, &resp); err != nil {
		return nil, fmt.Errorf("invoke %s%s: decode answer: %w", i.prefix, function, err)
	}
	return &resp, nil
}

// Start queues the call. Lambda may deliver it twice; the task's lease makes that harmless.
func (i *Invoker) Start(ctx context.Context, function string, req *invoke.Request) error {
	_, err := i.call(ctx, function, req, types.InvocationTypeEvent)
	return err
}

func (i *Invoker) call(ctx context.Context, function string, req *invoke.Request, kind types.InvocationType) (*lambda.InvokeOutput, error) {
	payload, err := invoke.Encode(req)
	if err != nil {
		return nil, fmt.Errorf("invoke %s%s: encode request: %w", i.prefix, function, err)
	}
	out, err := i.client.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(i.prefix + function), InvocationType: kind, Payload: payload,
	})
	if err != nil {
		return nil, fmt.Errorf("invoke %s%s: %w", i.prefix, function, err)
	}
	return out, nil
}

// excerpt bounds what an error repeats of a payload.
func excerpt(payload []byte) string {
	const limit = 512
	if len(payload) > limit {
		return string(payload[:limit]) + " …"
	}
	return string(payload)
}
