package provider

import (
	"fmt"
	"os"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// javaPackage is where Kafka keeps its providers.
const javaPackage = "org.apache.kafka.common.config.provider."

// New returns the provider of a class, given by its full or simple name, as in
// config.providers.<name>.class. The params are those of
// config.providers.<name>.param. It fails if there is no such class or if the
// params do not fit.
func New(class string, params map[string]string) (configdef.ConfigProvider, error) {
	switch strings.TrimPrefix(class, javaPackage) {
	case "FileConfigProvider":
		return NewFile(params)
	case "DirectoryConfigProvider":
		return NewDirectory(params)
	case "EnvVarConfigProvider":
		return NewEnvVar(params, os.LookupEnv)
	}
	return nil, fmt.Errorf("config provider class %q could not be found: use FileConfigProvider, DirectoryConfigProvider or EnvVarConfigProvider, or of AWS's SecretsManagerConfigProvider, SsmParamStoreConfigProvider or S3ImportConfigProvider", class)
}
