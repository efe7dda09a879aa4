package main

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	if err := run(func(folder string) fs.FS { return os.DirFS(folder) }, "../..", true); err != nil {
		t.Error(err)
	}
}

// tree has README files for a connector package foo, and a function whose connector package is gone.
func tree() fstest.MapFS {
	return fstest.MapFS{
		"connectors/README.md":                 {Data: []byte("# all\n<!-- generated connectors -->\nold\n<!-- end -->\nrest\n")},
		"COMPATIBILITY.md":                     {Data: []byte("# api\n<!-- generated endpoints -->\n<!-- end -->\n<!-- generated framework keys -->\n<!-- end -->\n")},
		"connectors/sdk/kafkaclient/README.md": {Data: []byte("<!-- generated settings of clients -->\n<!-- end -->\n")},
		"connectors/foo/README.md":             {Data: []byte("# foo\n<!-- generated keys: x.FooSourceConnector -->\n<!-- end -->\n")},
		"coordinator/worker/README.md":         {Data: []byte("# worker\n<!-- generated worker keys -->\n<!-- end -->\n")},
		"functions/task/gone/main.go":          {Data: []byte(written + "package main\n")},
		"functions/task/byhand/main.go":        {Data: []byte("package main\n")},
	}
}

func foo(keys ...configdef.ConfigKey) connectors.Package {
	return connectors.Package{Name: "foo", Classes: []*connect.Class{{
		Name: "x.FooSourceConnector", Version: "1", TaskClass: "x.FooSourceTask", Config: configdef.MustNew(keys...),
		Source: func() connect.Source { return nil },
		Check:  func(context.Context, map[string]string) map[string][]string { return nil },
	}}}
}

func generated(t *testing.T, files fs.FS, p connectors.Package) (map[string]string, error) {
	t.Helper()
	outputs, err := generate(files, []connectors.Package{p}, builtin.With(p.Classes...))
	byPath := make(map[string]string)
	for _, o := range outputs {
		if o.content == nil {
			byPath[o.path] = "removed"
			continue
		}
		byPath[o.path] = string(o.content)
	}
	return byPath, err
}

func TestGenerateWritesMainCatalogAndTables(t *testing.T) {
	out, err := generated(t, tree(), foo(configdef.ConfigKey{
		Name: "a.key", Type: configdef.TypeInt, Default: 3, Validator: configdef.AtLeast(1), Importance: configdef.ImportanceHigh, Documentation: "A | B.",
	}))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"functions/task/foo/main.go":  {"func main() { task.Main(foo.Classes()) }", "ferry/connectors/foo"},
		"functions/task/gone/main.go": {"removed"},
		"connectors/README.md":        {"| [foo](foo) | `x.FooSourceConnector` | source |\n<!-- end -->\nrest"},
		"COMPATIBILITY.md": {"| `/connectors/{connector}/tasks/{task}/status` | GET | yes |", "| `/admin/loggers/{logger}` | GET, PUT |",
			"| `errors.tolerance` | all | string | `none` | honoured |", "| `topics` | sinks | list |", "| `key.converter` | all | class | the worker's |"},
		"connectors/foo/README.md":         {"| `a.key` | int | `3` | high | A \\| B. |"},
		"coordinator/worker/README.md":     {"| `plugin.path` | list | null |", "| no meaning | plugins are part of the program |", "| `producer.<key>` | string |  |  | honoured |"},
		"coordinator/catalog/catalog.json": {`"class":"x.FooSourceConnector","type":"source"`, `"aliases":["FooSourceConnector","FooSource"]`, `"function":"foo","checks":true`, `"validator":"[1,...]"`},
	} {
		for _, part := range want {
			if !strings.Contains(out[path], part) {
				t.Errorf("%s lacks %q: %.2000s", path, part, out[path])
			}
		}
	}
	if _, touched := out["functions/task/byhand/main.go"]; touched {
		t.Error("a main that was written by hand is touched")
	}
	if lines := strings.Count(out["functions/task/foo/main.go"], "\n"); lines != 11 {
		t.Errorf("the main has %d lines", lines)
	}
}

func TestGenerateRefuses(t *testing.T) {
	opaque := configdef.ConfigKey{Name: "k", Type: configdef.TypeString, Importance: configdef.ImportanceLow,
		Validator: configdef.Lambda("whatever I like", func(string, any) error { return nil })}
	if _, err := generated(t, tree(), foo(opaque)); err == nil || !strings.Contains(err.Error(), "Class.Check") {
		t.Errorf("a validator that is no data: got %v", err)
	}
	files := tree()
	files["connectors/foo/README.md"] = &fstest.MapFile{Data: []byte("# foo\n")}
	if _, err := generated(t, files, foo()); err == nil || !strings.Contains(err.Error(), "connectors/foo/README.md") {
		t.Errorf("a README without its table: got %v", err)
	}
	twice := foo()
	twice.Classes = append(twice.Classes, twice.Classes[0])
	if _, err := generated(t, tree(), twice); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a class listed twice: got %v", err)
	}
}
