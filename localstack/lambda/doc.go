// Package lambda runs function binaries on this machine behind an API of our own that speaks AWS Lambda's: the ordinary
// client of the SDK talks to it. It runs the binaries that would be deployed, unchanged, and it is an instrument: what a
// test wants to see go wrong, it can make go wrong.
//
// # Sandboxes
//
// A sandbox is one process of a function's bootstrap, with a runtime API of its own at an address that no other process is
// told. It lives through these states:
//
//	init    the process was started and has not asked for an event yet. It has ten seconds
//	idle    it asked for an event and there is none: warm
//	busy    it was handed an event, and did not ask for the next one yet. It has the function's timeout
//	zombie  it was frozen when its time ran out
//	gone    it ended, was killed at its deadline, or by Kill
//
// An event goes to an idle sandbox if there is one, the one used last, else to a new one. A sandbox has one event at a time,
// and each event is handed out once: a second request for the next event while one is busy ends the process. The answer goes
// to the caller as soon as the function has given it; the sandbox is idle only when it asks again, as on Lambda, where whatever a
// function does between the two counts as part of the invocation.
//
// A process is killed without being told, unless it registered an extension while it started, as lambda.WithEnableSIGTERM of
// aws-lambda-go does: then it gets SIGTERM, and SIGKILL 500 ms later, when its function is replaced, when the service is closed while
// it is idle, and also when its time runs out. Kill is a crash, of which nobody is told. Extensions get no events, and those
// that are processes of their own are not started.
//
// A sandbox that uses more than its function's memory is killed, and its invocation fails with Runtime.ExitError and "signal:
// killed", as on Lambda, where this machine lets us make memory control groups: MemoryEnforced says so. What a process uses in the
// moment before it is put into its group does not count.
//
// AWS_LAMBDA_METADATA_API and AWS_LAMBDA_METADATA_TOKEN lead a process to the id of its availability zone, Options.Zone.
//
// # Invocations
//
// POST /2015-03-31/functions/{name}/invocations, with X-Amz-Invocation-Type:
//
//	RequestResponse  waits. 200 with the answer; when the function failed, also 200, the error as body and
//	                 X-Amz-Function-Error: Unhandled. A payload and an answer have at most 6 MB
//	Event            202 at once. At most 1 MB. The event waits in a queue while the function is throttled, and is tried again
//	                 when the function failed, Function.Retries times, each time with the request id that the 202 told
//	DryRun           204 if the function exists
//
// With Function.Concurrency reserved, an invocation for which no sandbox is free fails with 429 TooManyRequestsException.
// X-Amz-Log-Type: Tail returns the last 4 KB that the sandbox wrote during the invocation, in X-Amz-Log-Result.
//
// # Chains
//
// A function that invokes a function passes on the trace it was invoked with: aws-lambda-go and the clients of the SDK do it by
// themselves. Lambda counts in it, and stops the invocation that follows sixteen: a caller that waits gets
// RecursiveInvocationException, the event of one that does not is dropped without a word, and
// RecursiveInvocationsDropped counts both. Function.RecursiveLoop allows it. Invocations by a mapping begin chains.
//
// # Event source mappings
//
// Map polls a topic as Lambda does and invokes a function with its records, through the API above, so that faults meet these
// invocations too. It is a member of a consumer group; it commits, the function cannot.
//
//	poll       fetches, and adds to what is pending of each partition
//	dispatch   makes a batch of what is pending when it is full (records, or 6 MB of JSON), or when its oldest record has
//	           waited for the window. A batch takes from all partitions that are in none: so partitions go on beside
//	           each other, and each has its records in order
//	process    invokes until the batch is done with, and commits
//
// On demand, a batch that fails is retried as a whole until it succeeds; its partitions wait. In provisioned mode retries and
// the age of records have limits, a batch can be halved, and the function can name the records that failed: in each partition
// those from the first one named are retried, and a name that the event did not have makes all be retried. What is given up goes to
// a topic, a record each, with the event it would have been. A throttle, a failure of Lambda's own and a lost answer are no
// failure of the function, and use up no retries.
//
// A partition that is revoked is given away when its batch has come to rest: its retries end, and what it was successful with is
// committed. One that was lost is not waited for, and nothing more is committed of it.
//
// Filters, schema registries, authentication by secrets, the scaling of pollers and other destinations are not there.
//
// # Where it is stricter than AWS's own emulator
//
// The runtime interface emulator sends no X-Amz-Function-Error, breaks at a second concurrent invocation, and cuts payloads
// that are too large. Here they are refused, as on Lambda.
//
// # Faults
//
// Each kind of fault has one place in the code. What happens to an invocation is a Fault, which Inject arms for the next ones
// that match; what happens to a process is a method that names its sandbox.
//
//	the caller is refused            Fault.Refuse: 429, 409 or 5xx   answer and accept
//	an event or a request is lost    Fault.Drop                      answer and accept
//	an answer is lost                Fault.LoseReply                 answer and accept, by closeConnection
//	an event comes late              Fault.Hold                      queue.carry, answer
//	an event comes more than once    Fault.Copies                    queue.repeat
//	a process is killed              Kill                            sandbox.kill
//	a process stands still           Freeze, Thaw                    sandbox.freeze, sandbox.thaw
//	time runs out                    Function.Timeout                sandbox.expire
//
// On Lambda a sandbox stands still between invocations, always, and within one when its host stalls. The first harms only
// what a function left running; the second is the zombie that fencing is about: its lease has run out, another owner has taken
// over, and then it goes on where it stopped. So a sandbox that is frozen at its deadline is not killed. Its caller is told of the
// timeout, its place is free for another, and once thawed it goes on until it answers. Freeze and the deadline are
// decided under one lock, so that a sandbox that Freeze returned for is alive until somebody kills it. Options.FrozenClock is the
// other world, in which the time limit stands still too.
//
// # Points
//
// Where a process is in its protocol, whoever sits between it and a server can see: a proxy for Kafka or DynamoDB. It calls
// Reached with the name of the point and the address that the connection came from, while it holds the bytes back; Lambda finds
// the sandbox by that address, and does what At armed for the point. SandboxOf alone answers whose a connection is.
//
// Sources: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html,
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html,
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html,
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html,
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html,
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html,
// https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-process.html,
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
package lambda
