// Package invoke is how the coordinator and the API reach a connector's own function: what is asked, what is answered,
// and the ways to ask. The coordinator links no connector; whatever needs a connector's code (to move records, to split
// work into tasks, to validate deeply, to check offsets) is one Request to the function that has it.
//
// Configurations travel as the user wrote them. Placeholders such as ${file:path:key} are resolved inside the function
// that uses them and nowhere else, so a secret never leaves the task.
//
// Requests are safe to deliver twice: running is guarded by the task's lease, the other operations change nothing.
//
// A function and the coordinator are deployed separately, so each may be older than the other: see Format.
package invoke
