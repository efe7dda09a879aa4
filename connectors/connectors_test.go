package connectors

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The tests here walk the list, so that a new connector is checked without being named.

func TestEveryFolderIsListedOnceAndInOrder(t *testing.T) {
	var listed, folders []string
	for _, p := range All() {
		listed = append(listed, p.Name)
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "sdk" && e.Name() != "internal" {
			folders = append(folders, e.Name())
		}
	}
	if !slices.Equal(listed, folders) {
		t.Fatalf("All lists %v, the folders are %v", listed, folders)
	}
}

func TestNamesDoNotClash(t *testing.T) {
	registry, err := connect.NewRegistry(Plugins())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range classes() {
		simple := c.Name[strings.LastIndexByte(c.Name, '.')+1:]
		for _, name := range append([]string{c.Name, simple, strings.TrimSuffix(simple, "Connector")}, c.Aliases...) {
			found, err := registry.Connector(name)
			if err != nil || found.Name != c.Name {
				t.Errorf("%s does not name %s: %v", name, c.Name, err)
			}
		}
	}
}

func classes() []*connect.Class {
	var all []*connect.Class
	for _, p := range All() {
		all = append(all, p.Classes...)
	}
	return all
}

func TestEveryClassIsComplete(t *testing.T) {
	for _, c := range classes() {
		switch {
		case c.Version == "" || c.Config == nil:
			t.Errorf("%s lacks its version or its configuration", c.Name)
		case !strings.HasSuffix(c.Name, "Connector"):
			t.Errorf("%s is no name of a connector class", c.Name)
		case !strings.HasSuffix(c.TaskClass, "Task"):
			t.Errorf("%s has task class %q", c.Name, c.TaskClass)
		case c.ExactlyOnce != nil && c.Source == nil:
			t.Errorf("%s is a sink: ExactlyOnce is for sources", c.Name)
		case c.DefinesTransactions != nil && c.Source == nil:
			t.Errorf("%s is a sink: DefinesTransactions is for sources", c.Name)
		}
		for _, k := range c.Config.Keys() {
			if !strings.HasSuffix(k.Documentation, ".") {
				t.Errorf("%s: the documentation of %s is no sentence: %q", c.Name, k.Name, k.Documentation)
			}
		}
	}
}

func TestREADMEHasEveryClassAndKey(t *testing.T) {
	for _, p := range All() {
		text, err := os.ReadFile(filepath.Join(p.Name, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, c := range p.Classes {
			for _, name := range append([]string{c.Name}, c.Config.Names()...) {
				if !strings.Contains(string(text), "`"+name+"`") {
					t.Errorf("%s/README.md does not mention `%s`", p.Name, name)
				}
			}
		}
	}
}

// Conformance is one call for each class, in its own package, where its harness is.
func TestEveryPackageRunsTheConformanceSuites(t *testing.T) {
	for _, p := range All() {
		files, err := filepath.Glob(filepath.Join(p.Name, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		var tests strings.Builder
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
		for _, c := range p.Classes {
			call := "connecttest.Source(t, "
			if c.Type() == connect.TypeSink {
				call = "connecttest.Sink(t, "
			}
			if !strings.Contains(tests.String(), call) {
				t.Errorf("the tests of %s do not call %s… for %s", p.Name, call, c.Name)
			}
		}
	}
}

// Whatever the configuration says, a connector answers: Open fails with an error about the configuration or works, Close
// follows, and nothing panics. The values are empty, blank, no number, a very large one, and what is no path.
func TestEveryClassSurvivesAnyConfiguration(t *testing.T) {
	for _, c := range classes() {
		for _, value := range []string{"\x00absent", "", " ", "x", "-1", "99999999999999999999", "\n{\"a\":", strings.Repeat("long", 5000)} {
			config := map[string]string{}
			for _, key := range c.Config.Names() {
				if value != "\x00absent" {
					config[key] = value
				}
			}
			t.Run(c.Name+" "+value[:min(8, len(value))], func(t *testing.T) {
				t.Chdir(t.TempDir()) // a file called -1 is a fine name
				survive(t, c, config)
			})
		}
	}
}

func survive(t *testing.T, c *connect.Class, config map[string]string) {
	t.Helper()
	tasks := []map[string]string{config}
	if c.Plan != nil {
		var err error
		if tasks, err = c.Plan(t.Context(), config, 2); err != nil {
			checkKind(t, err)
			return
		}
	}
	if c.Check != nil {
		c.Check(t.Context(), config)
	}
	if c.ExactlyOnce != nil {
		c.ExactlyOnce(config)
	}
	if c.DefinesTransactions != nil {
		c.DefinesTransactions(config)
	}
	open, closed := lifecycle(c, tasks[0])
	if err := open(t.Context()); err != nil {
		checkKind(t, err)
	}
	if err := closed(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("close: %v", err)
	}
}

// lifecycle returns Open and Close of a new source or sink.
func lifecycle(c *connect.Class, config map[string]string) (open, closed func(context.Context) error) {
	log := slog.New(slog.DiscardHandler)
	if c.Sink != nil {
		sink := c.Sink()
		return func(ctx context.Context) error {
			return sink.Open(ctx, &connect.SinkRuntime{Config: config, Log: log})
		}, sink.Close
	}
	source := c.Source()
	return func(ctx context.Context) error {
		return source.Open(ctx, &connect.SourceRuntime{Config: config, Offsets: noOffsets{}, Log: log, RequestReplan: func() {}})
	}, source.Close
}

func checkKind(t *testing.T, err error) {
	t.Helper()
	var e *connect.Error
	if !errors.As(err, &e) || e.Kind != connect.KindConfig && e.Kind != connect.KindRetriable {
		t.Errorf("got %v, which is of kind %v: say that the configuration is wrong", err, connect.KindOf(err))
	}
}

type noOffsets struct{}

func (noOffsets) Offset(context.Context, *connect.SourcePartition) (connect.Value, error) {
	return connect.Null(), nil
}
