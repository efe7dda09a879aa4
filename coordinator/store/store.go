package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
)

// Options say where the internal topics are. Zero numbers have Kafka Connect's defaults.
type Options struct {
	// Kafka configures every client: seed brokers, security, client id.
	Kafka []kgo.Opt
	// GroupID is the worker's group.id; it names the transactional ids.
	GroupID string
	// ConfigTopic, OffsetTopic and StatusTopic are the names of the three topics.
	ConfigTopic, OffsetTopic, StatusTopic string
	// ConfigReplication, OffsetReplication and StatusReplication are for topics that are created. Default 3; -1 is the broker's
	// default.
	ConfigReplication, OffsetReplication, StatusReplication int16
	// OffsetPartitions and StatusPartitions are for topics that are created. Default 25 and 5; -1 is the broker's default.
	OffsetPartitions, StatusPartitions int32
	// ConfigSettings, OffsetSettings and StatusSettings are further topic settings for topics that are created. cleanup.policy
	// is always compact.
	ConfigSettings, OffsetSettings, StatusSettings map[string]string
	// Turn is called before the config topic is claimed, and end when what was claimed for is done. It lets processes that want to
	// write at once come one after the other, instead of fencing each other until one gets through. Nothing depends on it but that: it may
	// return without a turn. Nil is nobody else.
	Turn func(ctx context.Context) (end func())
	// Log gets warnings about records that are skipped. Default: none.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	for _, r := range []*int16{&o.ConfigReplication, &o.OffsetReplication, &o.StatusReplication} {
		if *r == 0 {
			*r = 3
		}
	}
	if o.OffsetPartitions == 0 {
		o.OffsetPartitions = 25
	}
	if o.StatusPartitions == 0 {
		o.StatusPartitions = 5
	}
	if o.Turn == nil {
		o.Turn = func(context.Context) func() { return func() {} }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With(loggers.Key, loggers.Storage)
	return o
}

func (o Options) topics() []topicSpec {
	return []topicSpec{
		{o.ConfigTopic, "config.storage.topic", 1, o.ConfigReplication, o.ConfigSettings, true},
		o.offsetTopic(o.OffsetTopic, "offset.storage.topic"),
		{o.StatusTopic, "status.storage.topic", o.StatusPartitions, o.StatusReplication, o.StatusSettings, false},
	}
}

func (o Options) offsetTopic(name, setting string) topicSpec {
	return topicSpec{name, setting, o.OffsetPartitions, o.OffsetReplication, o.OffsetSettings, false}
}

// base configures the store's clients.
func (o Options) base() []kgo.Opt {
	return slices.Concat(o.Kafka, []kgo.Opt{
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), // as Java: murmur2 of the key
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0),
	})
}

// Store is the three internal topics of one Connect cluster. Its methods may be called concurrently.
type Store struct {
	client   *kgo.Client
	leader   *leader
	configs  *Configs
	statuses *Statuses
	offsets  *Offsets
}

const (
	connectAttempts = 4
	connectTime     = 10 * time.Second // for each
)

// Open connects to Kafka, creates the internal topics if this is a new cluster, and checks them. It reads nothing yet and
// claims nothing. A state of the topics that must be mended by hand is a *connect.Error of KindConfig with what to do.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	for _, t := range o.topics() {
		if t.name == "" {
			return nil, stop(fmt.Sprintf("Missing required configuration %q which has no default value.", t.setting), "name the topic in the worker configuration")
		}
	}
	base := o.base()
	client, err := kgo.NewClient(base...)
	if err != nil {
		return nil, fmt.Errorf("open the internal topics: %w", err)
	}
	servers, err := reach(ctx, client)
	if err == nil {
		err = ensure(ctx, client, servers, o.Log, o.topics()...)
	}
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("open the internal topics: %w", err)
	}
	lead := &leader{opts: base, id: "connect-cluster-" + o.GroupID, topic: o.ConfigTopic, end: endTime}
	configs := newConfigs(&configLog{tail: newTail(client, o.ConfigTopic), leader: lead}, o.ConfigTopic, o.Log)
	configs.lead, configs.turn = lead, o.Turn
	return &Store{
		client: client, leader: lead, configs: configs,
		statuses: newStatuses(&statusLog{tail: newTail(client, o.StatusTopic), client: client}, o.StatusTopic, o.Log),
		offsets:  &Offsets{records: &offsetTopics{opts: o, base: base, client: client, servers: servers}, main: o.OffsetTopic},
	}, nil
}

// reach returns the bootstrap servers once one of them has answered.
func reach(ctx context.Context, client *kgo.Client) (servers []string, err error) {
	servers, _ = client.OptValue(kgo.SeedBrokers).([]string)
	for attempt := range connectAttempts {
		if attempt > 0 {
			if waitErr := wait(ctx, 250*time.Millisecond<<attempt); waitErr != nil {
				err = errors.Join(err, waitErr)
				break
			}
		}
		limited, cancel := context.WithTimeout(ctx, connectTime)
		err = client.Ping(limited)
		cancel()
		if err == nil {
			return servers, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("cannot reach Kafka at bootstrap.servers %s (check the addresses, the network and the security settings): %w",
		strings.Join(servers, ","), err)
}

// Standalone returns a store for standalone mode: configurations and statuses in memory, lost when the process ends; offsets in
// the file, in Kafka Connect's own format.
func Standalone(file string, log *slog.Logger) (*Store, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	f, err := OpenFile(file)
	if err != nil {
		return nil, err
	}
	return &Store{
		configs:  newConfigs(&memory{}, "", log),
		statuses: newStatuses(&memory{}, "", log),
		offsets:  &Offsets{records: f},
	}, nil
}

// Configs returns the config topic.
func (s *Store) Configs() *Configs { return s.configs }

// Statuses returns the status topic.
func (s *Store) Statuses() *Statuses { return s.statuses }

// Offsets returns the offsets topics.
func (s *Store) Offsets() *Offsets { return s.offsets }

// Close closes the clients and gives up the claim to the config topic. It may be called again.
func (s *Store) Close() {
	if s.leader != nil {
		s.leader.close()
		s.client.Close()
	}
}
