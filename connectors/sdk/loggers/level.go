package loggers

import (
	"log/slog"
	"math"
	"strings"
)

// The levels of Log4j that slog has no name for.
const (
	LevelAll   slog.Level = math.MinInt32
	LevelTrace slog.Level = slog.LevelDebug - 4
	LevelFatal slog.Level = slog.LevelError + 4
	LevelOff   slog.Level = math.MaxInt32
)

var levels = [...]struct { //nolint:gochecknoglobals // a table
	name  string
	level slog.Level
}{
	{"ALL", LevelAll},
	{"TRACE", LevelTrace},
	{"DEBUG", slog.LevelDebug},
	{"INFO", slog.LevelInfo},
	{"WARN", slog.LevelWarn},
	{"ERROR", slog.LevelError},
	{"FATAL", LevelFatal},
	{"OFF", LevelOff},
}

// ParseLevel reads the name of a level of Log4j, in any case and with spaces around it.
func ParseLevel(text string) (level slog.Level, ok bool) {
	text = strings.TrimSpace(text)
	for _, l := range levels {
		if strings.EqualFold(l.name, text) {
			return l.level, true
		}
	}
	return 0, false
}

// FormatLevel is the name of a level, in upper case; of one between two names, the more verbose one.
func FormatLevel(level slog.Level) string {
	name := levels[0].name
	for _, l := range levels {
		if l.level <= level {
			name = l.name
		}
	}
	return name
}
