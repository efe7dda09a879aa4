package extension

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Class is one kind of extension.
type Class struct {
	// Name is the Java name that users write in rest.extension.classes; what follows its last dot is an alias.
	Name string
	// New makes an extension from the worker's properties, which may hold secrets. The error should name the key that is wrong.
	New func(properties map[string]string) (Extension, error)
}

// Extension is a configured extension.
type Extension interface {
	// Register is called once, before there are requests.
	Register(*Context) error
	// Close is called once, after the last request, and returns when nothing of the extension runs any more.
	Close() error
}

// Context is what an extension can add to, and what it can see. It must not be used once Register has returned, but for Cluster.
type Context struct {
	// Cluster is what can be seen of the cluster.
	Cluster *Cluster

	wraps  []func(http.Handler) http.Handler
	routes map[string]http.Handler
}

// Wrap adds middleware: every request to the main listeners passes it, on its way to the API or to an extension's route.
func (c *Context) Wrap(middleware func(http.Handler) http.Handler) {
	c.wraps = append(c.wraps, middleware)
}

// Handle adds a route. The pattern is one of http.ServeMux, such as "GET /hello/{name}". It goes before a route of the API.
func (c *Context) Handle(pattern string, h http.Handler) {
	if c.routes == nil {
		c.routes = map[string]http.Handler{}
	}
	c.routes[pattern] = h
}

// Chain is the extensions of a worker.
type Chain struct {
	extensions []Extension
	wraps      []func(http.Handler) http.Handler
	mux        *http.ServeMux
	hasRoutes  bool
}

// Load makes the extensions that names lists, in their order, of the classes that there are. It fails, with everything closed
// that was made, when a class is not there or an extension refuses.
func Load(names []string, classes []Class, properties map[string]string, cluster *Cluster) (*Chain, error) {
	c := &Chain{mux: http.NewServeMux()}
	for _, name := range names {
		if err := c.load(name, classes, properties, cluster); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

func (c *Chain) load(name string, classes []Class, properties map[string]string, cluster *Cluster) error {
	i := slices.IndexFunc(classes, func(class Class) bool {
		return class.Name == name || class.Name[strings.LastIndexByte(class.Name, '.')+1:] == name
	})
	if i < 0 {
		return unknown(name, classes)
	}
	e, err := classes[i].New(maps.Clone(properties))
	if err != nil {
		return fmt.Errorf("configure the REST extension %s: %w", name, err)
	}
	c.extensions = append(c.extensions, e)
	ctx := &Context{Cluster: cluster}
	if err := e.Register(ctx); err != nil {
		return fmt.Errorf("register the REST extension %s: %w", name, err)
	}
	c.wraps = append(c.wraps, ctx.wraps...)
	for _, pattern := range slices.Sorted(maps.Keys(ctx.routes)) {
		if err := c.handle(pattern, ctx.routes[pattern]); err != nil {
			return fmt.Errorf("register the REST extension %s: %w", name, err)
		}
	}
	return nil
}

// handle adds a route to the mux, which panics on a pattern that is wrong or taken.
func (c *Chain) handle(pattern string, h http.Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	c.mux.Handle(pattern, h)
	c.hasRoutes = true
	return nil
}

func unknown(name string, classes []Class) error {
	there := make([]string, len(classes))
	for i, class := range classes {
		there[i] = class.Name
	}
	return &connect.Error{
		Kind: connect.KindConfig, Class: connect.ConfigException,
		Message: fmt.Sprintf("Invalid value %s for configuration rest.extension.classes: Class %s could not be found.", name, name),
		Hint:    "there are: " + strings.Join(there, ", "),
	}
}

// Wrap returns api with everything that extensions added before and beside it.
func (c *Chain) Wrap(api http.Handler) http.Handler {
	h := api
	if c.hasRoutes {
		h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, pattern := c.mux.Handler(r); pattern != "" {
				c.mux.ServeHTTP(w, r)
				return
			}
			api.ServeHTTP(w, r)
		})
	}
	for _, wrap := range slices.Backward(c.wraps) {
		h = wrap(h)
	}
	return h
}

// Close ends the extensions, the last one first.
func (c *Chain) Close() error {
	var errs []error
	for _, e := range slices.Backward(c.extensions) {
		errs = append(errs, e.Close())
	}
	c.extensions = nil
	return errors.Join(errs...)
}
