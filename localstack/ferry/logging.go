package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"
)

// logging is the flag that long-running commands share.
type logging struct {
	text    string
	command string
}

func (l *logging) flag(cmd *cobra.Command) {
	l.command = "ferry " + cmd.Name()
	cmd.Flags().StringVar(&l.text, "log-level", "", "debug, info, warn or error; by default warn on a terminal and info in a pipe")
	complete(cmd, "log-level", "debug", "info", "warn", "error")
}

// open returns the output with the level that was asked for.
func (l *logging) open(s streams) (output, error) {
	level, err := l.level(s)
	return s.open(level), err
}

func (l *logging) level(s streams) (slog.Level, error) {
	if l.text == "" {
		if s.size != nil {
			return slog.LevelWarn, nil
		}
		return slog.LevelInfo, nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.text)); err != nil {
		return level, &usageError{fmt.Errorf("--log-level is %q, and must be debug, info, warn or error", l.text), l.command}
	}
	return level, nil
}
