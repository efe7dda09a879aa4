package store

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func refused(t *testing.T, o Options, want ...string) {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err == nil {
		s.Close()
		t.Fatal("opened")
	}
	e, ok := errors.AsType[*connect.Error](err)
	if !ok || e.Kind != connect.KindConfig || e.Hint == "" {
		t.Fatalf("the error is %v", err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is not in the error: %v", w, err)
		}
	}
}

func TestATopicThatIsNotCompactedIsAHardStop(t *testing.T) {
	for _, name := range []string{"connect-configs", "connect-offsets", "connect-status"} {
		for _, policy := range []string{"delete", "compact,delete"} {
			c := cluster(t)
			must(t, c.CreateTopic(name, 1, map[string]string{"cleanup.policy": policy}))
			refused(t, options(c), name, "cleanup.policy="+policy, "kafka-configs.sh --bootstrap-server "+c.ListenAddrs()[0], "--add-config cleanup.policy=compact")
		}
	}
}

func TestAConfigTopicOfSeveralPartitionsIsAHardStop(t *testing.T) {
	c := cluster(t)
	topic(t, c, "connect-configs", 2)
	refused(t, options(c), "connect-configs", "config.storage.topic", "has 2")
}

func TestALostTopicIsAHardStopAndNeverAFreshStart(t *testing.T) {
	for _, lost := range []string{"connect-configs", "connect-offsets", "connect-status"} {
		c := cluster(t)
		s := open(t, options(c))
		must(t, s.Configs().PutConnector(t.Context(), "c", nil, nil))
		must(t, s.Statuses().PutConnector(t.Context(), "c", Status{State: StateRunning}))
		must(t, c.DeleteTopic(lost))
		refused(t, options(c), lost, "kafka-topics.sh", "--topic "+lost)
		if c.TopicInfo(lost) != nil {
			t.Errorf("%s was created again", lost)
		}
	}
}

func TestACreationThatDidNotFinishIsFinished(t *testing.T) {
	c := cluster(t)
	topic(t, c, "connect-status", 5)
	s := open(t, options(c))
	must(t, s.Configs().Sync(t.Context()))
	if n := len(c.PartitionInfos("connect-offsets")); n != 25 {
		t.Errorf("the offsets topic has %d partitions", n)
	}
	open(t, options(c)).Close()
}

func TestTooFewBrokersForTheReplicationFactor(t *testing.T) {
	c := cluster(t)
	o := options(c)
	o.ConfigReplication = 3
	refused(t, o, "connect-configs", "replication factor 3", "config.storage.replication.factor")
}

func TestSettingsOfTopicsThatAreCreated(t *testing.T) {
	c := cluster(t)
	o := options(c)
	o.OffsetSettings = map[string]string{"cleanup.policy": "delete", "segment.bytes": "1048576"}
	o.OffsetPartitions, o.StatusPartitions = 3, 2
	open(t, o)
	info := c.TopicInfo("connect-offsets")
	if *info.Configs["cleanup.policy"] != "compact" || *info.Configs["segment.bytes"] != "1048576" {
		t.Errorf("settings %v", info.Configs)
	}
	if n, m := len(c.PartitionInfos("connect-offsets")), len(c.PartitionInfos("connect-status")); n != 3 || m != 2 {
		t.Errorf("%d and %d partitions", n, m)
	}
}

func TestATopicWithoutANameIsAHardStop(t *testing.T) {
	o := options(cluster(t))
	o.StatusTopic = ""
	refused(t, o, "status.storage.topic")
}

func TestBrokersThatAreAwayAreNamedAfterBoundedAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		o := optionsAt()
		o.Kafka = []kgo.Opt{
			kgo.SeedBrokers("broker-1:9092", "broker-2:9092"),
			kgo.Dialer(func(context.Context, string, string) (net.Conn, error) {
				attempts++
				return nil, errors.New("connection refused")
			}),
		}
		_, err := Open(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), "broker-1:9092,broker-2:9092") || !strings.Contains(err.Error(), "connection refused") {
			t.Fatalf("the error is %v", err)
		}
		if attempts < 2 || attempts > 200 {
			t.Errorf("%d attempts", attempts)
		}
	})
}
