package rest

import "net/http"

// WriteError answers with an error in the form of the API's own, for what stands before it. The headers that are set stay.
func WriteError(w http.ResponseWriter, status int, message string) {
	// If it cannot be sent, nobody is there to hear it.
	_ = errorf(status, "%s", message).response().write(w, false)
}
