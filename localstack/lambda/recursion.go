package lambda

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxHops is how many invocations a chain may have. The one after it is stopped.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
const maxHops = 16

// lineage begins the part of a trace id in which Lambda counts the invocations of a chain. A function is told it in
// Lambda-Runtime-Trace-Id; aws-lambda-go puts it into _X_AMZN_TRACE_ID, from where the clients of the SDK take it for
// X-Amzn-Trace-Id when they invoke the next. Who invokes without it begins a chain.
const lineage = "Lineage=1:"

// nextHop returns the trace id of an invocation from that of its caller, and how many invocations its chain has by now.
func nextHop(caller string) (trace string, hops int) {
	for part := range strings.SplitSeq(caller, ";") {
		if strings.HasPrefix(part, "Root=") {
			trace = part
		}
		if count, ok := strings.CutPrefix(part, lineage); ok {
			_, count, _ = strings.Cut(count, ":")
			hops, _ = strconv.Atoi(count) // a count that is none begins a chain
		}
	}
	var random [20]byte
	_, _ = rand.Read(random[:]) // it never fails
	if trace == "" {
		trace = fmt.Sprintf("Root=1-%08x-%x", time.Now().Unix(), random[:12])
	}
	hops++
	return fmt.Sprintf("%s;Parent=%x;Sampled=0;%s%x:%d", trace, random[12:], lineage, random[12:16], hops), hops
}

// RecursiveInvocationsDropped is how many invocations of a function, as it is deployed now, were stopped because their chain
// had too many before it.
func (l *Lambda) RecursiveInvocationsDropped(name string) int {
	f, ok := l.function(name)
	if !ok {
		return 0
	}
	return int(f.dropped.Load())
}
