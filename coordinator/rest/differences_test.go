package rest_test

import "github.com/ferry-connect/ferry/coordinator/catalog"

// transcriptDifferences are the steps of rest.jsonl that are answered differently, with the reason; a scenario followed by /*
// stands for all of its steps. What waits for a plugin is listed as long as the catalog does not have it.
func transcriptDifferences(c *catalog.Catalog) map[string]string {
	const (
		internal = "there are no workers that call each other, so none of their requests is served"
		better   = "names with / and % can be addressed, and their Location is one that works"
		provided = "config.providers of a connector counts for nothing, as in later releases of Kafka Connect"
		noJVM    = "there is no class path: a class that is no plugin is unknown"
	)
	d := map[string]string{
		"s16-plugin-config/15": noJVM,
		"s24-names/35":         "the recorded worker was about to rebalance",
		"s29-internal/2":       internal, "s29-internal/3": internal, "s29-internal/4": internal, "s29-internal/5": internal, "s29-internal/6": internal, "s29-internal/7": internal,
		"s31-placeholders/4": provided, "s31-placeholders/5": provided, "s31-placeholders/7": provided,
		"s33-unaddressable/*": better,
	}
	for id, class := range map[string]string{
		"s14-offsets-mirror/*":  "org.apache.kafka.connect.mirror.MirrorSourceConnector",
		"s16-plugin-config/4":   "org.apache.kafka.connect.mirror.MirrorSourceConnector",
		"s19-validate-mirror/*": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
		"s26-connector-fails/*": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
	} {
		if _, ok := c.Find(class); !ok {
			d[id] = "pending: " + class + " is not in the catalog yet"
		}
	}
	return d
}
