package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// build is what is known about this program.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	// Connect is the version of Kafka Connect whose behaviour is followed, and that the REST API reports.
	Connect  string `json:"connect"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// connectVersion is that of the Kafka Connect from which the project's golden data was taken.
const connectVersion = "4.3.1"

func thisBuild() build {
	b := build{Version: "(devel)", Commit: "unknown", Connect: connectVersion, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Commit = s.Value
		}
	}
	return b
}

func newVersion(s streams) *cobra.Command {
	format := ""
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Example: `  ferry version                  a table on a terminal, JSON in a pipe
  ferry version --output json`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format == "" {
				format = "json"
				if s.size != nil {
					format = "table"
				}
			}
			return printVersion(s, format, cmd)
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "", "table or json; by default a table on a terminal and JSON in a pipe")
	complete(cmd, "output", "table", "json")
	return cmd
}

func printVersion(s streams, format string, cmd *cobra.Command) error {
	b := thisBuild()
	switch format {
	case "json":
		text, err := json.Marshal(b)
		if err != nil {
			return fmt.Errorf("describe the version: %w", err)
		}
		_, err = fmt.Fprintf(s.out, "%s\n", text)
		return err
	case "table":
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "Version\t%s\nCommit\t%s\nKafka Connect\t%s\nGo\t%s\nPlatform\t%s\n", b.Version, b.Commit, b.Connect, b.Go, b.Platform) //nolint:errcheck // Flush tells
		return w.Flush()
	}
	return &usageError{errors.New("--output is " + format + ", and must be table or json"), cmd.CommandPath()}
}

// complete makes the shell propose values for a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag does not exist: a mistake of the program
	}
}
