package offsets

import "github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"

// AppendString appends s as a JSON string with the escapes that all of Kafka Connect's internal topics have.
func AppendString(dst []byte, s string) []byte { return jsonconv.AppendString(dst, s) }
