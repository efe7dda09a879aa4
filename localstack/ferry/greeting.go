package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/broker"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/host"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/quickstart"
)

// greet says where everything is.
func greet(out output, h *host.Host, b *broker.Broker, folder string) {
	if b.Moved() != "" {
		out.log.Warn("the broker listens on another port than before, which is taken", "before", b.Moved(), "now", b.Addr())
	}
	if out.screen == nil {
		out.log.Info("ready", "rest", h.URL(), "kafka", b.Addr(), "data", folder)
		return
	}
	out.say(fmt.Sprintf("REST API  %s\nKafka     %s (embedded)\nData      %s\n", h.URL(), b.Addr(), home(folder)))
}

// greetExisting says where everything is when Kafka is not the embedded one.
func greetExisting(out output, h *host.Host, kafka, group string) {
	if out.screen == nil {
		out.log.Info("ready", "rest", h.URL(), "kafka", kafka, "group", group)
		return
	}
	out.say(fmt.Sprintf("REST API  %s\nKafka     %s (group.id %s)\n", h.URL(), kafka, group))
}

// explain says what the quickstart does and what to try next. resumed are the positions that its connectors go on from.
func explain(out output, h *host.Host, r quickstart.Result, resumed map[string]string) {
	if out.screen == nil {
		out.log.Info("quickstart", "file", r.File.Path, "topic", quickstart.Topic, "copy", r.Copy, "created", r.Created, "resumed", resumed)
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Quickstart: %s → topic %s → %s\n", r.File.Path, quickstart.Topic, home(r.Copy))
	for _, name := range []string{quickstart.Source, quickstart.Sink} {
		if at := resumed[name]; at != "" {
			fmt.Fprintf(&b, "  %s goes on from %s\n", name, at)
		}
	}
	if r.Changed {
		fmt.Fprintf(&b, "  %s reads this file from now on\n", quickstart.Source)
	}
	b.WriteString(growth(r.File))
	fmt.Fprintf(&b, `
Try next, in another terminal:
  tail -f %[2]s
  curl -s '%[1]s/connectors?expand=status'
  curl -s -X PUT %[1]s/connectors/%[3]s/pause      and /resume, /stop
  curl -s %[1]s/connectors -H 'Content-Type: application/json' -d '{"name": "orders", "config":
    {"connector.class": "DatagenConnector", "kafka.topic": "orders", "quickstart": "orders", "max.interval": "500"}}'

Ctrl-C stops; the next start goes on where it stopped.
`, h.URL(), home(r.Copy), quickstart.Sink)
	out.say(b.String())
}

// growth says how to make the file grow if it does not by itself.
func growth(f quickstart.File) string {
	appender := "tee -a"
	if !writable(f.Path) {
		appender = "sudo tee -a"
	}
	switch {
	case f.Size < 0:
		return fmt.Sprintf("  The file does not exist yet and is waited for:  echo hello | %s %s\n", appender, f.Path)
	case !f.Grows:
		return fmt.Sprintf("  The file does not grow just now. Append to it:  echo hello | %s %s\n", appender, f.Path)
	}
	return ""
}

// writable reports whether we may append to a file, or create it.
func writable(path string) bool {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		return f.Close() == nil
	}
	if !os.IsNotExist(err) {
		return false
	}
	info, err := os.Stat(filepath.Dir(path))
	return err == nil && info.Mode().Perm()&0o200 != 0
}

// home shortens a path in the current folder.
func home(path string) string {
	folder, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(folder, path); err == nil && !strings.HasPrefix(short, "..") {
		return short
	}
	return path
}
