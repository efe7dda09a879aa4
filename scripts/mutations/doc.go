// Package mutations breaks the protocol on purpose. Each entry of its test is one deliberate mistake in one step: to skip the look at the
// lease after the fence, to read offsets before it, to commit without a transaction, and so on. The named test must fail with the
// mistake in place; otherwise the step is held by nothing.
//
// A mistake is made in a copy of its file, which `go test -overlay` compiles in the file's place: the working tree is not
// touched. A text that is to be replaced must be there exactly once, so whoever changes the code is told to look here.
package mutations
