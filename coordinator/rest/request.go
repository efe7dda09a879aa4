package rest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// request is a request on its way to a handler.
type request struct {
	*http.Request
	// params are the decoded segments of the path that the route leaves open.
	params []string
	body   []byte
	// subject is the connector that the audit log names, as far as one is known.
	subject string
	// asOf is when what the request sees was read, if that is not current because Kafka does not answer; else zero.
	asOf time.Time
}

func (r *request) connector() string { return r.params[0] }

// task returns the number in the path. What is no number is no such page.
func (r *request) task() (int, error) {
	n, err := strconv.ParseInt(r.params[1], 10, 32)
	if err != nil {
		return 0, standard(http.StatusNotFound)
	}
	return int(n), nil
}

// flag reads a parameter as Java's Boolean does: what is not true is false.
func (r *request) flag(name string) bool { return strings.EqualFold(r.URL.Query().Get(name), "true") }

// read takes the body in, of so many bytes at most; one without a type is refused.
func (r *request) read(w http.ResponseWriter, limit int64) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return standard(http.StatusRequestEntityTooLarge)
		}
		return errorf(http.StatusBadRequest, "read the request's body: %v", err)
	}
	r.body = body
	if len(body) > 0 && r.Header.Get("Content-Type") == "" && r.Method != http.MethodGet && r.Method != http.MethodDelete {
		return standard(http.StatusUnsupportedMediaType)
	}
	return nil
}

// sendsJSON reports whether the type of the body, if the client names one, is JSON. As in Connect, that is asked of requests without a
// body too.
func (r *request) sendsJSON() bool {
	named := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(named)
	return named == "" || err == nil && media == "application/json"
}

// accepts reports whether the client takes an answer of a type, such as application/json.
func (r *request) accepts(wanted string) bool {
	family, _, _ := strings.Cut(wanted, "/")
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return true
	}
	for entry := range strings.SplitSeq(accept, ",") {
		media, params, err := mime.ParseMediaType(entry)
		if err != nil || (media != wanted && media != family+"/*" && media != "*/*") {
			continue
		}
		if q, err := strconv.ParseFloat(params["q"], 64); params["q"] == "" || err == nil && q > 0 {
			return true
		}
	}
	return false
}

// fields reads the body as a JSON object with the given fields, each of which may be missing. It is as strict as Connect:
// another field, text behind the object, or something that is no object is an error of status 500. A body that is empty
// or null gives nil.
func (r *request) fields(known ...string) (map[string]json.RawMessage, error) {
	if r.isNull() {
		return nil, nil
	}
	return objectFields(r.body, known...)
}

func objectFields(text []byte, known ...string) (map[string]json.RawMessage, error) {
	var object map[string]json.RawMessage
	if err := decode(text, &object); err != nil {
		return nil, err
	}
next:
	for name := range object {
		for _, k := range known {
			if name == k {
				continue next
			}
		}
		return nil, errorf(http.StatusInternalServerError, "Unrecognized field %q, not marked as ignorable (%d known properties: %q)", name, len(known), known)
	}
	return object, nil
}

// properties reads the body as a configuration, in its order.
func (r *request) properties() (store.Properties, error) {
	if r.isNull() {
		return nil, errorf(http.StatusInternalServerError, "The request has no configuration: its body must be a JSON object of strings")
	}
	var p store.Properties
	return p, decode(r.body, &p)
}

func (r *request) isNull() bool {
	text := strings.TrimSpace(string(r.body))
	return text == "" || text == "null"
}

// decode reads JSON; whatever is wrong with it is status 500, as in Connect.
func decode(text []byte, into any) error {
	if !utf8.Valid(text) {
		return errorf(http.StatusInternalServerError, "The request's JSON is not UTF-8")
	}
	if err := json.Unmarshal(text, into); err != nil {
		return errorf(http.StatusInternalServerError, "The request's JSON cannot be read: %v", err)
	}
	return nil
}

// textOf reads a field that is text: numbers and booleans give the text they have in JSON, null and a missing field give
// false.
func textOf(raw json.RawMessage) (text string, ok bool, err error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", false, nil
	case raw[0] == '{' || raw[0] == '[':
		return "", false, errorf(http.StatusInternalServerError, "Cannot deserialize value of type `java.lang.String` from %.40s", raw)
	case raw[0] == '"':
		err = decode(raw, &text)
		return text, err == nil, err
	}
	return string(raw), true, nil
}
