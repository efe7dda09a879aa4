package awsprovider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	// callTime bounds a call with all its attempts, attemptTime one of them: less than the eight seconds that a validation
	// gives a connector's function.
	callTime    = 6 * time.Second
	attemptTime = 3 * time.Second
	attempts    = 5
	// longestPause is the most that lies between two attempts.
	longestPause = time.Second
)

// service is one of AWS's, asked for one thing after another.
type service struct {
	settings
	name        string // as in messages
	signingName string // as in its host, and in signatures
	suffix      string // of AWS_ENDPOINT_URL_
	action      string // of IAM, that the role needs

	busy chan struct{} // holds one token while somebody asks: who comes then finds what that one found
}

func newService(s settings, name, signingName, suffix, action string) service {
	return service{settings: s, name: name, signingName: signingName, suffix: suffix, action: action, busy: make(chan struct{}, 1)}
}

// enter waits for its turn. leave must be called unless it fails.
func (s *service) enter(ctx context.Context) error {
	select {
	case s.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *service) leave() { <-s.busy }

// client returns how to reach the service in a region. Credentials come from the environment, where Lambda puts them.
func (s *service) client(region string) (*client, error) {
	c := &client{region: s.regionOf(region), signingName: s.signingName, http: s.HTTP}
	if c.region == "" {
		return nil, connect.ConfigError(fmt.Sprintf("no region is known to ask %s in: set the param %s, or AWS_REGION", s.name, RegionConfig))
	}
	c.credentials = aws.Credentials{AccessKeyID: s.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: s.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: s.Getenv("AWS_SESSION_TOKEN")}
	if !c.credentials.HasKeys() {
		return nil, connect.ConfigError(fmt.Sprintf("no credentials are known to ask %s with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (aws configure export-credentials --format env prints them)", s.name))
	}
	address := "https://" + s.signingName + "." + c.region + "." + domainOf(c.region)
	for _, given := range []string{s.endpoint, s.Getenv("AWS_ENDPOINT_URL_" + s.suffix), s.Getenv("AWS_ENDPOINT_URL")} {
		if given = strings.TrimSpace(given); given != "" {
			address = given
			break
		}
	}
	var err error
	if c.endpoint, err = url.Parse(address); err != nil || c.endpoint.Host == "" {
		return nil, connect.ConfigError(fmt.Sprintf("the endpoint %q of %s is no URL", address, s.name))
	}
	return c, nil
}

// call makes a request within a bound, and says of an error what it was about and what to do. The answer that makes a caller's own
// sense, of something that is not there, is an *answerError in the error's chain.
func (s *service) call(ctx context.Context, region, what string, r request) ([]byte, error) {
	c, err := s.client(region)
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	body, err := c.send(within, r)
	if err == nil {
		return body, nil
	}
	e := connect.RetriableError(fmt.Sprintf("could not read %s from %s in %s", what, s.name, c.region), err)
	e.Class = connect.ConfigException
	refused, answered := errors.AsType[*answerError](err)
	switch {
	case ctx.Err() != nil:
	case answered && !refused.mayPass():
		e.Kind, e.Hint = connect.KindConfig, s.hint(refused.code)
	case !answered:
		e.Hint = "a function in a VPC reaches it by a VPC endpoint or a NAT gateway only"
	}
	return nil, e
}

// isCode reports whether an error is an answer with a code.
func isCode(err error, code string) bool {
	refused, ok := errors.AsType[*answerError](err)
	return ok && refused.code == code
}

// hint says what mends a refusal, empty when its own text does.
func (s *service) hint(code string) string {
	switch code {
	case "AccessDeniedException", "AccessDenied":
		return "allow " + s.action + " to the role, and kms:Decrypt where a key of one's own encrypts it"
	case "DecryptionFailure", "InvalidKeyId", "KMSAccessDeniedException":
		return "allow kms:Decrypt with its key to the role"
	case "PermanentRedirect", "AuthorizationHeaderMalformed":
		return "is it in another region? The param " + RegionConfig + " says which"
	case "UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException", "InvalidSignatureException", "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return "are the credentials in the environment right, and current?"
	}
	return ""
}
