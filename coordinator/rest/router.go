package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	requestTime = 90 * time.Second
	healthTime  = 10 * time.Second
)

// handle serves one method of one resource.
type handle func(context.Context, *request) (*response, error)

// route is a resource: its path, in which * is any segment, and what its methods do.
type route struct {
	path    string
	methods map[string]handle
	// reads marks a resource whose PUT changes nothing, for the audit log.
	reads bool
	// anytime marks a resource that can be changed while Kafka is away.
	anytime bool
	// anyType marks a resource that does not look at the type of a body.
	anyType bool
	// differs is what COMPATIBILITY.md says of the resource; empty when it is as in Kafka Connect.
	differs string
}

func (h *handler) routes() []route {
	type methods = map[string]handle
	return []route{
		{path: "", methods: methods{"GET": h.root}, anyType: true},
		{path: "health", methods: methods{"GET": h.health}, anyType: true, differs: "the message says what is wrong"},
		{path: "connectors", methods: methods{"GET": h.list, "POST": h.create}},
		{path: "connectors/*", methods: methods{"GET": h.get, "DELETE": h.remove}},
		{path: "connectors/*/config", methods: methods{"GET": h.getConfig, "PUT": h.putConfig, "PATCH": h.patchConfig}},
		{path: "connectors/*/status", methods: methods{"GET": h.status}, differs: "there at once after creation, where Kafka Connect answers 404 for a moment"},
		{path: "connectors/*/restart", methods: methods{"POST": h.restart}},
		{path: "connectors/*/pause", methods: methods{"PUT": h.pause}},
		{path: "connectors/*/resume", methods: methods{"PUT": h.resume}},
		{path: "connectors/*/stop", methods: methods{"PUT": h.stop}},
		{path: "connectors/*/tasks", methods: methods{"GET": h.tasks}},
		{path: "connectors/*/tasks/*/status", methods: methods{"GET": h.taskStatus}},
		{path: "connectors/*/tasks/*/restart", methods: methods{"POST": h.restartTask}},
		{path: "connectors/*/topics", methods: methods{"GET": h.topics}},
		{path: "connectors/*/topics/reset", methods: methods{"PUT": h.resetTopics}},
		{path: "connectors/*/offsets", methods: methods{"GET": h.offsets, "PATCH": h.alterOffsets, "DELETE": h.resetOffsets}, differs: "an entry that is null is 400, not 500"},
		{path: "connector-plugins", methods: methods{"GET": h.plugins}},
		{path: "connector-plugins/*/config", methods: methods{"GET": h.pluginConfig}, differs: "a Java class that is no plugin is 404: there is no class path"},
		{path: "connector-plugins/*/config/validate", methods: methods{"PUT": h.validate}, reads: true},
		{path: "ferry/transform/preview", methods: methods{"POST": h.preview}, reads: true},
	}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.heed()
	req := &request{Request: r}
	resp, err := h.serve(w, req)
	if err != nil {
		answer := answerFor(err)
		if _, decided := errors.AsType[*Error](err); !decided && answer.Status >= http.StatusInternalServerError {
			h.Log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "status", answer.Status, "error", err)
		}
		resp = answer.response()
	}
	req.warn(w)
	if err := resp.write(w, r.Method == http.MethodHead); err != nil {
		h.Log.Warn("could not send an answer", "method", r.Method, "path", r.URL.Path, "error", err)
	}
}

func (h *handler) serve(w http.ResponseWriter, req *request) (*response, error) {
	route, err := h.match(req)
	if err != nil {
		return nil, err
	}
	if req.Method == http.MethodOptions {
		return allowed(w, req, route)
	}
	method := req.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	run, found := route.methods[method]
	if !found {
		w.Header().Set("Allow", strings.Join(methodsOf(route), ","))
		return nil, standard(http.StatusMethodNotAllowed)
	}
	if !route.anyType && !req.sendsJSON() {
		return nil, standard(http.StatusUnsupportedMediaType)
	}
	if !req.accepts("application/json") {
		return nil, standard(http.StatusNotAcceptable)
	}
	if err := req.read(w, h.Worker.REST.RequestBytes); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(req.Context(), requestTime)
	defer cancel()
	if route.reads || method == http.MethodGet {
		return h.guard(ctx, run, req)
	}
	began := h.Now()
	if !route.anytime {
		run = h.whenReady(run)
	}
	ctx, made := withChange(ctx)
	resp, err := h.guard(ctx, run, req)
	h.audit(ctx, req, made, resp, err, h.Now().Sub(began))
	return resp, err
}

// whenReady runs a change if Kafka answers.
func (h *handler) whenReady(run handle) handle {
	return func(ctx context.Context, r *request) (*response, error) {
		if err := h.ready(ctx); err != nil {
			return nil, err
		}
		return run(ctx, r)
	}
}

// guard turns a panic into an error: in a function it would end the process, and with it requests that follow.
func (h *handler) guard(ctx context.Context, run handle, req *request) (resp *response, err error) {
	defer func() {
		if p := recover(); p != nil {
			h.Log.Error("a mistake in the program", "method", req.Method, "path", req.URL.Path, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("a mistake in the program: %v", p)
		}
	}()
	return run(ctx, req)
}

// match finds the resource. Segments are decoded one by one, so that a name may have an escaped slash. A slash at the end
// makes no difference.
func (h *handler) match(req *request) (route, error) {
	path := strings.TrimSuffix(strings.TrimPrefix(req.URL.EscapedPath(), "/"), "/")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		decoded, err := url.PathUnescape(s)
		if err != nil || !utf8.ValidString(decoded) || s == "" && path != "" {
			return route{}, standard(http.StatusBadRequest)
		}
		segments[i] = decoded
	}
	for _, r := range h.table {
		if params, fits := fit(strings.Split(r.path, "/"), segments); fits {
			req.params = params
			if len(params) > 0 && segments[0] == "connectors" {
				req.subject = params[0]
			}
			return r, nil
		}
	}
	return route{}, standard(http.StatusNotFound)
}

func fit(pattern, segments []string) (params []string, fits bool) {
	if len(pattern) != len(segments) {
		return nil, false
	}
	for i, p := range pattern {
		switch p {
		case "*":
			params = append(params, segments[i])
		case segments[i]:
		default:
			return nil, false
		}
	}
	return params, true
}

func methodsOf(r route) []string {
	names := []string{http.MethodOptions}
	for name := range r.methods {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return names
}

// allowed answers OPTIONS, with text for whoever takes that.
func allowed(w http.ResponseWriter, req *request, r route) (*response, error) {
	names := methodsOf(r)
	w.Header().Set("Allow", strings.Join(names, ","))
	if !req.accepts("text/plain") {
		return empty(http.StatusOK)
	}
	return &response{status: http.StatusOK, text: strings.Join(names, ", ")}, nil
}
