package wire

import (
	"context"
	"net"
)

// Message is a request or a reply that is held. It must not be kept.
type Message struct {
	// Peer is the client's end of the connection, Local the proxy's.
	Peer, Local net.Addr
	// Conn tells the client's connections apart; of an address that a later connection may have again this is not so.
	Conn net.Conn
	// Call names the request, or the request that a reply is for: the API of Kafka, such as InitProducerID; for HTTP what
	// X-Amz-Target says behind the dot, such as PutItem, or else the path.
	Call string
	// Client is the client id of a Kafka request.
	Client string
	// Reply says that this is the reply.
	Reply bool
	// Body is the body of an HTTP request, also when this is the reply. Nil for Kafka.
	Body []byte
	// Status is the HTTP status of a reply.
	Status int
}

// Verdict is what becomes of a message. The zero Verdict lets it pass.
type Verdict struct {
	// Cut closes the client's connection; the message goes no further.
	Cut bool
	// Answer is given to an HTTP request in place of the server's, which does not see it; nil for none.
	Answer *Answer
}

// Answer is an HTTP response.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
}

// Tap is shown every message, and holds it until it returns. It is called concurrently; the messages of one Kafka connection
// that go in one direction come one after the other. ctx ends with the proxy, not with the client: a request whose client is
// gone is forwarded all the same if the verdict says so.
type Tap func(ctx context.Context, m Message) Verdict

// Throttled is DynamoDB's answer to a request for which the table has no capacity.
func Throttled() *Answer {
	return &Answer{
		Status: 400, Header: map[string]string{"Content-Type": "application/x-amz-json-1.0"},
		Body: `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",` +
			`"message":"The level of configured provisioned throughput for the table was exceeded."}`,
	}
}
