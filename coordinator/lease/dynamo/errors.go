package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// code is the error code of a server that understood the request and refused it; empty for all other failures.
func code(err error) string {
	reply, answered := errors.AsType[*smithyhttp.ResponseError](err)
	if api, ok := errors.AsType[smithy.APIError](err); ok && answered && reply.HTTPStatusCode()/100 == 4 {
		return api.ErrorCode()
	}
	return ""
}

// throttled are the codes of requests that had no effect and may be repeated later.
func throttled(code string) bool {
	return slices.Contains([]string{
		"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException", "LimitExceededException",
		"TransactionConflictException", "ReplicatedWriteConflictException",
	}, code)
}

// badSignature are the codes of requests whose signature does not match, for its time or for its secret.
func badSignature(code string) bool {
	return slices.Contains([]string{
		"InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired", "AuthFailure",
	}, code)
}

// badCredentials are the codes of requests by somebody whom AWS does not know, or not any more.
func badCredentials(code string) bool {
	return slices.Contains([]string{
		"UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException", "MissingAuthenticationTokenException", "IncompleteSignatureException",
	}, code)
}

// classify tells failures that say nothing about the outcome from refusals and from mistakes that no repetition mends, and says
// of those what does.
func (t *Table) classify(ctx context.Context, op string, off time.Duration, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	code := code(err)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: no answer within %v: %w", lease.ErrAmbiguous, t.timeout, err)
	case code == "":
		return fmt.Errorf("%w: %w", lease.ErrAmbiguous, err)
	case throttled(code):
		return fmt.Errorf("%w: %w", lease.ErrThrottled, err)
	case code == "ResourceNotFoundException":
		return fmt.Errorf("the table does not exist; deploy the base stack, or check the name and the region: %w", err)
	case code == "AccessDeniedException":
		return fmt.Errorf("the role lacks dynamodb:%s on it: %w", op, err)
	case badSignature(code) && off.Abs() > time.Minute:
		return fmt.Errorf("the clock is %s, and DynamoDB refuses more than five minutes; set it: %w", clockIs(off), err)
	case badSignature(code):
		return fmt.Errorf("the secret access key does not belong to the access key, or something on the way alters requests: %w", err)
	case badCredentials(code):
		return fmt.Errorf("the credentials are unknown or have expired; check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN: %w", err)
	case code == "ValidationException":
		return t.invalid(ctx, err)
	}
	return err
}

func clockIs(off time.Duration) string {
	if off > 0 {
		return off.Round(time.Second).String() + " slow"
	}
	return off.Abs().Round(time.Second).String() + " fast"
}

// compareClocks stores by how much the server's clock, as its answer tells, is ahead of ours.
func compareClocks(off *time.Duration) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("CompareClocks", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			*off, _ = awsmiddleware.GetAttemptSkew(metadata)
			return out, metadata, err
		}), middleware.Before)
	}
}
