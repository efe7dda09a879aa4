package awsprovider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// request is one call of AWS's API, made by hand: the SDK's clients of these three services have four thousand operations, and to
// set up their schemas took a cold function as much CPU as everything else together. Signing is the SDK's.
type request struct {
	method string
	url    *url.URL
	target string // of a service that speaks JSON: the operation
	body   []byte
}

// newJSONRequest returns a call of an operation with its input as JSON.
func newJSONRequest(target string, input any) (request, error) {
	body, err := json.Marshal(input)
	if err != nil {
		return request{}, fmt.Errorf("encode the input of %s: %w", target, err)
	}
	return request{method: http.MethodPost, url: &url.URL{Path: "/"}, target: target, body: body}, nil
}

// answerError is an answer that is not a success.
type answerError struct {
	status        int
	code, message string
}

// Error returns the code, the message if there is one, and the status.
func (e *answerError) Error() string {
	text := e.code
	if e.message != "" {
		text += ": " + e.message
	}
	return fmt.Sprintf("%s (status %d)", text, e.status)
}

// mayPass reports whether the same request may succeed later.
func (e *answerError) mayPass() bool {
	_, throttled := retry.DefaultThrottleErrorCodes[e.code]
	_, retryable := retry.DefaultRetryableErrorCodes[e.code]
	return throttled || retryable || e.status >= 500 || e.status == http.StatusTooManyRequests
}

// send makes a request until it is answered for good, at most so many times, and returns the body of a success.
func (c *client) send(ctx context.Context, r request) ([]byte, error) {
	backoff := retry.NewExponentialJitterBackoff(longestPause)
	for attempt := 1; ; attempt++ {
		body, err := c.attempt(ctx, r)
		refused, answered := errors.AsType[*answerError](err)
		if err == nil || answered && !refused.mayPass() || attempt == attempts || ctx.Err() != nil {
			return body, err
		}
		pause, _ := backoff.BackoffDelay(attempt, err) // without randomness there is no pause
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// attempt makes a request once.
func (c *client) attempt(ctx context.Context, r request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	signed, err := c.sign(ctx, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(signed)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxObject+1))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp, body)
	}
	return body, nil
}

// sign makes a request of r that tells who asks.
func (c *client) sign(ctx context.Context, r request) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.endpoint.ResolveReference(r.url).String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	if r.target != "" {
		req.Header.Set("Content-Type", "application/x-amz-json-1.1")
		req.Header.Set("X-Amz-Target", r.target)
	}
	sum := sha256.Sum256(r.body)
	hash := hex.EncodeToString(sum[:])
	if c.signingName == "s3" {
		req.Header.Set("X-Amz-Content-Sha256", hash)
	}
	asS3 := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = c.signingName == "s3" }
	return req, v4.NewSigner().SignHTTP(ctx, c.credentials, req, hash, c.signingName, c.region, time.Now(), asS3)
}

// Of an error in XML, which S3 answers.
var (
	xmlCode    = regexp.MustCompile(`<Code>([^<]*)</Code>`)
	xmlMessage = regexp.MustCompile(`<Message>([^<]*)</Message>`)
)

// refusal reads an error in JSON or XML. It takes nothing of a body that is neither.
func refusal(resp *http.Response, body []byte) *answerError {
	e := &answerError{status: resp.StatusCode, code: resp.Header.Get("X-Amzn-ErrorType")}
	var inJSON struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // Message too: case does not matter
	}
	if json.Unmarshal(body, &inJSON) == nil {
		e.message = inJSON.Message
		if e.code == "" {
			e.code = inJSON.Type
		}
	}
	if m := xmlCode.FindSubmatch(body); m != nil {
		e.code = string(m[1])
	}
	if m := xmlMessage.FindSubmatch(body); m != nil {
		e.message = string(m[1])
	}
	// As com.amazonaws.secretsmanager#ResourceNotFoundException:http://…
	e.code = e.code[strings.LastIndexByte(e.code, '#')+1:]
	e.code, _, _ = strings.Cut(e.code, ":")
	if e.code == "" {
		e.code = http.StatusText(e.status)
	}
	return e
}

// client reaches one service in one region.
type client struct {
	region, signingName string
	credentials         aws.Credentials
	endpoint            *url.URL
	http                aws.HTTPClient
}

// domainOf returns under which domain AWS's services of a region are.
func domainOf(region string) string {
	for _, d := range []struct{ prefix, domain string }{
		{"cn-", "amazonaws.com.cn"}, {"eusc-", "amazonaws.eu"}, {"us-isob-", "sc2s.sgov.gov"}, {"us-isof-", "csp.hci.ic.gov"}, {"eu-isoe-", "cloud.adc-e.uk"}, {"us-iso-", "c2s.ic.gov"},
	} {
		if strings.HasPrefix(region, d.prefix) {
			return d.domain
		}
	}
	return "amazonaws.com"
}
