package e2e_test

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/catalog"
)

// sameValidations is how many configurations both judge. That changes nothing, so each takes a few milliseconds.
const sameValidations = 1500

// TestAJavaWorkerAndFerryJudgeTheSame lets both validate the same configurations: with plugins of every kind, and anything for the values
// of their keys and of the framework's. They come from the seed FERRY_SEED.
func TestAJavaWorkerAndFerryJudgeTheSame(t *testing.T) {
	seed, s := requestSeed(t), newSides(t)
	v := newValidations(seed, s)
	differences := 0
	for i := range sameValidations {
		r := v.request()
		ours, theirs := s.ferry.ask(t, r), s.java.ask(t, r)
		if err := s.compare(r, ours, theirs); err != nil && !isKnown(r, ours, theirs) {
			differences++
			t.Errorf("validation %d of seed %d, %s: %v", i, seed, r.body, err)
		}
	}
	t.Logf("seed %d: %d validations, %d differences", seed, sameValidations, differences)
}

// validations makes up configurations out of the plugins that both sides have.
type validations struct {
	asker
	classes map[connect.PluginType][]string
	keys    map[string][]string // by class
}

func newValidations(seed uint64, s *sides) *validations {
	v := &validations{asker: asker{rand.New(rand.NewPCG(seed, 1))}, classes: map[connect.PluginType][]string{}, keys: map[string][]string{}}
	for _, e := range s.plugins.Entries() {
		if !s.foreign[e.Class] || !strings.HasPrefix(e.Class, "org.apache.kafka.connect.") {
			continue
		}
		v.classes[e.Type] = append(v.classes[e.Type], e.Class)
		v.keys[e.Class] = keysOf(e)
	}
	return v
}

func keysOf(e catalog.Entry) []string {
	keys := []string{"plugin.version"}
	for _, k := range e.Config {
		keys = append(keys, k.Name)
	}
	return keys
}

// request validates one configuration, mostly one with mistakes.
func (v *validations) request() request {
	kind := one(v.asker, connect.TypeSource, connect.TypeSink)
	config := v.config(string(kind))
	config["name"] = one[any](v.asker, "n", "n", "a/b", "", nil)
	for range v.IntN(4) {
		one(v.asker, oddities()...)(v.asker, config)
	}
	v.set(config, "", frameworkKeys(), v.IntN(3))
	v.alias(config, "transforms", "t", connect.TypeTransformation)
	v.alias(config, "predicates", "p", connect.TypePredicate)
	if v.IntN(3) == 0 {
		key, class := one(v.asker, "key.converter", "value.converter", "header.converter"), one(v.asker, append(v.classes[connect.TypeConverter], v.classes[connect.TypeHeaderConverter]...)...)
		config[key] = class
		v.set(config, key+".", v.keys[class], v.IntN(3))
	}
	if v.IntN(4) == 0 { // with values that are right: Java's clients look at them when a task starts, Ferry when the connector is validated
		override := one(v.asker, [2]string{"acks", "all"}, [2]string{"linger.ms", "5"}, [2]string{"client.id", "x"}, [2]string{"group.id", "g"},
			[2]string{"isolation.level", "read_committed"}, [2]string{"compression.type", "lz4"}, [2]string{"no.such.key", "x"})
		config[one(v.asker, "producer", "consumer", "admin")+".override."+override[0]] = override[1]
	}
	plugin := map[connect.PluginType]string{connect.TypeSource: "FileStreamSource", connect.TypeSink: "FileStreamSink"}[kind]
	return request{method: http.MethodPut, path: "/connector-plugins/" + plugin + "/config/validate", body: encode(config)}
}

// alias names a plugin in a list, half of the time, with some of its keys.
func (v *validations) alias(config map[string]any, list, alias string, kind connect.PluginType) {
	if v.IntN(2) == 0 {
		return
	}
	class := one(v.asker, v.classes[kind]...)
	config[list], config[list+"."+alias+".type"] = one(v.asker, alias, alias, alias+",other"), class
	v.set(config, list+"."+alias+".", append(v.keys[class], "predicate", "negate"), v.IntN(4))
}

// set gives n of the keys any value.
func (v *validations) set(config map[string]any, prefix string, keys []string, n int) {
	for range n {
		config[prefix+one(v.asker, keys...)] = one[any](v.asker,
			"", "a", "a,b", "a:b", "1", "0", "-1", "1.5", "true", "false", "x", nil, "a,a", ",", "[", "(", " a ", 5, true, "int8", "int32", "a:int32", "a:b,c:d", "string", "all", "none", "p",
			"yyyy-MM-dd", "Timestamp", "unix", "INFO", "org.apache.kafka.connect.json.JsonConverter", "9999999999", "key", "value", "ignore", "move", "copy", "4.3.1", "[4,5)", "latest")
	}
}

// frameworkKeys are keys that every connector has, or some.
func frameworkKeys() []string {
	return []string{
		"tasks.max", "tasks.max.enforce", "connector.plugin.version", "config.action.reload", "errors.retry.timeout", "errors.retry.delay.max.ms", "errors.tolerance", "errors.log.enable",
		"errors.log.include.messages", "errors.deadletterqueue.topic.name", "errors.deadletterqueue.topic.replication.factor", "errors.deadletterqueue.context.headers.enable", "topics", "topics.regex",
		"topic.creation.groups", "topic.creation.default.partitions", "exactly.once.support", "transaction.boundary", "transaction.boundary.interval.ms", "offsets.storage.topic", "batch.size", "file", "topic",
	}
}
