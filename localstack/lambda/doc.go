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
//	gone    it ended, was killed at its deadline, or by Kill
//
// An event goes to an idle sandbox if there is one, the one used last, else to a new one. A sandbox has one event at a time,
// and each event is handed out once: a second request for the next event while one is busy ends the process. The answer goes
// to the caller as soon as the function has given it; the sandbox is idle only when it asks again, as on Lambda, where whatever a
// function does between the two counts as part of the invocation. Nobody tells a process before it is killed.
//
// # Invocations
//
// POST /2015-03-31/functions/{name}/invocations, with X-Amz-Invocation-Type:
//
//	RequestResponse  waits. 200 with the answer; when the function failed, also 200, the error as body and
//	                 X-Amz-Function-Error: Unhandled. A payload and an answer have at most 6 MB
//	Event            202 at once. At most 1 MB. The event waits in a queue while the function is throttled, and is tried again
//	                 when the function failed, Function.Retries times
//	DryRun           204 if the function exists
//
// With Function.Concurrency reserved, an invocation for which no sandbox is free fails with 429 TooManyRequestsException.
// X-Amz-Log-Type: Tail returns the last 4 KB that the sandbox wrote during the invocation, in X-Amz-Log-Result.
//
// # Where it is stricter than AWS's own emulator
//
// The runtime interface emulator sends no X-Amz-Function-Error, breaks at a second concurrent invocation, and cuts payloads
// that are too large. Here they are refused, as on Lambda.
//
// # Where faults go
//
// Each kind of fault has one place. A process that is killed: Kill; one that is stopped and continued: signals to Sandbox.PID. An event that is delivered twice, or late: queue.deliver. A throttled function: pool.acquire. An answer that is lost:
// api.answer. Time that runs out: sandbox.serve.
//
// Sources: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html,
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html,
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html,
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
package lambda
