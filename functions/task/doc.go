// Package task is the body of every task function: it turns a request into work of the engine, under the task's lease.
// The function of a connector package is this body with that package's classes, and nothing else (see the generated
// folders beside this file). The local command runs the same body in its own process.
//
// A run goes through the steps that DESIGN.md tells under "Owning a task": acquire the lease, fence, look at the lease
// again, position, work, commit, release. The engine does what touches Kafka, this package what touches the lease.
package task
