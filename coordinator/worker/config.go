package worker

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

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
	// WorkerID is what status records name as their writer: the advertised host:port.
	WorkerID string
	// OffsetFile is offset.storage.file.filename, for standalone mode.
	OffsetFile string
	// Standalone says that this is standalone mode, where exactly.once.support and transaction.boundary of connectors count for
	// nothing.
	Standalone bool
	// ExactlyOnceSupport is exactly.once.source.support: enabled, preparing or disabled. Here it is enabled by default.
	ExactlyOnceSupport string
	// TrackTopics is topic.tracking.enable.
	TrackTopics bool
	// ShutdownTimeout is how long tasks have to commit when the process ends.
	ShutdownTimeout time.Duration
	// REST is how the REST API is served.
	REST REST

	properties map[string]string
	providers  map[string]configdef.ConfigProvider
	secrets    map[string]string // by placeholder
	warnings   []string
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
	def, err := definition(distributed)
	if err != nil {
		return nil, fmt.Errorf("define the worker's configuration: %w", err)
	}
	props, providers, values, unresolved := resolve(props)
	// All problems are told at once: what does not depend on a key that is wrong is looked at too.
	c := &Config{properties: props, providers: providers, secrets: values}
	var restErr error
	c.REST, c.WorkerID, restErr = readREST(props)
	parsed, err := def.Parse(props)
	var kafka error
	if !isAbout(err, "security.protocol") { // it would be told twice
		_, kafka = c.Kafka()
	}
	_, policy := c.Policy()
	if text := problems(append(c.checkClients(), unresolved, err, c.refused(distributed), restErr, kafka, policy)...); text != "" {
		return nil, connect.ConfigError(secrets.New(values).Hide("invalid worker configuration: " + text))
	}
	c.take(parsed, distributed)
	return c, nil
}

// take sets the fields from a configuration that is right.
func (c *Config) take(parsed configdef.Config, distributed bool) {
	*c = Config{
		BootstrapServers: parsed.List("bootstrap.servers"),
		Standalone:       !distributed,
		TrackTopics:      parsed.Bool(TopicTrackingKey),
		ShutdownTimeout:  time.Duration(max(parsed.Long(ShutdownTimeoutKey), 0)) * time.Millisecond,
		REST:             c.REST,
		WorkerID:         c.WorkerID,
		properties:       c.properties,
		providers:        c.providers,
		secrets:          c.secrets,
		warnings:         slices.Concat(parsed.Warnings(), unused(parsed.Unused())),
	}
	c.ExactlyOnceSupport = strings.ToLower(parsed.String(ExactlyOnceSupportKey))
	if distributed {
		c.GroupID = parsed.String("group.id")
		c.ConfigTopic, c.ConfigReplication = parsed.String("config.storage.topic"), parsed.Short("config.storage.replication.factor")
		c.OffsetTopic, c.OffsetReplication = parsed.String("offset.storage.topic"), parsed.Short("offset.storage.replication.factor")
		c.StatusTopic, c.StatusReplication = parsed.String("status.storage.topic"), parsed.Short("status.storage.replication.factor")
		c.OffsetPartitions, c.StatusPartitions = int32(parsed.Int("offset.storage.partitions")), int32(parsed.Int("status.storage.partitions"))
	} else {
		// Not a key of standalone mode, but transactional ids need one.
		c.GroupID = strings.TrimSpace(c.properties["group.id"])
		c.OffsetFile = parsed.String("offset.storage.file.filename")
	}
}

// isAbout reports whether one of the errors of a definition is about a key.
func isAbout(err error, key string) bool {
	errs, _ := errors.AsType[configdef.Errors](err)
	return slices.ContainsFunc(errs, func(e *configdef.Error) bool { return e.Key == key })
}

// problems returns all that is wrong in one text, empty if nothing is.
func problems(errs ...error) string {
	var texts []string
	for _, err := range errs {
		list, isList := err.(configdef.Errors) //nolint:errorlint // it is never wrapped here
		if !isList {
			if err != nil {
				texts = append(texts, err.Error())
			}
			continue
		}
		for _, e := range list {
			texts = append(texts, e.Error())
		}
	}
	return strings.Join(texts, "; ")
}

// refused returns what Kafka Connect would accept and cannot be right.
func (c *Config) refused(distributed bool) error {
	var errs configdef.Errors
	notEmpty := []string{"offset.storage.file.filename"}
	if distributed {
		notEmpty = []string{"group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic"}
		errs = append(errs, c.sharedTopics()...)
	}
	for _, key := range notEmpty {
		if value, set := c.properties[key]; set && strings.TrimSpace(value) == "" {
			errs = append(errs, configdef.Invalid(key, value, "String must be non-empty"))
		}
	}
	return errs
}

// sharedTopics finds internal topics of one name: each would be read as the other.
func (c *Config) sharedTopics() (errs configdef.Errors) {
	first := map[string]string{}
	for _, key := range []string{"config.storage.topic", "offset.storage.topic", "status.storage.topic"} {
		topic := strings.TrimSpace(c.properties[key])
		if other, taken := first[topic]; taken && topic != "" {
			errs = append(errs, configdef.Invalid(key, topic, "it is the topic of "+other+" too"))
		}
		first[topic] = key
	}
	return errs
}

// unused returns a warning about keys that nobody knows, as Kafka Connect logs it.
func unused(names []string) []string {
	names = slices.DeleteFunc(names, isPrefixed)
	// What is a key of the other mode is no mistake.
	if names = slices.DeleteFunc(names, isKey); len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("These configurations '%v' were supplied but are not used.", names)}
}

// Warnings returns what was tolerated and should be logged: keys that nobody knows, and repeated entries of lists.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// TopicSettings returns the settings with which an internal topic is created, beside its partitions and replication factor: the
// keys that begin with its name, config, offset or status, and .storage.
func (c *Config) TopicSettings(topic string) map[string]string {
	settings := map[string]string{}
	for key, value := range c.properties {
		name, ok := strings.CutPrefix(key, topic+".storage.")
		if ok && !slices.Contains([]string{"topic", "partitions", "replication.factor", "cleanup.policy", "file.filename"}, name) {
			settings[name] = value
		}
	}
	return settings
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

// Properties returns a copy of the properties, which may hold secrets.
func (c *Config) Properties() map[string]string { return maps.Clone(c.properties) }
