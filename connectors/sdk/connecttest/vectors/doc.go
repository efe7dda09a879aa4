// Package vectors reads the golden vectors: what the real Apache Kafka Connect
// classes answered to thousands of inputs, one JSON object per line.
//
// A vector file holds cases. A case names the class that was asked (Class), the
// function or plugin (Group), the plugin's configuration (Config), the input,
// and either the output or the error. testdata/README.md explains every tag.
//
// A test reads a file, chooses the groups it can answer and runs them:
//
//	cases := vectors.Group(vectors.Read(t, "configdef.jsonl"), "parseType")
//	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) error { … })
//
// Run counts what passed, logs one line for each class, and fails on every
// mismatch that is not listed in its Differences, with the reason for it. It
// fails also when a listed difference turns out to agree, or names no case: a
// list of excuses must not outlive what it excuses.
//
// The files are part of the package. The environment variable FERRY_VECTORS
// names a folder to read instead, for instance with vectors taken from another
// release of Kafka.
//
// The package is for tests only and imports testing.
package vectors
