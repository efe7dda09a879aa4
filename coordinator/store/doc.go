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
//	1 claim   InitProducerID, unless this process has claimed before and nobody since; it fences any other writer and aborts
//	          what that left open
//	2 look    read to the end, after the claim and never before
//	3 decide  from the snapshot what to write, or that there is nothing to be written
//	4 write   one transaction
//	5 read    until what was written has been read back; only then the call returns
//
// This is a compare-and-set (Update): whoever writes between 2 and 4 has to claim first, and then 4 fails before anything of it is
// visible, and all begins anew.
//
// Two processes at once: A claims, looks, decides; B claims, looks, writes; A's write is refused as that of a fenced producer. A claims
// again, sees what B wrote, and decides anew. Pauses of random length keep two from doing this to each other without end. Where a burst
// of requests starts a process for each, they take turns (Options.Turn): a turn begins before the claim and ends after the write, so that
// nobody claims in between. Who holds a claim writes without a turn. A turn is no lock: one that ran out, or that is not to be had,
// costs time, and the claim decides.
//
// A commit that failed may have been made all the same: the reply was lost, the client repeated the request, and meanwhile B had claimed,
// so that the repetition was refused. A claims again, which ends the transaction one way or the other, and reads. If it finds its last
// record, the change was made; if not, it never will be, and A decides anew. So an answer to a user is true whatever was lost; without an
// answer, because the process died or its time was over, the change was made wholly or not at all.
//
// Records of an aborted transaction stay in the topic. A Java worker skips them only if it reads read_committed: so a cluster that
// takes over from Ferry must run with exactly.once.source.support=enabled.
//
// A task set is the task configurations, then the commit record that names their number. A reader applies the task configurations only at
// the commit record, as Connect does, whose leader writes the two one after the other. Compaction may
// remove task configurations that a commit record still counts; then the connector is inconsistent and its tasks must be
// published again.
//
// # Offsets
//
// A source's offsets are found by the bytes of their key. A task reads them after it has fenced its predecessor and never before:
// an open transaction of the predecessor would hide its last offsets. See Offsets.Reader for how the read is kept short.
package store
