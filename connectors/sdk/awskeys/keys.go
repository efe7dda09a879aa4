// Package awskeys finds the AWS credentials with which a process signs: its own, those of a profile, or those of a role that either may
// assume. It is what Amazon's library for Kafka clients finds, without the SDK's default chain, whose loader costs a function 6 ms
// of CPU at each start:
//
//	AWS_ACCESS_KEY_ID and so on            a Lambda function, and whoever sets them
//	AWS_CONTAINER_CREDENTIALS_FULL_URI     a container of ECS or EKS, and a Lambda function of a kind that outlives its first keys
//	the files ~/.aws/credentials, config   a person, by awsProfileName or AWS_PROFILE
package awskeys

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
)

var _ security.AWS = (*Keys)(nil)

// Keys are the credentials that a process can have. They are cached until shortly before they expire.
type Keys struct {
	lookup func(string) string

	mu     sync.Mutex
	caches map[security.AWSIdentity]*aws.CredentialsCache
}

// New returns the credentials of a process with the given environment, os.Getenv for its own. Nothing is read or asked before the first
// use.
func New(lookup func(string) string) *Keys {
	return &Keys{lookup: lookup, caches: make(map[security.AWSIdentity]*aws.CredentialsCache)}
}

// Region implements security.AWS.
func (k *Keys) Region() string {
	if r := k.lookup("AWS_REGION"); r != "" {
		return r
	}
	return k.lookup("AWS_DEFAULT_REGION")
}

// Keys implements security.AWS. Credentials that cannot be there are a KindConfig error; those that were not given may be the next time.
func (k *Keys) Keys(ctx context.Context, id security.AWSIdentity) (security.AWSKeys, error) {
	cache, err := k.cache(id)
	if err != nil {
		return security.AWSKeys{}, connect.ConfigError(err.Error())
	}
	c, err := cache.Retrieve(ctx)
	if err != nil {
		return security.AWSKeys{}, err
	}
	return security.AWSKeys{AccessKeyID: c.AccessKeyID, SecretKey: c.SecretAccessKey, SessionToken: c.SessionToken}, nil
}

func (k *Keys) cache(id security.AWSIdentity) (*aws.CredentialsCache, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c := k.caches[id]; c != nil {
		return c, nil
	}
	p, err := k.provider(id)
	if err != nil {
		return nil, err
	}
	c := aws.NewCredentialsCache(p)
	k.caches[id] = c
	return c, nil
}

func (k *Keys) provider(id security.AWSIdentity) (aws.CredentialsProvider, error) {
	var base aws.CredentialsProvider
	var err error
	switch {
	case id.AccessKeyID != "":
		base = credentials.NewStaticCredentialsProvider(id.AccessKeyID, id.SecretKey, id.SessionToken)
	case id.Profile != "":
		base, err = k.profile(id.Profile, 0)
	default:
		base, err = k.own()
	}
	if err != nil || id.RoleARN == "" {
		return base, err
	}
	return k.role(base, id.RoleARN, id.SessionName, id.ExternalID, id.Region)
}

// own finds the process's own credentials.
func (k *Keys) own() (aws.CredentialsProvider, error) {
	id, secret := k.lookup("AWS_ACCESS_KEY_ID"), k.lookup("AWS_SECRET_ACCESS_KEY")
	uri := k.lookup("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if relative := k.lookup("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); uri == "" && relative != "" {
		uri = "http://169.254.170.2" + relative
	}
	switch {
	case id != "" && secret != "":
		return credentials.NewStaticCredentialsProvider(id, secret, k.lookup("AWS_SESSION_TOKEN")), nil
	case uri != "":
		return endpointcreds.New(uri, func(o *endpointcreds.Options) {
			o.AuthorizationToken = k.lookup("AWS_CONTAINER_AUTHORIZATION_TOKEN")
		}), nil
	}
	profile := k.lookup("AWS_PROFILE")
	if profile == "" {
		profile = "default"
	}
	p, err := k.profile(profile, 0)
	if errors.Is(err, errNoProfile) {
		return nil, fmt.Errorf("there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or make a profile: %w", err)
	}
	return p, err
}

// role assumes a role as somebody else.
func (k *Keys) role(as aws.CredentialsProvider, arn, session, externalID, region string) (aws.CredentialsProvider, error) {
	if region == "" {
		region = k.Region()
	}
	if region == "" {
		return nil, fmt.Errorf("assume the role %s: the region is unknown; set awsStsRegion or AWS_REGION", arn)
	}
	if session == "" {
		session = "ferry"
	}
	options := sts.Options{Region: region, Credentials: as}
	for _, name := range []string{"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"} {
		if url := k.lookup(name); url != "" && options.BaseEndpoint == nil {
			options.BaseEndpoint = &url
		}
	}
	return stscreds.NewAssumeRoleProvider(sts.New(options), arn, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = session
		if externalID != "" {
			o.ExternalID = &externalID
		}
	}), nil
}
