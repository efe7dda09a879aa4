package worker

import (
	"regexp"
	"strings"
)

// environmentPrefix begins the variables that stand for worker keys, as in the container images of Kafka Connect.
const environmentPrefix = "CONNECT_"

// loginConfig matches the system property that names the JAAS file of a Java process. A second = says that it is the only one.
var loginConfig = regexp.MustCompile(`(?:^|\s)-Djava\.security\.auth\.login\.config==?(?:"([^"]*)"|(\S*))`)

// FromEnvironment returns the worker properties in environ, entries of the form KEY=value: CONNECT_BOOTSTRAP_SERVERS is
// bootstrap.servers. One underscore is a dot, two are an underscore, three are a dash. The JAAS file that KAFKA_OPTS names is
// LoginConfigKey.
func FromEnvironment(environ []string) map[string]string {
	props, fromOpts := map[string]string{}, ""
	names := strings.NewReplacer("___", "-", "__", "_", "_", ".")
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if key, ok := strings.CutPrefix(name, environmentPrefix); ok && key != "" {
			props[names.Replace(strings.ToLower(key))] = value
		}
		if m := loginConfig.FindStringSubmatch(value); name == "KAFKA_OPTS" && m != nil {
			fromOpts = m[1] + m[2]
		}
	}
	if _, own := props[LoginConfigKey]; !own && fromOpts != "" {
		props[LoginConfigKey] = fromOpts
	}
	return props
}
