package security

import (
	"context"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Settings are the settings of one client. Implementations are immutable.
type Settings interface {
	// Get returns the value of a key as Java's clients name it, without blanks around it; empty when there is none.
	Get(key string) string
	// Name returns the key as the user wrote it, producer.override.ssl.protocol for example: what errors name.
	Name(key string) string
}

// Map is Settings whose keys were written without a prefix, as those of a worker.
type Map map[string]string

// Get implements Settings.
func (m Map) Get(key string) string { return strings.TrimSpace(m[key]) }

// Name implements Settings.
func (m Map) Name(key string) string { return key }

// Has tells a value that is empty from none: see lookup.
func (m Map) Has(key string) bool { _, ok := m[key]; return ok }

// AWS finds the credentials with which AWS_MSK_IAM signs. It may be called concurrently.
type AWS interface {
	// Keys returns keys that are valid now. It is called for each connection, and caches what is worth it.
	Keys(ctx context.Context, identity AWSIdentity) (AWSKeys, error)
	// Region is where the process runs; empty when it is unknown.
	Region() string
}

// AWSIdentity says as whom to sign: the options of the JAAS module IAMLoginModule. The zero value is whoever the process is.
type AWSIdentity struct {
	Profile                              string // awsProfileName
	RoleARN, SessionName, ExternalID     string // awsRoleArn, awsRoleSessionName, awsRoleExternalId
	Region                               string // awsStsRegion
	AccessKeyID, SecretKey, SessionToken string // awsRoleAccessKeyId and so on: who assumes the role
}

// AWSKeys are keys to sign with.
type AWSKeys struct{ AccessKeyID, SecretKey, SessionToken string }

// Options returns the client's options: none for PLAINTEXT. Without aws, AWS_MSK_IAM is refused. Errors are KindConfig, name the key,
// and hold no secret. The options may be used for any number of clients, which then share tokens.
func Options(s Settings, aws AWS) ([]kgo.Opt, error) {
	protocol := strings.ToUpper(s.Get("security.protocol"))
	var opts []kgo.Opt
	switch protocol {
	case "", "PLAINTEXT":
		return nil, nil
	case "SSL", "SASL_SSL":
		t, err := TLS(s)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(t))
	case "SASL_PLAINTEXT":
	default:
		return nil, invalid(s, "security.protocol", "String must be one of (case insensitive): PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL")
	}
	if strings.HasPrefix(protocol, "SASL") {
		m, err := mechanism(s, aws)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(m))
	}
	return opts, nil
}

// invalid is the error of a value that may be shown.
func invalid(s Settings, key, why string) error {
	return connect.ConfigError(fmt.Sprintf("Invalid value %s for configuration %s: %s", s.Get(key), s.Name(key), why))
}

// wrong is the error of a value that may not be shown, or that is not in the configuration itself. The cause must hold no secret.
func wrong(s Settings, key, what string, cause error) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException, Message: "Invalid configuration " + s.Name(key) + ": " + what, Cause: cause}
}

// refused is the error of a setting that Java's clients know and that cannot be honoured here.
func refused(s Settings, key, why, hint string) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException,
		Message: fmt.Sprintf("Invalid value %s for configuration %s: %s", s.Get(key), s.Name(key), why), Hint: hint}
}
