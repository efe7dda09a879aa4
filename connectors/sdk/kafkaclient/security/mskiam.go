package security

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	iam "github.com/twmb/franz-go/pkg/sasl/aws"
)

// Amazon MSK knows whoever can sign a request to it. The mechanism AWS_MSK_IAM sends the signed fields as JSON; its variant for
// OAUTHBEARER sends them as a URL, in base64, which is then a token. Both are signed anew for each connection, by keys that AWS finds.

// identityOf reads the options of IAMLoginModule.
func identityOf(s Settings, options map[string]string, aws AWS) (AWSIdentity, error) {
	if aws == nil {
		return AWSIdentity{}, refused(s, "sasl.mechanism", "there are no AWS credentials here", "use another mechanism")
	}
	id := AWSIdentity{
		Profile: options["awsProfileName"], RoleARN: options["awsRoleArn"], SessionName: options["awsRoleSessionName"],
		ExternalID: options["awsRoleExternalId"], Region: options["awsStsRegion"],
		AccessKeyID: options["awsRoleAccessKeyId"], SecretKey: options["awsRoleSecretAccessKey"], SessionToken: options["awsRoleSessionToken"],
	}
	if id.RoleARN == "" && (id.SessionName != "" || id.ExternalID != "") {
		return id, wrong(s, "sasl.jaas.config", "it has options of a role, but no awsRoleArn", nil)
	}
	return id, nil
}

// signer gets keys for one connection.
func signer(id AWSIdentity, aws AWS) func(ctx context.Context) (iam.Auth, error) {
	return func(ctx context.Context) (iam.Auth, error) {
		k, err := aws.Keys(ctx, id)
		if err != nil {
			return iam.Auth{}, fmt.Errorf("get AWS credentials for Kafka: %w", err)
		}
		return iam.Auth{AccessKey: k.AccessKeyID, SecretKey: k.SecretKey, SessionToken: k.SessionToken, UserAgent: "ferry"}, nil
	}
}

// mskIAM is the mechanism AWS_MSK_IAM.
func mskIAM(s Settings, aws AWS) (sasl.Mechanism, error) {
	const key = "sasl.login.callback.handler.class"
	if class := s.Get(key); class != "" && class != iamClientHandler {
		return nil, refused(s, key, "it names a class of a JVM, and there is none here", "remove it")
	}
	options, err := login(s, iamModule)
	if err != nil {
		return nil, err
	}
	id, err := identityOf(s, options, aws)
	if err != nil {
		return nil, err
	}
	return iam.ManagedStreamingIAM(signer(id, aws)), nil
}

// iamLife is for how long what the mechanism signs is good.
const iamLife = 5 * time.Minute

// iamTokens makes tokens of what the mechanism signs. They are told apart from those of Amazon's library by nothing but their life,
// which is five minutes instead of fifteen.
func iamTokens(s Settings, options map[string]string, aws AWS) (retriever, error) {
	id, err := identityOf(s, options, aws)
	if err != nil {
		return nil, err
	}
	if aws.Region() == "" {
		return nil, wrong(s, "sasl.login.callback.handler.class", "the region is unknown; set AWS_REGION", nil)
	}
	host := "kafka." + aws.Region() + ".amazonaws.com"
	mechanism := iam.ManagedStreamingIAM(signer(id, aws))
	return func(ctx context.Context) (bearer, error) {
		now := time.Now()
		_, signed, err := mechanism.Authenticate(ctx, host+":443")
		if err != nil {
			return bearer{}, err
		}
		text, err := asURL(host, signed)
		return bearer{text, now, now.Add(iamLife)}, err
	}, nil
}

// asURL writes signed fields as a URL in base64. Those that are not part of the signature are left out, but for the user agent.
func asURL(host string, signed []byte) (string, error) {
	var fields map[string]string
	if err := json.Unmarshal(signed, &fields); err != nil {
		return "", fmt.Errorf("read what was signed: %w", err)
	}
	names := map[string]string{
		"action": "Action", "x-amz-algorithm": "X-Amz-Algorithm", "x-amz-credential": "X-Amz-Credential", "x-amz-date": "X-Amz-Date",
		"x-amz-expires": "X-Amz-Expires", "x-amz-security-token": "X-Amz-Security-Token", "x-amz-signature": "X-Amz-Signature",
		"x-amz-signedheaders": "X-Amz-SignedHeaders", "user-agent": "User-Agent",
	}
	query := url.Values{}
	for field, value := range fields {
		if name, ok := names[field]; ok {
			query.Set(name, value)
		}
	}
	return base64.RawURLEncoding.EncodeToString([]byte("https://" + host + "/?" + query.Encode())), nil
}
