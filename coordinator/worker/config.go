package worker

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/secrets"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Config is a parsed worker configuration. It is immutable and may hold secrets.
type Config struct {
	// BootstrapServers are host:port addresses of the Kafka cluster.
	BootstrapServers []string
	// GroupID is group.id: it names the Connect cluster, its transactional ids and its client ids.
	GroupID string
	// ConfigTopic, OffsetTopic and StatusTopic are Connect's three internal topics.
	ConfigTopic, OffsetTopic, StatusTopic string
	// OffsetPartitions and StatusPartitions are used when the topics are created; the config topic always has one.
	OffsetPartitions, StatusPartitions int32
	// ConfigReplication, OffsetReplication and StatusReplication are used when the topics are created; -1 is the broker's
	// default.
	ConfigReplication, OffsetReplication, StatusReplication int16
	// Listen is the address of the first http listener, host:port.
	Listen string
	// WorkerID is what status records name as their writer: the advertised host:port.
	WorkerID string
	// OffsetFile is offset.storage.file.filename, for standalone mode.
	OffsetFile string
	// Standalone says that this is standalone mode, where exactly.once.support and transaction.boundary of connectors count for
	// nothing.
	Standalone bool
	// ExactlyOnceSupport is exactly.once.source.support: enabled, preparing or disabled. Here it is enabled by default.
	ExactlyOnceSupport string

	properties map[string]string
	providers  map[string]configdef.ConfigProvider
	secrets    map[string]string // by placeholder
}

// ExactlyOnceSupportKey is the key of ExactlyOnceSupport, ExactlyOnceEnabled the value with which sources are exactly once.
const (
	ExactlyOnceSupportKey = "exactly.once.source.support"
	ExactlyOnceEnabled    = "enabled"
)

// AtLeastOnce returns why sources run at least once, empty when they run exactly once. With preparing they do not yet, as in
// Kafka Connect.
func (c *Config) AtLeastOnce() string {
	if c.ExactlyOnceSupport == ExactlyOnceEnabled {
		return ""
	}
	return ExactlyOnceSupportKey + "=" + c.ExactlyOnceSupport
}

// ReadFile parses a worker.properties file, a Java properties file.
func ReadFile(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read worker configuration: %w", err)
	}
	props, err := provider.ParseProperties(string(text))
	if err != nil {
		return nil, fmt.Errorf("parse worker configuration %s: %w", path, err)
	}
	return props, nil
}

// New interprets worker properties for distributed mode. All problems are reported at once, each naming its key.
func New(props map[string]string) (*Config, error) { return parse(props, true) }

// NewStandalone interprets worker properties for standalone mode, which needs no group and no internal topics.
func NewStandalone(props map[string]string) (*Config, error) { return parse(props, false) }

func parse(props map[string]string, distributed bool) (*Config, error) {
	props, providers, values, err := resolve(props)
	r := reader{props: props}
	if err != nil {
		r.errs = append(r.errs, err.Error())
	}
	c := &Config{
		BootstrapServers:  r.list("bootstrap.servers", true),
		GroupID:           r.text("group.id", "", distributed),
		ConfigTopic:       r.text("config.storage.topic", "", distributed),
		OffsetTopic:       r.text("offset.storage.topic", "", distributed),
		StatusTopic:       r.text("status.storage.topic", "", distributed),
		OffsetPartitions:  int32(r.number("offset.storage.partitions", 25)),
		StatusPartitions:  int32(r.number("status.storage.partitions", 5)),
		ConfigReplication: int16(r.number("config.storage.replication.factor", 3)),
		OffsetReplication: int16(r.number("offset.storage.replication.factor", 3)),
		StatusReplication: int16(r.number("status.storage.replication.factor", 3)),
		OffsetFile:        r.text("offset.storage.file.filename", "", !distributed),
		Standalone:        !distributed,
		properties:        props,
		providers:         providers,
		secrets:           values,
	}
	c.ExactlyOnceSupport = r.oneOf(ExactlyOnceSupportKey, ExactlyOnceEnabled, "preparing", "disabled")
	r.text("key.converter", "", true)
	r.text("value.converter", "", true)
	c.Listen = r.listener()
	c.WorkerID = r.workerID(c.Listen)
	if _, err := c.Kafka(); err != nil {
		r.errs = append(r.errs, err.Error())
	}
	if _, err := c.Policy(); err != nil {
		r.errs = append(r.errs, err.Error())
	}
	r.errs = append(r.errs, c.checkClients()...)
	if len(r.errs) > 0 {
		return nil, connect.ConfigError(secrets.New(values).Hide("invalid worker configuration: " + strings.Join(r.errs, "; ")))
	}
	return c, nil
}

// Converters returns the worker's converter settings: key.converter, value.converter, header.converter and their
// prefixed keys. They are the defaults of connectors that name no converter.
func (c *Config) Converters() map[string]string {
	m := map[string]string{"header.converter": "org.apache.kafka.connect.storage.SimpleHeaderConverter"}
	for k, v := range c.properties {
		if strings.HasPrefix(k, "key.converter") || strings.HasPrefix(k, "value.converter") || strings.HasPrefix(k, "header.converter") {
			m[k] = v
		}
	}
	return m
}

// Property returns the raw value of a key.
func (c *Config) Property(key string) (string, bool) {
	v, ok := c.properties[key]
	return v, ok
}

// TransactionalID returns the transactional id that fences a task, Connect's own for exactly-once sources.
func (c *Config) TransactionalID(connector string, task int) string {
	return c.GroupID + "-" + connector + "-" + strconv.Itoa(task)
}

// reader takes keys out of properties and collects what is wrong with them.
type reader struct {
	props map[string]string
	errs  []string
}

func (r *reader) text(key, def string, required bool) string {
	v := strings.TrimSpace(r.props[key])
	if v == "" {
		if required {
			r.errs = append(r.errs, fmt.Sprintf("Missing required configuration %q which has no default value.", key))
		}
		return def
	}
	return v
}

func (r *reader) list(key string, required bool) []string {
	var out []string
	for item := range strings.SplitSeq(r.text(key, "", required), ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

func (r *reader) number(key string, def int) int {
	v := r.text(key, "", false)
	if v == "" {
		return def
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < -1 || n > 32767 {
		r.errs = append(r.errs, fmt.Sprintf("Invalid value %s for configuration %s: Not a number of type SHORT", v, key))
		return def
	}
	return n
}

// oneOf returns the value of a key in lower case, which must be one of those given; the first is the default.
func (r *reader) oneOf(key string, values ...string) string {
	given := r.text(key, values[0], false)
	v := strings.ToLower(given)
	if !slices.Contains(values, v) {
		r.errs = append(r.errs, fmt.Sprintf("Invalid value %s for configuration %s: String must be one of (case insensitive): %s", given, key, strings.Join(values, ", ")))
	}
	return v
}

// listener returns host:port of the first http listener; an empty host is every interface in Kafka Connect, and is kept.
func (r *reader) listener() string {
	for _, l := range r.list("listeners", false) {
		scheme, addr, ok := strings.Cut(l, "://")
		if !ok || !strings.EqualFold(scheme, "http") {
			continue
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			r.errs = append(r.errs, fmt.Sprintf("Invalid value %s for configuration listeners: %v", l, err))
			continue
		}
		return addr
	}
	return "127.0.0.1:8083"
}

func (r *reader) workerID(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || host == "" {
		host = "127.0.0.1"
	}
	host = r.text("rest.advertised.host.name", host, false)
	port = r.text("rest.advertised.port", port, false)
	return net.JoinHostPort(host, port)
}
