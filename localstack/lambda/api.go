package lambda

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Limits of payloads in bytes: of a synchronous request, of an asynchronous one, and of an answer.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	maxRequest = 6 << 20
	maxEvent   = 1 << 20
	maxAnswer  = 6<<20 + 100
)

// api is Lambda's API, as far as it is about invocations.
func (l *Lambda) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", l.invoke)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "UnknownOperationException", fmt.Sprintf("%s %s is not an operation that this Lambda has", r.Method, r.URL.Path), "")
	})
	return mux
}

func (l *Lambda) invoke(w http.ResponseWriter, r *http.Request) {
	name := functionName(r.PathValue("name"))
	f, ok := l.function(name)
	if !ok {
		unknown := Function{Name: name}
		writeError(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+unknown.arn(), "")
		return
	}
	kind := r.Header.Get("X-Amz-Invocation-Type")
	limit := maxRequest
	if kind == "Event" {
		limit = maxEvent
	}
	payload, err := readAtMost(r.Body, limit)
	switch {
	case errors.Is(err, errTooLarge):
		writeError(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException",
			fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", limit), "")
		return
	case err != nil: // the caller is gone
		return
	case len(payload) == 0:
		payload = []byte("{}")
	case !json.Valid(payload):
		writeError(w, http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json", "")
		return
	}
	trace, hops := nextHop(r.Header.Get("X-Amzn-Trace-Id"))
	e := event{id: newUUID(), trace: trace, payload: payload}
	recursive := hops > maxHops && !f.RecursiveLoop
	switch kind {
	case "", "RequestResponse":
		f.answer(w, r, e, recursive, l.faults.take(name, "RequestResponse", payload))
	case "Event":
		f.accept(w, e, recursive, l.faults.take(name, kind, payload))
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
	default:
		writeError(w, http.StatusBadRequest, "InvalidParameterValueException", "Unknown invocation type "+kind, "")
	}
}

// functionName takes the name out of what callers may write for it: name, name:qualifier, account:function:name, or an ARN.
func functionName(text string) string {
	if _, rest, ok := strings.Cut(text, "function:"); ok {
		text = rest
	}
	name, _, _ := strings.Cut(text, ":")
	return name
}

// answer runs the function and waits. A caller that goes away does not end the invocation.
func (f *function) answer(w http.ResponseWriter, r *http.Request, e event, recursive bool, fault Fault) {
	switch {
	case recursive:
		f.dropped.Add(1)
		writeRefusal(w, recursion())
		return
	case fault.Refuse != nil:
		writeRefusal(w, fault.Refuse)
		return
	case fault.Drop:
		closeConnection()
	}
	if !f.lambda.passed(r.Context(), fault.Hold) {
		f.queue.add(e, 0, fault) // the caller is gone, and what it sent arrives late all the same
		return
	}
	s, _ := f.pool.acquire()
	if s == nil {
		writeRefusal(w, Throttled())
		return
	}
	inv := newInvocation(e)
	if !f.lambda.start(func() { s.serve(inv) }) {
		f.pool.remove(s)
		writeError(w, http.StatusServiceUnavailable, "ServiceException", "the service is closed", "")
		return
	}
	f.queue.repeat(e, 0, fault)
	select {
	case <-inv.done:
	case <-r.Context().Done():
		return
	}
	if fault.LoseReply {
		closeConnection()
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-RequestId", inv.id)
	h.Set("X-Amz-Executed-Version", "$LATEST")
	if inv.result.failed {
		h.Set("X-Amz-Function-Error", "Unhandled")
	}
	if r.Header.Get("X-Amz-Log-Type") == "Tail" {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(inv.result.log))
	}
	_, _ = w.Write(inv.result.payload) // a caller that is gone does not need it
}

// accept queues an event. Its request id is that of all its deliveries.
func (f *function) accept(w http.ResponseWriter, e event, recursive bool, fault Fault) {
	switch {
	case fault.Refuse != nil:
		writeRefusal(w, fault.Refuse)
		return
	case recursive: // the caller does not hear of it
		f.dropped.Add(1)
	case !fault.Drop && !f.queue.add(e, f.Retries, fault):
		writeRefusal(w, Throttled())
		return
	case fault.LoseReply:
		closeConnection()
	}
	w.Header().Set("X-Amzn-RequestId", e.id)
	w.WriteHeader(http.StatusAccepted)
}

// closeConnection ends the request and its connection; the caller gets no answer. It does not return.
func closeConnection() { panic(http.ErrAbortHandler) }

func writeRefusal(w http.ResponseWriter, r *Refusal) {
	writeError(w, r.Status, r.Type, r.Message, r.Reason)
}

func writeError(w http.ResponseWriter, status int, kind, message, reason string) {
	body := map[string]string{"Type": "User", "Message": message, "message": message}
	if status >= http.StatusInternalServerError {
		body["Type"] = "Service"
	}
	if reason != "" {
		body["Reason"] = reason
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // nobody to tell
}
