// Package leasetest is the conformance suite of lease tables: one call of Run for each implementation.
//
// Time is virtual: contenders wait on a clock that jumps to the next waiter's time by itself, and each may have its own skew. Faults are
// injected by a Table around the implementation's: replies get lost after the request took effect, and requests are
// throttled. Histories of concurrent runs are checked for linearizability with porcupine against a model in which an epoch has one
// holder and a lease changes hands only when it is free, on offer to the taker, or when its time has passed by the taker's own clock.
package leasetest
