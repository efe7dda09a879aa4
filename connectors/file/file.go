// Package file reads a text file line by line into a topic, and appends the records of topics to a file: Kafka Connect's
// FileStreamSource and FileStreamSink.
//
// # Positions
//
// The source's offset is {"position": n}, where n is the number of bytes before the next line. Kafka Connect resumes at
// that byte too, but counts UTF-16 units while it reads, so that its position falls behind as soon as the text is not
// ASCII. Ferry counts bytes. For ASCII files the two agree; for others, a position written here is exact for a Java worker,
// and one written there lies before the true place, so that some lines are read again and none is lost (see resume).
//
// # Delivery
//
// From file to topic: exactly once, because a position says all there is to say about progress. From topic to file: at
// least once. A file cannot take lines and an offset in one step, so a crash between the two repeats the lines that
// were written but not committed.
package file

import (
	"os"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// version is the Kafka Connect release whose behaviour the two classes follow; validation compares
// connector.plugin.version with it.
const version = "4.3.1"

// Classes returns FileStreamSourceConnector and FileStreamSinkConnector.
func Classes() []*connect.Class {
	source, sink := sourceConfig(), sinkConfig()
	stdin := &standardInput{open: openStdin}
	return []*connect.Class{
		{
			Name:      "org.apache.kafka.connect.file.FileStreamSourceConnector",
			Version:   version,
			TaskClass: "org.apache.kafka.connect.file.FileStreamSourceTask",
			Config:    source,
			Source: func() connect.Source {
				return &Source{def: source, now: time.Now, stdin: stdin.input, chunk: chunkSize}
			},
			AlterOffsets: alterSourceOffsets,
			ExactlyOnce:  exactlyOnce,
		},
		{
			Name:         "org.apache.kafka.connect.file.FileStreamSinkConnector",
			Version:      version,
			TaskClass:    "org.apache.kafka.connect.file.FileStreamSinkTask",
			Config:       sink,
			Sink:         func() connect.Sink { return &Sink{def: sink, stdout: os.Stdout} },
			AlterOffsets: alterSinkOffsets,
		},
	}
}
