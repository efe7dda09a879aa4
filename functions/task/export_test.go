package task

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// UseKafka adds options to every Kafka client of the handler: tests in virtual time need a dialer of their own.
func (h *Handler) UseKafka(opts ...kgo.Opt) { h.kafka = append(h.kafka, opts...) }

// NewLambda returns what serves the events of a function that is opened by open.
func NewLambda(open func() (*Handler, *store.Offsets, error)) (lambda.Handler, error) {
	l := &lambdaHandler{open: func() (*opened, error) {
		h, offsets, err := open()
		return &opened{h, offsets}, err
	}}
	return l, l.renew()
}
