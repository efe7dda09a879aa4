// Package engine runs one invocation of one task: it moves bounded batches between a connector and Kafka, under the
// protocol that makes it harmless to run a task twice, late, or never to its end.
//
// # The protocol
//
// Somebody else decides who should run a task, by a lease; a clock is trusted for that. Whose commit counts is decided by
// Kafka alone, by the task's transactional id. Every invocation goes through the same steps, in this order:
//
//	1 fence      InitProducerID on the transactional id
//	2 ownership  Ownership.Check: is the task still mine?
//	3 position   read the committed offsets
//	4 work       poll or fetch a batch, transform, convert
//	5 commit     one transaction, then tell the source, or the facts
//
// and steps 4 and 5 repeat until Budget, Ownership or an error ends it.
//
// Fence comes first because it cuts the past off: the broker aborts the transaction a predecessor left open, waits until
// the one it was committing is settled, and refuses everything from that predecessor from then on. So what step 3 reads is final.
// The other way round, this would happen: B reads offset 10; A, frozen since long ago, thaws and commits up to 20; B
// fences A and writes from 10 again: ten records twice.
//
// A broker may have left the predecessor's last transaction hanging, neither committed nor aborted where its records are, although its
// coordinator says that it is complete. That is looked for before the fence and mended after it, see txn.Last.
//
// Ownership is asked after the fence because whoever fences may itself be the late one: A acquires, freezes before step 1, loses
// its lease to B; A thaws and fences B. A then sees at step 2 that the task is B's, and leaves without having read or
// written. B's next commit fails, B ends as lost, and the next invocation goes on from B's last commit. Nothing is lost or
// repeated; it cost one invocation.
//
// A warm process that ran the task last may keep its client (Session). Then nobody has fenced since, and steps 1 to 3 are left out.
//
// # Sources
//
// The records of a batch and the offset record of every source partition in it are one Kafka transaction, so a
// read_committed reader sees all of it or nothing. A batch whose records were all dropped by transforms is a transaction of
// offset records only. When EndTxn succeeded, and not before, Source.Committed is called (invariant I1).
//
// # Where a transaction of a source ends
//
// transaction.boundary=poll, the default: after every batch.
//
// interval: some time after the last commit, and whenever the invocation ends in good order. Batches are written as they come, and
// of each only the last offset a source partition is kept for the commit. The interval is cut to what the transaction's timeout allows,
// since the broker would abort the transaction then, and the context of a Poll ends in time for a commit before it; a transaction also
// ends at a number of records and bytes (see maxTransactionRecords).
//
// connector: where the source says, through SourceRuntime.Transaction: after a poll's records or after any one record. Nothing else
// commits, neither a budget that is used nor the end of the invocation. What is open at the end is aborted, because no invocation
// leaves a transaction behind it (I5) and only the source knows that its records belong together; the next invocation begins after
// the last commit. So a source's transaction must fit into an invocation, and into the transaction's timeout:
//
//   - The records and bytes of the budget end an invocation only between two of the source's transactions, and so does idleness. The soft
//     deadline, and the timeout, end it within one.
//   - An invocation that ends so and has committed something was worth it, and the next begins with the transaction that did not
//     fit any more.
//   - One that has committed nothing fails with a KindFatal error that says so: the next would read and abort the very same
//     records, and so would all after it.
//
// A transaction that the source aborts leaves its offsets behind, in a transaction of their own that is committed at once. So its records
// are not read again, and Source.Committed is called for them.
//
// # Sources without transactions
//
// With Task.AtLeastOnce exactly-once is off. The records of a batch are written by an idempotent producer; when all of them are
// acknowledged the offset records are, and when those are acknowledged Source.Committed is called (I1, but for the offsets that a
// former owner sets back, see below). There are no transactions whose boundary could be chosen, and there is no fence:
//
//	1 ownership  Ownership.Check
//	2 position   read the committed offsets
//	3 work       as above
//	4 write      the records, acknowledged; then, if the task was seen to be ours a moment ago or is so now, the offsets
//
// What is promised is that nothing is lost: an offset is written only after every record up to it is acknowledged, whoever wrote
// it, and it stays true whoever overwrites it. Records may be there twice: those of a batch whose offsets were not written, because the
// invocation was killed, failed, or was lost in between.
//
// A former owner that thaws can write the batch that it has in memory, and no more: it finds that it has not looked at its lease for
// a while, looks, and leaves without writing offsets. One that is frozen again between that look and the write, or by whose clocks
// no time passed, sets the offsets of its partitions back by what its successors have done meanwhile, and those records are written
// again; it never sets them forward past a record that is not written. The same moment can undo offsets that a user sets while the task
// of a stopped connector is frozen: with transactions the fence prevents that, without nothing does.
//
// A read_committed reader sees records at once, and never waits for a transaction of this task.
//
// # Offsets outside Kafka
//
// With Task.KeepOffsets the offsets are kept outside Kafka, between EndTxn and Source.Committed. Then a kill between the two
// repeats one batch: at least once instead of exactly once.
//
// A batch is filled by several polls: until it is full, a poll adds nothing, or half a second is over. After each poll its records
// are converted into memory of the engine's own, so a source may reuse its buffers with the next Poll, as its contract says.
//
// With topic.creation.* keys in the connector's configuration, topics that records are for and that do not exist are created
// before the transaction begins (see topicCreation). Without, it is for the brokers to create them or to refuse the records.
//
// # Sinks
//
// Partitions are assigned by AssignedTo and consumed without joining a group. Records point into the fetched bytes. After each
// batch the sink is flushed, and the offsets it declares safe go into its consumer group connect-<name> by a raw
// transaction (see offsetTxn). A committed offset is below every record that is not durable (invariant I2): records that were
// dropped by a transform, or never were data, count as done only once everything before them is. Dead letters are
// acknowledged before the offset moves past their records. Where auto.offset.reset=latest decides where to start, that place is
// committed first: the next invocation must not start at a later end.
//
// # What each failure leads to
//
//	the fence fails                 retriable, or a missing permission by name; nothing was read or written
//	the brokers know no             the task fails and says how a source can do without; it never does so by itself, and a
//	transactions                    sink cannot
//	a transaction is refused as     another invocation took over: ends as lost, commits nothing more (I3). If the transaction was
//	fenced                          open for longer than its timeout, the task fails and says so
//	a topic cannot be created       nothing of the transaction is committed, the task fails and names the topic and the key
//	a record cannot be written      the transaction is aborted, the task fails and names the topic; the client has retried
//	                                what is worth it, within the transaction's timeout
//	EndTxn gets no answer           the outcome is unknown. Nothing is tried again here: the next invocation fences, which
//	                                settles it, and reads which it was (I4)
//	Poll, Put, Flush: retriable     tried again in place, ten times with growing pauses; then the invocation fails and the
//	                                next begins at the same record
//	Poll, Put, Flush: other         what was converted before is committed, unless only the source may commit it, then the
//	                                task fails
//	one record is bad               errors.tolerance: the task fails at this very record, what came before it being
//	                                committed; or the record is counted, logged, put into the dead letters, and passed over (I7)
//	Ownership says ErrStop          the poll is cut short, what is done is committed, or aborted if only the source may commit
//	                                it, the invocation ends
//	Ownership says anything else    the invocation ends as lost, without a commit
//	the soft deadline passes        as ErrStop
//	ctx ends                        the open transaction is aborted, the invocation ends
//	the process dies                the broker keeps the transaction open until the next fence or until its timeout, which is
//	                                never much longer than the invocation could have lived
//
// Whatever happens, Run closes the connector and its clients and joins its goroutines before it returns (invariant I5).
//
// # Memory
//
// Nothing is allocated per record. A batch is bounded in records and bytes, a fetch in bytes, both derived from the
// function's memory; a single larger record still passes, alone. Slabs, arenas and chunks are used again from batch to batch
// and given back when one batch needed far more than others. A transaction that spans batches keeps none of their records, and of
// offsets those that count, one a source partition.
package engine
