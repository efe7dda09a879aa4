package loggers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
)

func epoch() time.Time { return time.UnixMilli(1000) }

func newLoggers() *loggers.Loggers { return loggers.New(slog.LevelInfo, epoch) }

// level is the name of a logger's level, or nothing when it is not known.
func level(l *loggers.Loggers, name string) string {
	found, ok := l.Level(name)
	if !ok {
		return ""
	}
	return loggers.FormatLevel(found.Level)
}

func TestANameHasTheLevelOfItsNearestAncestorAndIsChangedWithIt(t *testing.T) {
	l := newLoggers()
	l.Know("a.b.c", "a.bc", "z")
	for _, step := range []struct {
		namespace, level string
		changed          string
	}{
		{"a.b", "debug", "[a.b a.b.c a.bc]"}, // names that begin alike, without a dot too, as in Kafka Connect
		{"a.b", "DEBUG", "[]"},
		{"a.b.c", "warn", "[a.b.c]"},
		{"a", "warn", "[a a.b a.bc]"},
		{"new", "info", "[]"}, // known from then on
		{"new", "off", "[new]"},
		{"new", "off", "[new]"}, // as Kafka Connect says, though nothing changes
	} {
		parsed, ok := loggers.ParseLevel(step.level)
		if !ok {
			t.Fatalf("%s is no level", step.level)
		}
		if got := fmt.Sprint(l.Set(step.namespace, parsed)); got != step.changed {
			t.Errorf("%s at %s changes %s, want %s", step.namespace, step.level, got, step.changed)
		}
	}
	l.Know("a.b.c.d", "z.y", "new.er")
	for name, want := range map[string]string{"a.b.c.d": "WARN", "z.y": "INFO", "new.er": "OFF", "ROOT": "INFO", "root": "INFO", "nobody": ""} {
		if got := level(l, name); got != want {
			t.Errorf("%s is at %q, want %q", name, got, want)
		}
	}
}

func TestTheRootLoggerStandsForAll(t *testing.T) {
	l := newLoggers()
	before := len(l.Levels())
	if got := l.Set("Root", slog.LevelError); len(got) != before {
		t.Errorf("%d of %d loggers changed", len(got), before)
	}
	for _, found := range l.Levels() {
		if found.Level != slog.LevelError || !found.Modified.Equal(epoch()) {
			t.Errorf("%+v", found)
		}
	}
	l.Know("later")
	if got, _ := l.Level("later"); got.Level != slog.LevelError || !got.Modified.IsZero() {
		t.Errorf("a later logger is %+v", got)
	}
}

func TestNamesThatClientsMakeUpAreBounded(t *testing.T) {
	l := newLoggers()
	for i := range 4_200 {
		l.Set(fmt.Sprintf("x%d.", i), slog.LevelDebug)
	}
	if n := len(l.Levels()); n > 4_096 {
		t.Errorf("%d names are known", n)
	}
	slog.New(l.Handler(slog.DiscardHandler)).With(loggers.Key, "one.more").Info("still works")
	if got := l.Set("root", slog.LevelError); len(got) < 4_000 {
		t.Errorf("%d are changed", len(got))
	}
}

func TestLevelsHaveTheNamesOfLog4j(t *testing.T) {
	for _, name := range []string{"ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"} {
		found, ok := loggers.ParseLevel(" " + strings.ToLower(name) + "\n")
		if !ok || loggers.FormatLevel(found) != name {
			t.Errorf("%s is %v, %v", name, found, ok)
		}
	}
	for _, name := range []string{"", "LOUD", "INFO+1", "5"} {
		if _, ok := loggers.ParseLevel(name); ok {
			t.Errorf("%q is a level", name)
		}
	}
	if got := loggers.FormatLevel(slog.LevelInfo + 1); got != "INFO" {
		t.Errorf("a level of one's own is %s", got)
	}
}

// lines returns what a logger writes, decoded.
func lines(t *testing.T, text *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for d := json.NewDecoder(text); d.More(); {
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

func everything(text *bytes.Buffer) slog.Handler {
	return slog.NewJSONHandler(text, &slog.HandlerOptions{Level: loggers.LevelAll})
}

func TestALineIsWrittenAtTheLevelOfItsLogger(t *testing.T) {
	var text bytes.Buffer
	l := newLoggers()
	log := slog.New(l.Handler(everything(&text)))
	named := log.With("connector", "c", loggers.Key, "a.b")
	renamed := named.With(loggers.Key, "x")
	named.Debug("not yet")
	l.Set("a", slog.LevelDebug) // one that was made before hears of it
	named.Debug("named")
	renamed.Debug("not this one")
	renamed.Info("renamed")
	log.Info("root")
	l.Set("a.b", loggers.LevelOff)
	named.Error("off")
	var got []string
	for _, line := range lines(t, &text) {
		got = append(got, fmt.Sprintf("%v/%v/%v", line["msg"], line["logger"], line["connector"]))
	}
	want := []string{"named/a.b/c", "renamed/x/c", "root/<nil>/<nil>"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("written: %q, want %q", got, want)
	}
	if _, known := l.Level("x"); !known {
		t.Error("a logger that was named is not known")
	}
}

func TestTheHandlerDoesWhatSlogWants(t *testing.T) {
	var text bytes.Buffer
	handler := newLoggers().Handler(everything(&text)).WithAttrs([]slog.Attr{slog.String(loggers.Key, "a")})
	err := slogtest.TestHandler(handler, func() []map[string]any { return lines(t, &text) })
	if err != nil {
		t.Error(err)
	}
	log := slog.New(handler)
	log.WithGroup("g").With("k", 1).Info("grouped", "m", 2)
	if got := fmt.Sprint(lines(t, &text)[0]["logger"]); got != "a" {
		t.Errorf("in a group the logger is %s", got)
	}
}

func TestAChangeOfTheClusterIsAppliedOnce(t *testing.T) {
	l := newLoggers()
	changes := []loggers.Change{{"a", "debug", 3, epoch()}, {"a", "loud", 4, epoch()}, {"b", "WARN", 7, epoch()}}
	l.Apply(changes)
	if level(l, "a") != "DEBUG" || level(l, "b") != "WARN" {
		t.Errorf("a is at %s, b at %s", level(l, "a"), level(l, "b"))
	}
	// When this process sets its own level, changes that it knows leave that alone, and newer ones do not.
	l.Set("a", slog.LevelError)
	l.Apply(changes)
	if level(l, "a") != "ERROR" {
		t.Errorf("a is at %s again", level(l, "a"))
	}
	l.Apply(append(changes, loggers.Change{Namespace: "a", Level: "TRACE", Offset: 9}))
	if level(l, "a") != "TRACE" {
		t.Errorf("a is at %s", level(l, "a"))
	}
	(*loggers.Loggers)(nil).Apply(changes)
}

func TestLevelsMayChangeWhileLinesAreWritten(t *testing.T) {
	l := newLoggers()
	log := slog.New(l.Handler(slog.DiscardHandler))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			named := log.With(loggers.Key, fmt.Sprintf("a.%d", i))
			for range 100 {
				named.Debug("x")
				l.Set("a", slog.LevelDebug)
				l.Levels()
			}
		})
	}
	wg.Wait()
}

func BenchmarkALineThatIsNotWritten(b *testing.B) {
	log := slog.New(newLoggers().Handler(slog.DiscardHandler)).With(loggers.Key, loggers.SinkTask)
	b.ReportAllocs()
	for b.Loop() {
		log.Debug("x")
	}
}
