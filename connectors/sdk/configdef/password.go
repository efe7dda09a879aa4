package configdef

import (
	"fmt"
	"io"
	"log/slog"
)

// Hidden is what a Password prints as.
const Hidden = "[hidden]"

// Password is a secret text. Whatever prints, logs or marshals it sees only
// "[hidden]"; [Password.Value] is the one way to the text. The zero Password is
// the empty secret. Compare passwords with [Password.Equal].
type Password struct {
	// A pointer, because fmt prints the fields of an unexported field without
	// calling its methods: a struct that holds a Password would leak the text.
	secret *string
}

// NewPassword returns a Password that hides text.
func NewPassword(text string) Password { return Password{secret: &text} }

// Value returns the secret text.
func (p Password) Value() string {
	if p.secret == nil {
		return ""
	}
	return *p.secret
}

// Equal reports whether both hide the same text.
func (p Password) Equal(other Password) bool { return p.Value() == other.Value() }

// String returns "[hidden]".
func (p Password) String() string { return Hidden }

// Format prints "[hidden]" for every verb.
func (p Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Hidden) }

// MarshalText returns "[hidden]"; encoding/json uses it too.
func (p Password) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// LogValue returns "[hidden]".
func (p Password) LogValue() slog.Value { return slog.StringValue(Hidden) }
