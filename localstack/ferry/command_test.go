package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// run runs a command line to its end.
func run(t *testing.T, args ...string) (code int, output, errors string) {
	t.Helper()
	var out, err bytes.Buffer
	code = execute(t.Context(), args, streams{in: strings.NewReader(""), out: &out, err: &err})
	return code, out.String(), err.String()
}

func TestMistakesInTheCommandLineAreUsageErrors(t *testing.T) {
	tests := []struct {
		args string
		want string
	}{
		{"sprint", `unknown command "sprint"`},
		{"standalon", "did you mean standalone?"},
		{"dev --wat", "unknown flag: --wat"},
		{"dev extra", "extra"},
		{"dev --data", "--data"},
		{"dev --file x", "--quickstart is not given"},
		{"dev --log-level loud", "must be debug, info, warn or error"},
		{"standalone", "requires at least 1 arg"},
		{"version --output xml", "must be table or json"},
		{"version extra", "extra"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			code, output, errors := run(t, strings.Fields(tt.args)...)
			if code != exitUsage || output != "" || !strings.Contains(errors, tt.want) || !strings.Contains(errors, "--help") {
				t.Errorf("exit code %d, output %q, errors %q; want 2 and %q", code, output, errors, tt.want)
			}
		})
	}
}

func TestEveryCommandHasHelpWithExamples(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			path := strings.Fields(cmd.CommandPath())[1:]
			code, output, _ := run(t, append(path, "--help")...)
			if code != exitOK || cmd.Short == "" || !strings.Contains(output, "Examples:") {
				t.Errorf("exit code %d, help\n%s", code, output)
			}
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(newRoot(streams{}))
}

func TestWithoutACommandThereIsHelp(t *testing.T) {
	if code, output, _ := run(t); code != exitOK || !strings.Contains(output, "standalone") {
		t.Errorf("exit code %d, output\n%s", code, output)
	}
}

func TestVersionIsJSONInAPipeAndATableOnRequest(t *testing.T) {
	code, output, _ := run(t, "version")
	var b build
	if err := json.Unmarshal([]byte(output), &b); err != nil || code != exitOK || b.Connect != connectVersion || b.Go == "" {
		t.Errorf("exit code %d, output %q: %v", code, output, err)
	}
	code, output, _ = run(t, "version", "-o", "table")
	if code != exitOK || !strings.Contains(output, "Kafka Connect  "+connectVersion+"\n") {
		t.Errorf("exit code %d, output\n%s", code, output)
	}
}

func TestShellsCompleteCommandsFlagsAndValues(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, output, _ := run(t, "completion", shell); code != exitOK || !strings.Contains(output, "ferry") {
			t.Errorf("completion %s: exit code %d, %d bytes", shell, code, len(output))
		}
	}
	for line, want := range map[string]string{
		"":                  "standalone",
		"dev --q":           "--quickstart",
		"version --output ": "json",
		"dev --log-level ":  "debug",
		"standalone ":       "properties",
	} {
		args := append([]string{cobra.ShellCompNoDescRequestCmd}, strings.Split(line, " ")...)
		if code, output, _ := run(t, args...); code != exitOK || !strings.Contains(output, want) {
			t.Errorf("completing %q: exit code %d, %q; want %q", line, code, output, want)
		}
	}
}
