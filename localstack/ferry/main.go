// Command ferry runs Kafka Connect's connectors on your own machine, without a cluster of workers.
//
// Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 a connector file could not be read, validated or created.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(mainExit()) }

// mainExit lets deferred calls run before the process exits.
func mainExit() int {
	// The first signal ends ctx. Then the default action is back, so a second Ctrl-C ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(ctx, os.Args[1:], processStreams())
}
