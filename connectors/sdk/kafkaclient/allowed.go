package kafkaclient

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Whoever names a token endpoint, or a file that is sent to one, has the function ask any address that it can reach, or read any file
// that it has. So Kafka's clients take only what system properties of their process list, and nothing by default (CVE-2025-27817). Here
// that holds for connectors; the worker is configured by those who write the list.

// Keys of the worker that list what connectors may name. Entries are separated by commas, and blanks around them do not count.
const (
	AllowedURLsKey  = "ferry.sasl.oauthbearer.allowed.urls"
	AllowedFilesKey = "ferry.sasl.oauthbearer.allowed.files"
)

// allowlist is one of the lists, and the settings that it is for. Keys of brokers (sasl.oauthbearer.jwks.endpoint.url) are not among
// them: they are not read by clients.
type allowlist struct {
	key, noun string
	settings  []string
}

func allowlists() []allowlist {
	const assertion = "sasl.oauthbearer.assertion."
	return []allowlist{
		{AllowedURLsKey, "URL", []string{"sasl.oauthbearer.token.endpoint.url"}},
		{AllowedFilesKey, "file", []string{assertion + "file", assertion + "private.key.file", assertion + "template.file"}},
	}
}

// unlisted returns a KindConfig error for the first URL or file that a connector names and the worker neither lists nor sets itself for
// the same setting; nil if there is none. As in Kafka an entry is compared letter by letter, and never as a prefix or a pattern. The
// error does not quote the value: a URL may hold a password.
func unlisted(kind Kind, worker, connector map[string]string) error {
	for _, list := range allowlists() {
		for _, setting := range list.settings {
			name := kind.Prefix() + setting
			v := strings.TrimSpace(connector[name])
			if v == "" || v == strings.TrimSpace(worker[setting]) || v == strings.TrimSpace(worker[string(kind)+"."+setting]) ||
				slices.Contains(elements(worker[list.key]), v) {
				continue
			}
			return &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException,
				Message: fmt.Sprintf("Invalid configuration %s: the worker does not allow this %s to connectors", name, list.noun),
				Hint:    "add it to " + list.key + " of the worker, or remove it from the connector"}
		}
	}
	return nil
}
