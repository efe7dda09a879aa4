// Package connecttest tells whether an implementation keeps a contract of package connect. Each suite is one call:
//
//	func TestSourceConformance(t *testing.T) {
//		connecttest.Source(t, connecttest.SourceHarness{Class: file.Source, Config: …, Seed: …})
//	}
//
// The harness says only what the suite cannot know: how to configure one connector with a place of its own, how to put
// data where a source finds it, and how to read back what a sink has written.
//
// Memory is handled as roughly as the contract allows. After Put, and before the next Poll, everything in the batch's arena
// is overwritten, so that whoever kept a pointer shows garbage. Offsets travel through JSON between invocations, as they do
// in production, so integers come back as INT64. An invocation may end after any record.
//
// AnySchema and AnyValue are the generators behind the suites of converters and transforms; they are deterministic.
//
// TransformClasses and PredicateClasses walk a list of classes, so that a new one is checked as soon as it is listed, or fails for want
// of a configuration.
//
// The package is for tests only and imports testing.
package connecttest
