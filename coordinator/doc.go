// Package coordinator decides who runs what, and when. It holds nothing between two passes that it could not read again: a
// pass may run in a short-lived function, in several functions at once, or in the local command.
//
// # One pass over one connector
//
//  1. Read the leases, then the config topic to its end: configuration, target state, published tasks.
//  2. A connector that is gone: end its tasks, tombstone its status.
//  3. STOPPED or PAUSED: raise the leases' generation, so that running tasks commit and end within five seconds; say so in the
//     status topic.
//  4. STARTED: if the configuration is newer than the published tasks, ask the connector's function to split it, and publish
//     the tasks as Connect does. Raise the generation; fence every transactional id of the old task set; record that.
//  5. Start every task that should run, whose lease is free, and which is due.
//  6. Write status records where they changed.
//
// # Why the order of step 4
//
// Tasks of the old set may be running, or frozen, while the new set is published. Raising the generation makes those that
// run leave. Fencing makes those that are frozen harmless: a task of the old set that wakes up later finds its transactional
// id taken. Only then may a task of the new set start, since it may read what a task of the old set wrote. The fencing record
// says for how many ids this was done, so that a pass that dies in between is carried on by the next: as long as the record
// is missing, no task starts. Where exactly-once is off, sources have no transactional ids, and only the raised generation makes
// their old tasks leave: see functions/engine.
//
// # Two passes at once
//
// A pass that publishes holds the connector's own lease. Without it two passes could publish different task sets in turn.
// Starting tasks needs no lock: a second start finds the task's lease taken and ends.
//
// # A pass while offsets are altered
//
// In Kafka Connect the leader alters offsets and resumes connectors, one after the other. Here any process may do either:
//
//	A  finds the connector STOPPED, and ends what is left of its tasks
//	B  resumes it; a pass publishes its tasks and starts them; they read the old offsets, write, and commit
//	A  writes the altered offsets over those: records are written twice, or never
//
// So whoever alters offsets holds the connector's own lease, from before it looks whether the connector is stopped until the offsets
// are written (Coordinator.Hold). Since a stop leaves an empty task set, no task can start before a pass has published, and a pass
// that finds the lease taken publishes nothing. It comes again: whoever altered asks for it if the connector was resumed meanwhile, and
// if that process died, the lease runs out and the schedule comes by. Who finds that it lost the lease meanwhile answers with an error.
//
// What a pass writes to the config topic follows from what it read there. If that is not current any more, the write is refused
// (store.ErrChanged), and the pass begins anew: else tasks made of an old configuration would pass for those of the new one. For the
// same reason a pass that finds leases of a larger generation than its own starts nothing.
package coordinator
