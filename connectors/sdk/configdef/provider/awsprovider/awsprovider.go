package awsprovider

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Names of the params, as they stand in config.providers.<name>.param.<param>. Their case does not matter, since
// environment variables have none.
const (
	// RegionConfig is the region to ask; that of the process without it.
	RegionConfig = "region"
	// EndpointConfig is the URL to ask instead of AWS's own.
	EndpointConfig = "endpoint"
	// NotFoundStrategyConfig says what a secret, a key or a parameter is that is not there: an empty text with ignore, which is the
	// default as in the original, or an error with fail.
	NotFoundStrategyConfig = "NotFoundStrategy"
	// LocalDirConfig is where S3Import keeps files; the folder for temporary files without it.
	LocalDirConfig = "local_dir"
)

// Options is where a provider takes from what is not its param. The zero value is the process's own.
type Options struct {
	// Getenv reads environment variables: credentials, region and endpoints, under the names that all AWS SDKs know. Nil is
	// os.Getenv.
	Getenv func(name string) string
	// HTTP makes the requests; nil is the SDK's client.
	HTTP aws.HTTPClient
}

// packages are where the classes were published, newest first. A class may also be named without one.
func packages() []string {
	return []string{"com.amazonaws.kafka.config.providers.", "software.amazon.msk.config.providers."}
}

func simpleName(class string) string {
	for _, p := range packages() {
		if name, ok := strings.CutPrefix(class, p); ok {
			return name
		}
	}
	return class
}

// Knows reports whether class is one of this package, by its full or simple name.
func Knows(class string) bool {
	switch simpleName(class) {
	case "SecretsManagerConfigProvider", "SsmParamStoreConfigProvider", "S3ImportConfigProvider":
		return true
	}
	return false
}

// New returns the provider of a class that this package knows. It asks nobody. It fails if a param has a value it cannot have.
func New(class string, params map[string]string, o Options) (configdef.ConfigProvider, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.HTTP == nil { // a connection would be idle for minutes, and freeze with the process
		o.HTTP = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.DisableKeepAlives = true })
	}
	s, err := newSettings(params, o)
	if err != nil {
		return nil, err
	}
	switch simpleName(class) {
	case "SecretsManagerConfigProvider":
		return newSecretsManager(s), nil
	case "SsmParamStoreConfigProvider":
		return newParameterStore(s), nil
	case "S3ImportConfigProvider":
		return newS3Import(s), nil
	}
	return nil, connect.ConfigError(fmt.Sprintf("config provider class %q could not be found", class))
}

// settings are the parsed params.
type settings struct {
	Options
	region, endpoint string
	failNotFound     bool
	localDir         string
}

func newSettings(params map[string]string, o Options) (settings, error) {
	s := settings{Options: o}
	for name, value := range params {
		value = strings.TrimSpace(value)
		switch {
		case strings.EqualFold(name, RegionConfig):
			s.region = value
		case strings.EqualFold(name, EndpointConfig):
			s.endpoint = value
		case strings.EqualFold(name, LocalDirConfig):
			s.localDir = value
		case strings.EqualFold(name, NotFoundStrategyConfig):
			if value != "ignore" && value != "fail" {
				return settings{}, configdef.Invalid(NotFoundStrategyConfig, value, "String must be one of: fail, ignore")
			}
			s.failNotFound = value == "fail"
		}
	}
	return s, nil
}

// notFound is what the strategy makes of something that is not there: nothing, for which the empty text stands, or an error.
func (s settings) notFound(what string) error {
	if !s.failNotFound {
		return nil
	}
	e := connect.ConfigError(what)
	e.Hint = "it was looked for in region " + s.regionOf("") + "; with " + NotFoundStrategyConfig + "=ignore it would be empty"
	return e
}

// regionOf returns the region to ask: the one given, that of the params, or the process's own.
func (s settings) regionOf(given string) string {
	for _, region := range []string{given, s.region, s.Getenv("AWS_REGION"), s.Getenv("AWS_DEFAULT_REGION")} {
		if region = strings.TrimSpace(region); region != "" {
			return region
		}
	}
	return ""
}
