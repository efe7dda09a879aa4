// Package store keeps configurations, statuses and source offsets where Kafka Connect keeps them: in its three compacted
// topics, with the same keys, values and orders of writing, so that a Connect cluster and Ferry can take over from each other.
//
// # Reading
//
// A topic is read from its beginning to its end once, and from there on only its tail (Sync). Reads are read_committed: a
// record counts when its transaction is committed, and an open transaction hides itself and what follows it in the same partition.
// There is no consumer in the background; every request is made by the call that needs it, so nothing runs between two
// invocations of a function.
//
// # Writing configurations
//
// Connect has one leader that writes the config topic. With exactly-once support, the leader's producer has the transactional id
// connect-cluster-<group.id>, and a new leader fences its predecessor with it. Every write here is a transaction of that
// id:
//
//	1 claim   InitProducerID, which fences any other writer and aborts what it left open; then read to the end, after the
//	          claim and never before
//	2 decide  from the snapshot
//	3 write   one transaction
//	4 read    until what was written has been read back; only then the call returns
//
// Two coordinators at once: the second claims; the first's next write fails with ErrFenced before anything of it is visible. Its
// caller claims again, sees what the other wrote, and decides anew. A write whose outcome is unknown (the reply to the commit
// was lost) also costs the claim: the next claim either aborts it or finds it committed.
//
// Records of an aborted transaction stay in the topic. A Java worker skips them only if it reads read_committed: so a cluster that
// takes over from Ferry must run with exactly.once.source.support=enabled.
//
// A task set is two transactions, as in Connect: first the task configurations, then the commit record that names their
// number. A reader applies the task configurations only at the commit record, so a crash between the two changes nothing. Compaction may
// remove task configurations that a commit record still counts; then the connector is inconsistent and its tasks must be
// published again.
//
// # Offsets
//
// A source's offsets are found by the bytes of their key. A task reads them after it has fenced its predecessor and never before:
// an open transaction of the predecessor would hide its last offsets. See Offsets.Reader for how the read is kept short.
package store
