// Package principal tells who a request is from, to whoever logs or limits it. Who finds that out is elsewhere: the listener by a
// client's certificate, an extension by a password, the API function by what AWS says in the event.
package principal

import "context"

// Principal is who a request is from. The zero value is nobody known.
type Principal struct {
	// Name is the user, the subject of a certificate, or an ARN.
	Name string
	// Source says how the name is known: one of the constants below.
	Source string
}

// Sources of principals.
const (
	Basic       = "basic"       // a user name with its password
	Certificate = "certificate" // a client's certificate
	IAM         = "iam"         // a signature that AWS has checked
	JWT         = "jwt"         // a token that AWS has checked
	Authorizer  = "authorizer"  // a Lambda authorizer
	Process     = "process"     // this very process
)

type key struct{}

// Begin returns a context in which a principal can be set. Who calls it sees afterwards what was set further in: an access log is
// outside of what authenticates.
func Begin(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, key{}, &p)
}

// Set says who the request of a context is from; without Begin it does nothing. It must not be called concurrently with Of.
func Set(ctx context.Context, p Principal) {
	if slot, ok := ctx.Value(key{}).(*Principal); ok {
		*slot = p
	}
}

// Of returns who the request of a context is from.
func Of(ctx context.Context) Principal {
	if slot, ok := ctx.Value(key{}).(*Principal); ok {
		return *slot
	}
	return Principal{}
}
