package worker

import (
	"regexp"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

// environmentPrefix begins the variables that stand for worker keys, as in the container images of Kafka Connect.
const environmentPrefix = "CONNECT_"

// systemProperty matches a system property among the options of a Java process. A second = says of a JAAS file that it is the only one.
var systemProperty = regexp.MustCompile(`(?:^|\s)-D([^\s=]+)==?(?:"([^"]*)"|(\S*))`)

// ofSystemProperty returns the worker's key that stands for a system property, empty if none does.
func ofSystemProperty(name string) string {
	switch name {
	case "java.security.auth.login.config":
		return LoginConfigKey
	case "org.apache.kafka.sasl.oauthbearer.allowed.urls":
		return kafkaclient.AllowedURLsKey
	case "org.apache.kafka.sasl.oauthbearer.allowed.files":
		return kafkaclient.AllowedFilesKey
	}
	return ""
}

// FromEnvironment returns the worker properties in environ, entries of the form KEY=value: CONNECT_BOOTSTRAP_SERVERS is
// bootstrap.servers. One underscore is a dot, two are an underscore, three are a dash. The system properties that are in
// KAFKA_OPTS and mean something here, the JAAS file and what OAUTHBEARER may name, are the keys that stand for them, unless those are
// set. The last of one name counts, as in Java.
func FromEnvironment(environ []string) map[string]string {
	props, fromOpts := map[string]string{}, map[string]string{}
	names := strings.NewReplacer("___", "-", "__", "_", "_", ".")
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if key, ok := strings.CutPrefix(name, environmentPrefix); ok && key != "" {
			props[names.Replace(strings.ToLower(key))] = value
		}
		if name != "KAFKA_OPTS" {
			continue
		}
		for _, m := range systemProperty.FindAllStringSubmatch(value, -1) {
			if key := ofSystemProperty(m[1]); key != "" {
				fromOpts[key] = m[2] + m[3]
			}
		}
	}
	for key, value := range fromOpts {
		if _, own := props[key]; !own && value != "" {
			props[key] = value
		}
	}
	return props
}
