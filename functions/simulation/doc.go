// Package simulation runs the whole system in one virtual time: coordinators, the API, task functions with the real engine,
// leases and Kafka. It has tests only.
//
// # A world
//
// One seed is one world. Real in it are coordinator, store, rest, task, engine, lease and the Kafka client; the broker is kfake on a
// virtual network, all in one testing/synctest bubble, so that minutes pass in milliseconds. Made for it are what lies
// between and around them:
//
//	process    a sandbox of a function, a coordinator, or the API. Whatever it asks of others is a step; at one step of its
//	           work the seed may kill it or freeze it, for longer than its lease and its deadline. Each has a clock that is
//	           wrong by some seconds, sometimes by minutes
//	wire       a connection to the broker. What was sent arrives, whatever became of the sender: late, or not at all
//	table      the lease table. It throttles, loses requests and answers, and is late by up to a minute
//	invoker    delivers events late, twice, or never; refuses starts; loses answers; has so many sandboxes and no more
//	upstream   numbered records, forgotten once they are acknowledged
//	downstream counts how often each record is durable; for an exactly-once sink it has the offset beside the data
//
// The script of a world changes its first connector by the API: another number of tasks, another configuration, pause, stop, other
// offsets, restart, delete and create. Nobody touches the second. Then the faults cease, and everything has to be moved.
//
// # What must hold
//
//	I1  when a source acknowledges, a read_committed reader has seen the record; what is acknowledged is not asked for again
//	I2  an offset that a sink commits is below every record that is not durable: looked at in each request to commit
//	I3  in the log, no record of a smaller generation or epoch comes behind one of a larger; a group's offset never goes back
//	I4  a read_committed reader sees every record once, in order; the exactly-once sink has every record once, the other at
//	    least once, and no more often than the ends that may repeat a batch allow
//	I5  a process sends nothing while nothing runs in it, every invocation ends, and no goroutine is left in the bubble
//	I6  a lease is never held for longer than an invocation and the grace; only its holder releases it, nobody takes one that is held
//	I8  the configuration that the API accepted last is the one that is stored
//	I9  where there are no faults (every fifth world), records of the second connector take no longer than the next pass
//	    however often the first is changed
//
// and when the faults have ceased everything is moved within a bounded time, and the statuses say so.
//
// # A failure
//
// A world in which a property does not hold tells its history in words: what each process did, with virtual times, and the
// command that runs the seed again. The same seed always makes the same choices: every actor draws from a generator of its own, named after
// what it does and how often it has done so. It does not always make the same run: goroutines that are ready at the same
// virtual time run in any order, and the product draws its own jitter. A failure that does not come again
// at once may with -count=20. With -seed and -v the history is told also of a world that is in order.
package simulation
