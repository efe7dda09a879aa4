// Package task is the body of every task function: it turns a request into work of the engine, under the task's lease.
// The function of a connector package is this body with that package's classes, and nothing else (see the generated
// folders beside this file). The local command runs the same body in its own process.
//
// A run goes through the steps that DESIGN.md tells under "Owning a task": acquire the lease, fence, look at the lease
// again, position, work, commit, release. The engine does what touches Kafka, this package what touches the lease.
//
// # Chains
//
// A run that ends by its budget, with backlog left, starts the next hop: it offers the lease under a random token (step 7 is
// then HandOver instead of Release, so that there are still two writes), and invokes its own function, asynchronously, with the same
// request, the next hop's number and the token. The next hop adopts the lease and goes through all other steps as anybody does: it fences,
// it looks, it reads offsets. So a chain needs no trust between its hops, and whatever goes wrong with one costs time only:
//
//	the event comes twice      the first adopts; the second finds a holder or another offer, and leaves
//	it never comes             the offer runs out after seconds, and the next pass of the coordinator starts a new chain
//	it comes late              it adopts what nobody took meanwhile; where somebody works, it leaves; where all is done,
//	                           it is one more run that finds nothing
//	it cannot be started       the offer is taken back, the schedule goes on. If it was started after all, it finds a free lease
//	a pass during the offer    does not start the task: it comes back when the offer has run out
//	a new generation during    the offer is forgotten, so the hop is refused, and the pass that raised the generation starts
//	the offer                  the task at once
//	the hop before thaws       it has returned from the engine: it has no transaction and no records. All it may still do is to
//	                           take its offer back, which does nothing once that was adopted
//
// There are at most maxHops hops to a chain; the last one releases, and only the coordinator starts another. An invocation
// starts at most one other, with a larger number. So a runaway is impossible, whatever is delivered twice.
//
// # Secrets
//
// Placeholders are resolved here, at the beginning of every request, and whatever leaves as text goes through secrets.Hide: answers,
// logs, what the lease keeps, the headers of dead letters. Task configurations get their placeholders back (plan.go); a
// configuration that has some is validated here (validate.go). See reload.go for how long a value is used.
//
// # Long invocations
//
// See ownership: an invocation that outlives one term of its lease renews it, in the place of a look. One that cannot renew goes on
// until the term is over, then commits and ends, within the grace.
package task
