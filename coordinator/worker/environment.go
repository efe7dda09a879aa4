package worker

import "strings"

// environmentPrefix begins the variables that stand for worker keys, as in the container images of Kafka Connect.
const environmentPrefix = "CONNECT_"

// FromEnvironment returns the worker properties in environ, entries of the form KEY=value: CONNECT_BOOTSTRAP_SERVERS is
// bootstrap.servers. One underscore is a dot, two are an underscore, three are a dash.
func FromEnvironment(environ []string) map[string]string {
	props := map[string]string{}
	names := strings.NewReplacer("___", "-", "__", "_", "_", ".")
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if key, ok := strings.CutPrefix(name, environmentPrefix); ok && key != "" {
			props[names.Replace(strings.ToLower(key))] = value
		}
	}
	return props
}
