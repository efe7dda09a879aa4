package main

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
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
	// loggers has the levels of log's parts.
	loggers *loggers.Loggers
}

func (s streams) open(level slog.Level) output {
	out := output{loggers: loggers.New(level, time.Now)}
	var handler slog.Handler
	if s.size == nil {
		handler = slog.NewJSONHandler(s.out, &slog.HandlerOptions{Level: loggers.LevelAll})
	} else {
		out.screen = terminal.NewScreen(s.out, s.size, s.color)
		handler = tint.NewTextHandler(out.screen, &tint.Options{
			Level: loggers.LevelAll, TimeFormat: time.TimeOnly, NoColor: !s.color, ReplaceAttr: withoutLogger,
		})
	}
	out.log = slog.New(newWithoutRepeats(out.loggers.Handler(handler)))
	return out
}

// withoutLogger leaves the name of the logger out of a line: a terminal has no room for it.
func withoutLogger(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == loggers.Key {
		return slog.Attr{}
	}
	return a
}
