package main

import (
	"context"
	"errors"
	"maps"
	"os"

	"github.com/ferry-connect/ferry/coordinator/rest/basicauth"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/server"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// extensions are the REST extensions of this command. A program of one's own has its own list.
func extensions() []extension.Class { return []extension.Class{basicauth.Class()} }

// withEnvironment adds the CONNECT_ variables of this process to worker properties; a variable wins.
func withEnvironment(props map[string]string) map[string]string {
	maps.Copy(props, worker.FromEnvironment(os.Environ()))
	return props
}

// listen opens the listeners of a worker; setting is where the user said what they are.
func listen(ctx context.Context, w *worker.Config, setting string) (*server.Server, error) {
	s, err := server.Listen(ctx, w)
	if e, ok := errors.AsType[*server.ListenError](err); ok && e.Key == worker.ListenersKey {
		e.Key = setting
	}
	return s, err
}

// warn logs what is tolerated in the worker's configuration.
func (o output) warn(warnings []string) {
	for _, w := range warnings {
		o.log.Warn(w)
	}
}
