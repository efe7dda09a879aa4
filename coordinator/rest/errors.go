package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// Error is an answer that is no success: its status, and the message of the body {"error_code","message"}.
type Error struct {
	Status  int
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

func errorf(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// standard is the error with JAX-RS's text for a status.
func standard(status int) *Error {
	return errorf(status, "HTTP %d %s", status, http.StatusText(status))
}

func notFound(format string, args ...any) *Error { return errorf(http.StatusNotFound, format, args...) }

// errConflict answers a change that others overtook again and again; clients try again on 409.
var errConflict = errorf(http.StatusConflict, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)")

// errStale answers a change to something that was changed meanwhile.
var errStale = errorf(http.StatusConflict, "Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)")

// answerFor turns any error into an Error: Connect's exceptions by their class, as its ConnectExceptionMapper does.
func answerFor(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if _, held := errors.AsType[*lease.HeldError](err); held || errors.Is(err, store.ErrFenced) {
		return errConflict
	}
	if errors.Is(err, store.ErrChanged) {
		return errStale
	}
	if e, ok := errors.AsType[*connect.Error](err); ok {
		return errorf(statusOf(e.Class), "%s", messageOf(e))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errorf(http.StatusInternalServerError, "Request timed out. %s", err)
	}
	return errorf(http.StatusInternalServerError, "%s", err)
}

func statusOf(class string) int {
	switch class {
	case connectorconfig.BadRequestException:
		return http.StatusBadRequest
	case connect.NotFoundException:
		return http.StatusNotFound
	case connect.AlreadyExistsException:
		return http.StatusConflict
	case store.RecordTooLargeException:
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusInternalServerError
}

// messageOf is the message alone when that is all there is, because tools compare it.
func messageOf(e *connect.Error) string {
	if e.Cause == nil && e.Hint == "" {
		return e.Message
	}
	return e.Error()
}
