package engine

import (
	"context"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// lookUp returns for each topic why it cannot be used, nil if it can; kerr.UnknownTopicOrPartition if it does not exist.
//
// The request is made by hand. A producing client lets brokers create what it writes to, and what kadm asks through such a
// client goes by way of the client's metadata cache, with the same permission: to look for a topic would create it, with
// the brokers' defaults.
func lookUp(ctx context.Context, cl *kgo.Client, topics ...string) (map[string]error, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.AllowAutoTopicCreation = false
	for _, topic := range topics {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = &topic
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, cl)
	if err != nil {
		return nil, err
	}
	found := make(map[string]error, len(topics))
	for _, t := range resp.Topics {
		if t.Topic != nil {
			found[*t.Topic] = kerr.ErrorForCode(t.ErrorCode)
		}
	}
	return found, nil
}
