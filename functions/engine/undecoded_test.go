package engine

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// conversions counts what converters are asked, nulls left out.
type conversions struct{ reads, writes int }

// countedConverter is a converter that counts.
type countedConverter struct {
	connect.Converter
	asked *conversions
}

func (c countedConverter) AppendData(dst []byte, topic string, s *connect.Schema, v connect.Value) ([]byte, error) {
	if !v.IsNull() {
		c.asked.writes++
	}
	return c.Converter.AppendData(dst, topic, s, v)
}

func (c countedConverter) ReadData(a *connect.Arena, topic string, data []byte) (*connect.Schema, connect.Value, error) {
	if data != nil {
		c.asked.reads++
	}
	return c.Converter.ReadData(a, topic, data)
}

// counting returns the plugins that every function has, with converters that count.
func counting(t *testing.T) (*connect.Registry, *conversions) {
	t.Helper()
	asked, plugins := new(conversions), builtin.Plugins()
	for _, c := range plugins.Converters {
		made := c.New
		c.New = func(config map[string]string) (connect.Converter, error) {
			inner, err := made(config)
			return countedConverter{inner, asked}, err
		}
	}
	registry, err := connect.NewRegistry(plugins)
	if err != nil {
		t.Fatal(err)
	}
	return registry, asked
}

// blindChain is all the transforms and predicates that look at no value.
func blindChain() map[string]string {
	const apache = "org.apache.kafka.connect.transforms."
	return map[string]string{
		"transforms": "route,day,add,drop,filter", "predicates": "topic,header,tombstone",
		"transforms.route.type": apache + "RegexRouter", "transforms.route.regex": "(.*)", "transforms.route.replacement": "$1",
		"transforms.day.type": apache + "TimestampRouter", "transforms.day.topic.format": "${topic}",
		"transforms.day.predicate": "tombstone", "transforms.day.negate": "true",
		"transforms.add.type": apache + "InsertHeader", "transforms.add.header": "h", "transforms.add.value.literal": "1",
		"transforms.add.predicate": "header", "transforms.add.negate": "true",
		"transforms.drop.type": apache + "DropHeaders", "transforms.drop.headers": "x",
		"transforms.filter.type": apache + "Filter", "transforms.filter.predicate": "topic",
		"predicates.topic.type": apache + "predicates.TopicNameMatches", "predicates.topic.pattern": "other",
		"predicates.header.type": apache + "predicates.HasHeaderKey", "predicates.header.name": "h",
		"predicates.tombstone.type": apache + "predicates.RecordIsTombstone",
	}
}

func TestBytesPassAChainThatLooksAtNoValueWithoutBeingConverted(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1, "out": 1}, func(t *testing.T, b *broker) {
		registry, asked := counting(t)
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 100)}, stamp: 1700000000000}
		source := b.task(u.class(), blindChain())
		source.Plugins = registry
		if facts, err := Run(t.Context(), source); err != nil || facts.RecordsOut != 100 {
			t.Fatalf("the source: %s, %v", asJSON(facts), err)
		}
		for _, v := range count("v", 100) {
			b.produce(&kgo.Record{Topic: "in", Key: []byte(v), Value: []byte(v)})
		}
		d, config := new(downstream), blindChain()
		config["topics"] = "in"
		sink := b.task(d.class(), config)
		sink.Plugins = registry
		if facts, err := Run(t.Context(), sink); err != nil || facts.RecordsOut != 100 || !slices.Equal(d.values(), count("v", 100)) {
			t.Fatalf("the sink: %s, %v", asJSON(facts), err)
		}
		if asked.reads != 0 || asked.writes != 0 {
			t.Errorf("of 200 records, %d keys and values were read and %d written by a converter", asked.reads, asked.writes)
		}
	})
}

// What a filter drops was decoded before, as in Kafka Connect: so a value that cannot be read is not lost silently.
func TestEveryValueOfASinkIsDecodedOnceWhateverTheChainDrops(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		for i := range 10 {
			b.produce(&kgo.Record{Topic: "in", Value: []byte(`"v-` + strconv.Itoa(i) + `"`), Headers: []kgo.RecordHeader{{Key: "drop" + strconv.Itoa(i%2)}}})
		}
		config := blindChain()
		maps.Copy(config, map[string]string{
			"topics": "in", "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
			"transforms": "filter", "transforms.filter.predicate": "header", "predicates.header.name": "drop1",
		})
		registry, asked := counting(t)
		d := new(downstream)
		task := b.task(d.class(), config)
		task.Plugins = registry
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsDropped != 5 || facts.RecordsOut != 5 || asked.reads != 10 {
			t.Errorf("%d values of 10 were read: %s, %v", asked.reads, asJSON(facts), err)
		}
		b.produce(&kgo.Record{Topic: "in", Value: []byte(`{"cut`), Headers: []kgo.RecordHeader{{Key: "drop1"}}})
		if facts, err := Run(t.Context(), task); facts.End != EndFailed || connect.KindOf(err) != connect.KindData || !strings.Contains(err.Error(), "in-0 at offset 10") {
			t.Errorf("a record that would be dropped and cannot be read: %s, %v", asJSON(facts), err)
		}
	})
}
