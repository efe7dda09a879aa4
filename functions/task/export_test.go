package task

import "github.com/twmb/franz-go/pkg/kgo"

// UseKafka adds options to every Kafka client of the handler: tests in virtual time need a dialer of their own.
func (h *Handler) UseKafka(opts ...kgo.Opt) { h.kafka = append(h.kafka, opts...) }
