package main

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/terminal"
)

// streams is how the command talks: the three of a process, and what is known about standard output.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// size is nil when standard output is no terminal.
	size  func() (width, height int)
	color bool
}

// processStreams are those of this process.
func processStreams() streams {
	s := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) && os.Getenv("TERM") != "dumb" {
		s.color = os.Getenv("NO_COLOR") == "" // https://no-color.org
		s.size = func() (int, int) {
			width, height, err := term.GetSize(fd)
			if err != nil {
				return 0, 0
			}
			return width, height
		}
	}
	return s
}

// output is where a long-running command shows what it does: a screen for people, or JSON lines for programs.
type output struct {
	screen *terminal.Screen // nil when standard output is no terminal
	log    *slog.Logger
}

func (s streams) open(level slog.Level) output {
	if s.size == nil {
		return output{log: slog.New(newWithoutRepeats(slog.NewJSONHandler(s.out, &slog.HandlerOptions{Level: level})))}
	}
	screen := terminal.NewScreen(s.out, s.size, s.color)
	handler := tint.NewTextHandler(screen, &tint.Options{Level: level, TimeFormat: time.TimeOnly, NoColor: !s.color})
	return output{screen: screen, log: slog.New(newWithoutRepeats(handler))}
}
