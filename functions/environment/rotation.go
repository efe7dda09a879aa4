package environment

import (
	"context"
	"maps"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef/secrets"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// lookAgain is how often the worker's secrets are looked at.
const lookAgain = 5 * time.Minute

// Rotation notices that secrets in the worker's configuration have other values than when the process started: the password to Kafka,
// say, which its clients have been made with. A process that is kept warm would be refused for hours. It is used for one event at
// a time; the zero value is ready.
type Rotation struct{ looked time.Time }

// Happened reports whether a secret in w has another value now. It asks the config providers at most once in five minutes, and not
// in the first five. What cannot be answered has not happened: the process goes on with what it has.
func (r *Rotation) Happened(ctx context.Context, w *worker.Config) bool {
	if r.looked.IsZero() {
		r.looked = time.Now()
	}
	if len(w.Secrets()) == 0 || time.Since(r.looked) < lookAgain {
		return false
	}
	r.looked = time.Now()
	for _, p := range w.Providers() {
		if f, ok := p.(interface{ Forget(before time.Time) bool }); ok {
			f.Forget(r.looked)
		}
	}
	placeholders := make(map[string]string)
	for placeholder := range w.Secrets() {
		placeholders[placeholder] = placeholder
	}
	now, err := secrets.Resolve(ctx, w.Providers(), placeholders)
	return err == nil && !maps.Equal(now.Values, w.Secrets())
}
