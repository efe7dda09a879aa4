package kafkaclient

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
)

const (
	bootstrapKey = "bootstrap.servers"
	// adminListeners begins keys of the REST API that look like ones of admin clients.
	adminListeners = "admin.listeners"
)

// Settings are those of one client of a task, each from where it is said most closely: by the connector (producer.override.acks), by
// the worker for clients of the kind (producer.acks), or, if it is about security, by the worker for all clients. They are
// immutable, and may hold secrets.
type Settings struct {
	kind    Kind
	values  map[string]string
	names   map[string]string // by key, of what was said for the kind
	servers string            // of the worker
	refusal error             // of a URL or a file that the connector may not name: see unlisted
}

// New returns the settings of a client. worker are the worker's properties, or as many of them as matter here; connector is the
// connector's configuration with its placeholders resolved.
func New(kind Kind, worker, connector map[string]string) Settings {
	s := Settings{kind: kind, values: map[string]string{}, names: map[string]string{}, servers: worker[bootstrapKey], refusal: unlisted(kind, worker, connector)}
	for k, v := range worker {
		if IsSecurity(k) {
			s.values[k] = v
		}
	}
	for _, layer := range []struct {
		prefix string
		from   map[string]string
	}{{string(kind) + ".", worker}, {kind.Prefix(), connector}} {
		for name, v := range layer.from {
			if k, ok := strings.CutPrefix(name, layer.prefix); ok && k != "" && !strings.HasPrefix(name, adminListeners) {
				s.values[k], s.names[k] = v, name
			}
		}
	}
	return s
}

// IsSecurity reports whether a key is one of those that package security reads.
func IsSecurity(key string) bool {
	return strings.HasPrefix(key, "security.") || strings.HasPrefix(key, "ssl.") || strings.HasPrefix(key, "sasl.")
}

// Get implements security.Settings.
func (s Settings) Get(key string) string { return strings.TrimSpace(s.values[key]) }

// Name implements security.Settings: the key as it was written.
func (s Settings) Name(key string) string {
	if name, ok := s.names[key]; ok {
		return name
	}
	if _, ofWorker := s.values[key]; ofWorker || IsSecurity(key) && len(s.names) == 0 {
		return key
	}
	return s.kind.Prefix() + key
}

// Has tells a setting that is empty from one that is missing.
func (s Settings) Has(key string) bool { _, ok := s.values[key]; return ok }

// isOwn reports whether a setting was said for clients of the kind.
func (s Settings) isOwn(key string) bool { _, ok := s.names[key]; return ok }

// isSet reports whether anything was.
func (s Settings) isSet() bool { return len(s.names) > 0 }

// OfWorker returns the settings that a worker has for its own clients: keys without a prefix, those of them that a client of Kafka
// Connect's would take and that are not the worker's for other reasons.
func OfWorker(worker map[string]string) Settings {
	s := Settings{kind: Admin, values: map[string]string{}, names: map[string]string{}, servers: worker[bootstrapKey]}
	for _, k := range []string{
		"client.id", "connections.max.idle.ms", "default.api.timeout.ms", "metadata.max.age.ms", "request.timeout.ms", "retries",
		"retry.backoff.ms", "retry.backoff.max.ms", "socket.connection.setup.timeout.ms",
	} {
		if v, ok := worker[k]; ok {
			s.values[k], s.names[k] = v, k
		}
	}
	return s
}

// Serves reports whether a client with these settings may do the work of another: if nothing was said for that, and both log in alike.
func (s Settings) Serves(other Settings) bool {
	return !other.isSet() && maps.Equal(s.security(), other.security())
}

func (s Settings) security() map[string]string {
	m := map[string]string{}
	for k, v := range s.values {
		if IsSecurity(k) {
			m[k] = v
		}
	}
	return m
}

func (s Settings) invalid(key, why string) error {
	return connect.ConfigError(fmt.Sprintf("Invalid value %s for configuration %s: %s", s.Get(key), s.Name(key), why))
}

// Number returns a whole number within bounds; def when the setting is missing.
func (s Settings) Number(key string, def, least, most int64) (int64, error) {
	text := s.Get(key)
	if text == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return 0, s.invalid(key, "Not a number")
	case n < least || n > most:
		return 0, s.invalid(key, fmt.Sprintf("Value must be between %d and %d", least, most))
	}
	return n, nil
}

// duration returns milliseconds, and brings them within bounds that are not the setting's but ours.
func (s Settings) duration(key string, def, least, most time.Duration) (time.Duration, error) {
	n, err := s.Number(key, def.Milliseconds(), -1, 1<<53)
	if n < 0 { // for ever
		return most, err
	}
	return min(max(time.Duration(min(n, most.Milliseconds()))*time.Millisecond, least), most), err
}

func (s Settings) boolean(key string, def bool) (bool, error) {
	switch text := s.Get(key); {
	case text == "":
		return def, nil
	case strings.EqualFold(text, "true"):
		return true, nil
	case strings.EqualFold(text, "false"):
		return false, nil
	}
	return false, s.invalid(key, "Expected value to be either true or false")
}

// oneOf returns a value in lower case, which must be one of those given; the first is the default.
func (s Settings) oneOf(key string, values ...string) (string, error) {
	v := strings.ToLower(s.Get(key))
	switch {
	case v == "":
		return values[0], nil
	case slices.Contains(values, v):
		return v, nil
	}
	return "", s.invalid(key, "String must be one of: "+strings.Join(values, ", "))
}

// Security makes the security options of clients, and remembers those of settings that it has seen: stores are read once in the life
// of a process, and clients that log in alike share their tokens. The zero value is ready, without AWS_MSK_IAM.
type Security struct {
	// AWS has the credentials for AWS_MSK_IAM; nil refuses it.
	AWS security.AWS

	mu   sync.Mutex
	seen map[string][]kgo.Opt
}

// remembered bounds what Security remembers: a process serves the tasks of few connectors.
const remembered = 32

// Options returns the options of a client. It may be called concurrently; a nil Security remembers nothing. URLs and files that the
// connector may not name are refused before anything is read, or remembered of another client.
func (c *Security) Options(s Settings) ([]kgo.Opt, error) {
	if s.refusal != nil {
		return nil, s.refusal
	}
	if c == nil {
		return security.Options(s, nil)
	}
	var id strings.Builder
	of := s.security()
	for _, k := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(&id, "%q=%q ", k, of[k])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if opts, ok := c.seen[id.String()]; ok {
		return opts, nil
	}
	opts, err := security.Options(s, c.AWS)
	if err != nil {
		return nil, err
	}
	if c.seen == nil || len(c.seen) >= remembered {
		c.seen = make(map[string][]kgo.Opt)
	}
	c.seen[id.String()] = opts
	return opts, nil
}
