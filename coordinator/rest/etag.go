package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// Kafka Connect has no conditional requests; its clients do not send these headers, and nothing changes for them. Whoever changes a
// configuration that others change too can say which one was read: GET …/config has an ETag, and PUT and PATCH with If-Match are
// refused with 412 if it is another by now. If-None-Match: * creates a connector and replaces none.
//
// Source: RFC 9110, sections 8.8.3 and 13.1

// etagOf is a name for a connector's configuration: the same for the same properties, whoever is asked and however often it was
// written.
func etagOf(c *store.Connector) string {
	text, _ := c.Config.MarshalJSON() // never fails
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// errPrecondition answers a change to a configuration that is not the one the client named.
var errPrecondition = errorf(http.StatusPreconditionFailed, "The connector's configuration is not the one that If-Match or If-None-Match names: read it again")

// precondition looks at what the request says about the configuration that it replaces; c is nil where there is none.
func (r *request) precondition(c *store.Connector) error {
	if tags := r.Header.Values("If-Match"); len(tags) > 0 && (c == nil || !lists(tags, etagOf(c))) {
		return errPrecondition
	}
	if tags := r.Header.Values("If-None-Match"); len(tags) > 0 && c != nil && lists(tags, etagOf(c)) {
		return errPrecondition
	}
	return nil
}

// lists reports whether a header lists a tag, or * for any. A weak tag is none of ours.
func lists(header []string, tag string) bool {
	for entry := range strings.SplitSeq(strings.Join(header, ","), ",") {
		if entry = strings.TrimSpace(entry); entry == "*" || entry == tag {
			return true
		}
	}
	return false
}
