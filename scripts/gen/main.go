// Command gen writes what follows from the list of connectors: the main package of each task function, the catalog, and the
// tables in the README files and in COMPATIBILITY.md; and the tables of the settings of Kafka's clients and of the worker.
//
//	go run ./scripts/gen          writes
//	go run ./scripts/gen -check   writes nothing; fails when something is out of date
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func main() {
	check := flag.Bool("check", false, "write nothing, fail when a file is out of date")
	root := flag.String("root", ".", "the folder that holds go.mod")
	flag.Parse()
	if err := run(os.DirFS, *root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// output is one generated file; nil content means that it must not exist.
type output struct {
	path    string // relative to the root, with slashes
	content []byte
}

// run brings the files under root up to date, or with check says which are not.
func run(open fsOpener, root string, check bool) error {
	outputs, err := generate(open(root), connectors.All(), connectors.Plugins())
	if err != nil {
		return err
	}
	var stale []string
	for _, o := range outputs {
		path := filepath.Join(root, filepath.FromSlash(o.path))
		old, err := os.ReadFile(path)
		if o.content == nil && os.IsNotExist(err) || err == nil && o.content != nil && bytes.Equal(old, o.content) {
			continue
		}
		stale = append(stale, o.path)
		if check {
			continue
		}
		if err := o.write(path); err != nil {
			return err
		}
		fmt.Println("wrote", o.path)
	}
	if check && len(stale) > 0 {
		slices.Sort(stale)
		return fmt.Errorf("out of date: %v; run go run ./scripts/gen", stale)
	}
	return nil
}

func (o output) write(path string) error {
	if o.content == nil {
		return os.RemoveAll(filepath.Dir(path))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", o.path, err)
	}
	if err := os.WriteFile(path, o.content, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", o.path, err)
	}
	return nil
}

// generate returns all generated files for the given list; tree is the module's root.
func generate(tree readTree, packages []connectors.Package, plugins connect.Plugins) ([]output, error) {
	mains, err := taskMains(tree, packages)
	if err != nil {
		return nil, err
	}
	catalog, err := catalogFile(packages, plugins)
	if err != nil {
		return nil, err
	}
	readmes, err := readmeFiles(tree, packages)
	if err != nil {
		return nil, err
	}
	compatibility, err := compatibilityFile(tree)
	if err != nil {
		return nil, err
	}
	clients, err := clientsFile(tree)
	if err != nil {
		return nil, err
	}
	keys, err := workerReadme(tree)
	if err != nil {
		return nil, err
	}
	return append(append(mains, catalog, compatibility, clients, keys), readmes...), nil
}
