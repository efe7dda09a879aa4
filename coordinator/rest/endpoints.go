package rest

import (
	"slices"
	"strings"
)

// Endpoint is a resource of the API, as documentation lists it.
type Endpoint struct {
	// Path has parameters in braces.
	Path string
	// Methods are sorted, without HEAD and OPTIONS.
	Methods []string
	// Differs is how it differs from Kafka Connect's, beside what is true for all of them; empty for not at all.
	Differs string
}

// Endpoints returns every resource, in the order of Kafka Connect's documentation.
func Endpoints() []Endpoint {
	h := new(handler)
	var all []Endpoint
	for _, r := range append(h.routes(), h.loggerRoutes()...) {
		e := Endpoint{Path: "/" + withParameters(r.path), Differs: r.differs}
		for method := range r.methods {
			e.Methods = append(e.Methods, method)
		}
		slices.Sort(e.Methods)
		all = append(all, e)
	}
	return all
}

// withParameters names what a path leaves open by what stands before it, in the singular.
func withParameters(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if s == "*" {
			of := segments[i-1]
			segments[i] = "{" + strings.TrimSuffix(of[strings.LastIndexByte(of, '-')+1:], "s") + "}"
		}
	}
	return strings.Join(segments, "/")
}
