// Package e2e holds the end-to-end tests: the ferry command, built and run as a user runs it, against its embedded broker
// and against a real Apache Kafka with real Connect workers. It has no code of its own.
//
// Tests that need a real server are skipped with a line that names what the machine lacks, or fail if FERRY_REQUIRE_REAL is 1.
package e2e
