package connect

// Converter turns values into bytes and back. One is made for each task and for key and value separately; it is used from
// one goroutine and may keep caches.
type Converter interface {
	// AppendData appends the serialised value to dst, which must not be nil, and returns the longer slice, or nil for a Kafka
	// null. Errors are KindData; then dst's content beyond its length is unspecified.
	AppendData(dst []byte, topic string, s *Schema, v Value) ([]byte, error)

	// ReadData deserialises data into a. Results may point into data as well as into a. A nil data is a Kafka null. Errors
	// are KindData.
	ReadData(a *Arena, topic string, data []byte) (*Schema, Value, error)
}

// HeaderConverter turns header values into bytes and back. It is used like a Converter.
type HeaderConverter interface {
	// AppendHeader is AppendData for the value of the header named key.
	AppendHeader(dst []byte, topic, key string, s *Schema, v Value) ([]byte, error)
	// ReadHeader is ReadData for the value of the header named key.
	ReadHeader(a *Arena, topic, key string, data []byte) (*Schema, Value, error)
}
