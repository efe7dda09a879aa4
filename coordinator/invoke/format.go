package invoke

import (
	"encoding/json"
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Format is the version of the requests that this code writes, and the newest that it understands.
//
//	0  before there were versions. It has no Token, and is understood as a first hop
//	1  Hop and Token: chains of invocations
//
// A new field that an old function may ignore, as JSON does with what it does not know, needs no new version. One that an
// old function must not ignore does: it would do something else than it was asked to.
const Format = 1

// Encode returns the request as JSON, in the current format.
func Encode(req *Request) ([]byte, error) {
	current := *req
	current.Format = Format
	return json.Marshal(current)
}

// Check returns an error, which says what to do, if the request is of a newer format than this code understands, or if it
// lacks what its operation needs.
func (r *Request) Check() error {
	if r.Format > Format {
		return &connect.Error{
			Kind: connect.KindFatal, Class: connect.ConnectException,
			Message: fmt.Sprintf("the request has format %d, and this function understands formats up to %d", r.Format, Format),
			Hint:    "the coordinator is newer than the connector's function: deploy the connector's function again",
		}
	}
	lacks := r.lacks()
	if lacks == "" {
		return nil
	}
	return &connect.Error{
		Kind: connect.KindFatal, Class: connect.ConnectException,
		Message: fmt.Sprintf("the request to %s is incomplete: %s", r.Op, lacks),
		Hint:    "requests are made by the coordinator; one made by hand has to name what it is about",
	}
}

// lacks says what the request needs and does not have, empty for nothing. What has no class, or an operation that nobody
// knows, is for the function to refuse.
func (r *Request) lacks() string {
	switch {
	case r.Op != OpRun:
		return ""
	case r.Connector == "":
		return "connector is not set"
	case r.Config == nil:
		return "config is not set"
	case r.TaskConfig == nil:
		return "taskConfig is not set"
	case r.Tasks < 1:
		return fmt.Sprintf("tasks is %d, and must be at least 1", r.Tasks)
	case r.Task < 0 || r.Task >= r.Tasks:
		return fmt.Sprintf("task is %d, and must be below tasks, which is %d", r.Task, r.Tasks)
	case r.Hop < 0:
		return fmt.Sprintf("hop is %d, and must not be negative", r.Hop)
	}
	return ""
}
