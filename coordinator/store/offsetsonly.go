package store

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// OpenOffsets returns the offsets alone: what a task function needs of the store. It connects at the first use, and checks
// and creates nothing, except for a connector's own topic; the coordinator has done that. Of the options it uses Kafka, OffsetTopic and what concerns offsets
// topics.
func OpenOffsets(o Options) (*Offsets, error) {
	o = o.withDefaults()
	base := o.base()
	client, err := kgo.NewClient(base...)
	if err != nil {
		return nil, fmt.Errorf("open the offsets topic: %w", err)
	}
	servers, _ := client.OptValue(kgo.SeedBrokers).([]string)
	return &Offsets{records: &offsetTopics{opts: o, base: base, client: client, servers: servers}, main: o.OffsetTopic}, nil
}

// Close ends the connections of Offsets that OpenOffsets returned; those of a Store are closed with it. Nothing can be read
// afterwards. It may be called again.
func (o *Offsets) Close() {
	if t, ok := o.records.(*offsetTopics); ok {
		t.client.Close()
	}
}
