package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The exit codes of the command.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	// exitConnector is what Kafka Connect's standalone worker exits with when a connector file is wrong.
	exitConnector = 3
)

// usageError is a mistake in the command line.
type usageError struct {
	err     error
	command string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// execute runs the command line args and returns the exit code. It returns when everything it started has ended.
func execute(ctx context.Context, args []string, s streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	return report(root.ExecuteContext(ctx), s)
}

// report tells an error on standard error, with what to do about it, and returns the exit code.
func report(err error, s streams) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(s.err, "ferry: %v\n", err) //nolint:errcheck // there is nowhere else to say it
	if e, ok := errors.AsType[*connect.Error](err); ok && e.Hint != "" {
		fmt.Fprintf(s.err, "hint: %s\n", e.Hint) //nolint:errcheck // as above
	}
	if e, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintf(s.err, "see: %s --help\n", e.command) //nolint:errcheck // as above
		return exitUsage
	}
	if _, ok := errors.AsType[*connectorFileError](err); ok {
		return exitConnector
	}
	return exitFailed
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "ferry",
		Short: "Kafka Connect without the cluster",
		Long: `Ferry runs Kafka Connect's connectors without a cluster of workers. This command runs all of it
on your own machine: coordinator, tasks and the REST API, in one process.`,
		Example: `  ferry dev --quickstart                 try it: a log file, through Kafka, into another file
  ferry dev                              an empty one, with an embedded Kafka broker
  ferry standalone worker.properties source.json sink.json
  ferry transform --config sink.json --in records.jsonl
  ferry completion bash > /etc/bash_completion.d/ferry`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return &usageError{err, cmd.CommandPath()} })
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(newDev(s), newStandalone(s), newTransform(s), newTest(s), newVersion(s))
	return root
}

// unknownCommand refuses arguments of the root command: they are misspelt commands.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := fmt.Sprintf("unknown command %q", args[0])
	cmd.SuggestionsMinimumDistance = 2
	if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
		message += ", did you mean " + strings.Join(similar, " or ") + "?"
	}
	return &usageError{errors.New(message), cmd.CommandPath()}
}

// usage turns a violation of a rule about arguments into a usage error.
func usage(rule cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := rule(cmd, args); err != nil {
			return &usageError{err, cmd.CommandPath()}
		}
		return nil
	}
}
