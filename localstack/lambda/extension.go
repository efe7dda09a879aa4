package lambda

import (
	"encoding/json"
	"net/http"
	"syscall"
	"time"
)

// The extension API, as far as a process needs it that wants to be told before it is killed, and the metadata of the execution
// environment. Both are at the address of the runtime API, as on Lambda.
//
// Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html,
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html
const (
	extensionVersion = "/2020-01-01/extension"
	metadataVersion  = "/2026-01-15/metadata"
)

// shutdownTime is what a process with an internal extension has between SIGTERM and SIGKILL. External extensions, which are
// processes of their own and have 2 s, are not started here.
const shutdownTime = 500 * time.Millisecond

// register takes an internal extension. Lambda has no shutdown events for those either: what it gets is the SIGTERM.
func (s *sandbox) register(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Events []string `json:"events"`
	}
	text, err := readAtMost(r.Body, maxEvent)
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &body)
	}
	switch {
	case err != nil:
		writeRuntimeError(w, http.StatusBadRequest, "InvalidRequestFormat", err.Error())
		return
	case r.Header.Get("Lambda-Extension-Name") == "":
		writeRuntimeError(w, http.StatusBadRequest, "Extension.InvalidExtensionName", "the header Lambda-Extension-Name is missing")
		return
	case len(body.Events) > 0:
		writeRuntimeError(w, http.StatusBadRequest, "Extension.InvalidEventType", "this Lambda sends no events to extensions: register for none")
		return
	}
	id := newUUID()
	s.mu.Lock()
	begun := s.asking || s.current != nil
	if !begun {
		s.extensions = append(s.extensions, id)
	}
	s.mu.Unlock()
	if begun {
		writeRuntimeError(w, http.StatusForbidden, "Extension.RegistrationClosed", "the init phase is over")
		return
	}
	w.Header().Set("Lambda-Extension-Identifier", id)
	writeJSON(w, map[string]string{"functionName": s.function.Name, "functionVersion": "$LATEST", "handler": "bootstrap"})
}

// extensionNext keeps an extension waiting, since it registered for no event.
func (s *sandbox) extensionNext(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get("Lambda-Extension-Identifier")
	if !s.hasExtension(id) {
		writeRuntimeError(w, http.StatusForbidden, "Extension.UnknownExtensionIdentifier", "no extension is registered as "+id)
		return
	}
	select {
	case <-r.Context().Done():
	case <-s.gone:
	}
}

func (s *sandbox) hasExtension(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, own := range s.extensions {
		if own == id {
			return true
		}
	}
	return false
}

// shutdown ends a sandbox as Lambda does: a process that registered an extension gets SIGTERM and a moment, any other SIGKILL.
// A frozen one could not use the moment. It does not wait; the service's Close does.
func (s *sandbox) shutdown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endGently()
}

// endGently is shutdown for a caller that holds mu.
func (s *sandbox) endGently() {
	if len(s.extensions) == 0 || s.frozen || s.killed || s.cmd == nil || s.ended {
		s.end()
		return
	}
	s.killed = true // as far as everybody else is concerned
	_ = s.signal(syscall.SIGTERM)
	s.function.lambda.wg.Go(func() {
		timer := time.NewTimer(shutdownTime)
		defer timer.Stop()
		select {
		case <-timer.C:
			s.kill()
		case <-s.gone:
		}
	})
}

// metadata tells where the sandbox runs to whoever has its token.
func (s *sandbox) metadata(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+s.token {
		writeRuntimeError(w, http.StatusUnauthorized, "Unauthorized", "the token is missing or not that of AWS_LAMBDA_METADATA_TOKEN")
		return
	}
	w.Header().Set("Cache-Control", "private, max-age=43200, immutable")
	writeJSON(w, map[string]string{"AvailabilityZoneID": s.function.lambda.opts.Zone})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // nobody to tell
}
