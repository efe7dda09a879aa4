package engine

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What is said more closely goes before what is said for all: the connector's, then the worker's for consumers, then the
// worker's, which is the availability zone unless somebody set it.
func TestTheRackOfASinksConsumer(t *testing.T) {
	for _, c := range []struct {
		name           string
		worker, config map[string]string
		want           string
	}{
		{"the worker's", nil, nil, "zone"},
		{"the worker's for consumers", map[string]string{"consumer.client.rack": "consumers"}, nil, "consumers"},
		{"the connector's", map[string]string{"consumer.client.rack": "consumers"}, map[string]string{"consumer.override.client.rack": "own"}, "own"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &sinkLoop{run: &run{task: &Task{Worker: c.worker, Config: c.config, Kafka: []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1"), kgo.Rack("zone")}}}}
			opts, err := l.consumerOptions()
			if err != nil {
				t.Fatal(err)
			}
			cl, err := kgo.NewClient(opts...)
			if err != nil {
				t.Fatal(err)
			}
			defer cl.Close()
			if got := cl.OptValue(kgo.Rack); got != c.want {
				t.Errorf("the rack is %v, want %s", got, c.want)
			}
		})
	}
}
