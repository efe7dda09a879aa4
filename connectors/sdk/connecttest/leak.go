package connecttest

import (
	"context"
	"fmt"
	"runtime"
	"strings"
)

// ownCode is in the stack of a goroutine that a connector started, and of those it waits in.
const ownCode = "github.com/ferry-connect/ferry/"

// goroutines returns the stacks of all goroutines but the caller's, by their id.
func goroutines() map[string]string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	all := make(map[string]string)
	stacks := strings.Split(string(buf), "\n\n")
	for _, stack := range stacks[1:] { // the first is the caller's
		id, _, _ := strings.Cut(stack, " [")
		all[id] = stack
	}
	return all
}

// checkJoined waits until no goroutine of the project runs that did not run before. Goroutines of libraries and of servers
// that the harness started do not count.
func checkJoined(ctx context.Context, before map[string]string) error {
	for {
		leaked := newSince(before)
		if leaked == "" {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("a goroutine outlives Close:\n%s", leaked)
		}
		runtime.Gosched()
	}
}

func newSince(before map[string]string) string {
	for id, stack := range goroutines() {
		if _, old := before[id]; !old && strings.Contains(stack, ownCode) {
			return stack
		}
	}
	return ""
}
