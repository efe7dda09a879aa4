// Package faults attacks the product as it is deployed: it makes each thing go wrong at each step of the protocol, and counts
// records. There is nothing in it but tests.
//
// # What is real
//
// Each cell of the matrix is a deployment of its own: the coordinator, the API and the task function as processes of package
// lambda, a lease table in DynamoDB Local, a kfake of its own or a listener of its own on a real Kafka. The connector is that of
// package ledger, whose records are numbers, so that each is known by name. No function knows that it is attacked.
//
// # Where faults come in
//
// A step of the protocol is a request on the wire, and package wire holds the request, or its answer, while the fault happens:
//
//	step         request
//	acquire      UpdateItem with an owner
//	fence        InitProducerID
//	check        the GetItem that follows it
//	position     OffsetFetch of a sink; ListOffsets and Fetch of a source, which reads the offsets topic
//	work         poll and Produce of a source; put of a sink
//	commit       EndTxn; of a sink also TxnOffsetCommit
//	acknowledge  what a source says to its system after the commit; flush of a sink, before it
//	release      UpdateItem without an owner
//
//	fault        what happens
//	kill         SIGKILL of the sandbox. What it had sent is lost, or arrives after another has taken over
//	freeze       SIGSTOP of the sandbox, until its lease has run out and another has taken over, and perhaps committed; then it
//	             goes on, and what it had sent arrives
//	duplicate    the task's event is delivered to a second sandbox
//	lost-reply   the server did it; the connection breaks before the answer is there
//	throttle     DynamoDB refuses the next requests of the task
//	restart      the broker is killed and started again; a kfake cannot be, and is away for a second
//	coordinator  SIGKILL of the coordinator at some request of a pass
//
// A test of its own has the faults of the line to the broker, which Toxiproxy makes: cut, slow, half-open. Another kills tasks at
// messages that nobody chose, a thousand times.
//
// # What must hold
//
// No number is lost. A consumer that reads committed records sees each number of a source once and in order. An exactly-once
// sink holds each number once. A sink holds a number more than once only if it was flushed and its offset not committed: one batch
// for each owner that was cut off. While it happens, package ledger looks that whatever a source was told is durable can be
// read, and that the offset of a sink's group never goes back and is never beyond what is durable. At the end the task is nobody's,
// the connector is RUNNING, and epochs have only grown.
//
// # Choices
//
// What a cell leaves open (which of several requests, whether a request arrives late, at which request the coordinator dies) is
// drawn from FERRY_SEED and the cell's name. go test runs some cells, in which each step, each fault and each kind occurs; which, the
// seed says. make faults runs all. A cell that fails tells what happened, in words, and the command that runs it again. Real
// processes keep their own time, so the same seed makes the same choices, and nearly the same history.
package faults
