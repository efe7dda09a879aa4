package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// The runtime API, by which a process gets its events and gives its answers.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
const runtimeVersion = "/2018-06-01/runtime"

func (s *sandbox) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+runtimeVersion+"/invocation/next", s.next)
	mux.HandleFunc("POST "+runtimeVersion+"/invocation/{id}/response", s.response)
	mux.HandleFunc("POST "+runtimeVersion+"/invocation/{id}/error", s.invocationError)
	mux.HandleFunc("POST "+runtimeVersion+"/init/error", s.initError)
	mux.HandleFunc("POST "+extensionVersion+"/register", s.register)
	mux.HandleFunc("GET "+extensionVersion+"/event/next", s.extensionNext)
	mux.HandleFunc("GET "+metadataVersion+"/execution-environment", s.metadata)
	return mux
}

// next hands out the next event. To ask for it is also to say that the last one is done with.
func (s *sandbox) next(w http.ResponseWriter, r *http.Request) {
	if !s.ask() {
		// It asks twice, never answered, or is a zombie. Whatever it is about to do, it must not do it with another event.
		s.kill()
		return
	}
	select {
	case inv := <-s.events:
		s.mu.Lock()
		s.asking = false
		s.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", s.function.arn())
		h.Set("Lambda-Runtime-Trace-Id", inv.trace)
		_, _ = w.Write(inv.payload) // a process that does not read it runs into its deadline
	case <-r.Context().Done(): // a process that gives up waiting would not hear of an event
		s.kill()
	case <-s.gone:
	}
}

// ask notes that the process waits for an event, and reports whether it may.
func (s *sandbox) ask() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asking || s.zombie {
		return false
	}
	s.asking = true
	if s.current == nil {
		close(s.ready) // only the first request comes without an event before it
		return true
	}
	select {
	case <-s.current.done:
	default:
		return false
	}
	close(s.current.idle)
	return true
}

func (s *sandbox) response(w http.ResponseWriter, r *http.Request) {
	inv := s.answered(w, r)
	if inv == nil {
		return
	}
	payload, err := readAtMost(r.Body, maxAnswer)
	if errors.Is(err, errTooLarge) {
		text := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxAnswer)
		inv.finish(s.withTail(inv, inv.functionError("Function.ResponseSizeTooLarge", "%s", text)))
		writeRuntimeError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", text)
		return
	}
	if err != nil {
		writeRuntimeError(w, http.StatusBadRequest, "InvalidBody", err.Error())
		return
	}
	s.accept(w, inv, result{payload: payload})
}

func (s *sandbox) invocationError(w http.ResponseWriter, r *http.Request) {
	inv := s.answered(w, r)
	if inv == nil {
		return
	}
	payload, err := readAtMost(r.Body, maxAnswer)
	if err != nil {
		writeRuntimeError(w, http.StatusBadRequest, "InvalidBody", err.Error())
		return
	}
	s.accept(w, inv, result{payload: payload, failed: true})
}

// answered returns the invocation that a request is about, nil after refusing any other than the current one. A zombie's
// answer is the last thing that is heard of it.
func (s *sandbox) answered(w http.ResponseWriter, r *http.Request) *invocation {
	s.mu.Lock()
	inv, zombie := s.current, s.zombie
	s.mu.Unlock()
	if zombie {
		s.kill()
		return nil
	}
	if inv == nil || inv.id != r.PathValue("id") {
		writeRuntimeError(w, http.StatusBadRequest, "InvalidRequestID", "the invocation is not the current one")
		return nil
	}
	return inv
}

func (s *sandbox) accept(w http.ResponseWriter, inv *invocation, r result) {
	if !inv.finish(s.withTail(inv, r)) {
		writeRuntimeError(w, http.StatusBadRequest, "InvalidStateTransition", "the invocation has been answered already")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

// initError keeps what a process says about its failure to start, and ends it.
func (s *sandbox) initError(w http.ResponseWriter, r *http.Request) {
	payload, err := readAtMost(r.Body, maxAnswer)
	if err != nil {
		writeRuntimeError(w, http.StatusBadRequest, "InvalidBody", err.Error())
		return
	}
	s.mu.Lock()
	s.initFail = payload
	s.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	s.kill()
}

func writeRuntimeError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message}) // nobody to tell
}

var errTooLarge = errors.New("too large")

// readAtMost reads all of r, or fails with errTooLarge.
func readAtMost(r io.Reader, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err == nil && len(b) > limit {
		err = errTooLarge
	}
	return b, err
}
