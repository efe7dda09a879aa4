package connect

import (
	"context"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// Class is one kind of connector: what users name in connector.class. Exactly one of Source and Sink is set. A Class is
// immutable and its functions may be called concurrently.
type Class struct {
	// Name is the full Java class name that users already write.
	Name string
	// Aliases are further names, beside those that Kafka Connect derives from Name (see Registry).
	Aliases []string
	// Version is what the REST API reports.
	Version string
	// TaskClass is the full Java name of the task's class, which Kafka Connect stores in every task configuration; a Java
	// worker that takes over reads it.
	TaskClass string
	// Config defines the connector's own keys, without the framework's.
	Config *configdef.Def

	// Source makes a source, Sink makes a sink; neither opens anything.
	Source func() Source
	Sink   func() Sink

	// Plan splits the work into at most maxTasks task configurations. It runs in the connector's own function, with
	// placeholders resolved. A nil Plan makes maxTasks copies of the configuration for a sink, one for a source.
	Plan func(ctx context.Context, config map[string]string, maxTasks int) ([]map[string]string, error)

	// Check is validation that looks at several keys or at the other system. It returns messages by key; it has no side
	// effects. Nil means that Config says it all.
	Check func(ctx context.Context, config map[string]string) map[string][]string

	// AlterOffsets checks offsets that a user wants to set, and applies them where the connector itself keeps offsets; an
	// offset of null resets. It returns false when there is nothing of its own to alter (kafka-connect: alterOffsets).
	AlterOffsets func(ctx context.Context, config map[string]string, offsets []SourceOffset) (bool, error)

	// ExactlyOnce reports whether a source with this configuration delivers exactly once; nil means it cannot. It is what
	// exactly.once.support=required asks for (kafka-connect: exactlyOnceSupport). A source does when, opened with an offset it
	// gave before, it goes on with the very next record.
	ExactlyOnce func(config map[string]string) bool

	// DefinesTransactions reports whether a source with this configuration can say where its transactions end, through
	// SourceRuntime.Transaction; nil means it cannot, and transaction.boundary=connector is refused (kafka-connect:
	// canDefineTransactionBoundaries).
	DefinesTransactions func(config map[string]string) bool
}

// PluginType says what a plugin is, in the words of GET /connector-plugins.
type PluginType string

// The plugin types, in the order in which the REST API lists them.
const (
	TypeSink            PluginType = "sink"
	TypeSource          PluginType = "source"
	TypeTransformation  PluginType = "transformation"
	TypePredicate       PluginType = "predicate"
	TypeConverter       PluginType = "converter"
	TypeHeaderConverter PluginType = "header_converter"
)

// Type returns TypeSource or TypeSink.
func (c *Class) Type() PluginType {
	if c.Source != nil {
		return TypeSource
	}
	return TypeSink
}

// ConverterClass is one kind of converter. New configures one: config holds its keys without prefix, and converter.type.
type ConverterClass struct {
	Name    string
	Version string // what the REST API reports
	Config  *configdef.Def
	New     func(config map[string]string) (Converter, error)
}

// HeaderConverterClass is one kind of header converter.
type HeaderConverterClass struct {
	Name    string
	Version string // what the REST API reports
	Config  *configdef.Def
	New     func(config map[string]string) (HeaderConverter, error)
}

// TransformClass is one kind of transform. New configures one: config holds its keys without prefix.
type TransformClass struct {
	Name    string
	Version string // what the REST API reports
	Config  *configdef.Def
	New     func(config map[string]string) (Transform, error)
}

// PredicateClass is one kind of predicate.
type PredicateClass struct {
	Name    string
	Version string // what the REST API reports
	Config  *configdef.Def
	New     func(config map[string]string) (Predicate, error)
}
