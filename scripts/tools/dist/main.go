// Command dist builds every function into dist and prints the sizes of the binaries and of their zip files.
//
//	functions/<name>/main.go       dist/<name>/bootstrap        for arm64, what infra deploys
//	functions/task/<name>/main.go  dist/amd64/<name>/bootstrap  for amd64, what runs on most laptops
//
// The zip is the one that a deploy would upload: one file, deflated.
package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"text/tabwriter"
)

// target is one processor that functions are built for.
type target struct {
	arch   string
	folder string
}

func targets() []target {
	return []target{{"arm64", "dist"}, {"amd64", filepath.Join("dist", "amd64")}}
}

// function is one main package that Lambda runs.
type function struct {
	name string
	path string // import path, relative to the module's root
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) error {
	functions, err := find(".")
	if err != nil {
		return err
	}
	if err := os.RemoveAll("dist"); err != nil {
		return fmt.Errorf("remove the last build: %w", err)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	if _, err := fmt.Fprintln(table, "function\tarch\tbinary MB\tzip MB\t"); err != nil {
		return err
	}
	for _, f := range functions {
		for _, t := range targets() {
			binary := filepath.Join(t.folder, f.name, "bootstrap")
			if err := build(ctx, f, t, binary); err != nil {
				return err
			}
			plain, zipped, err := sizes(binary)
			if err != nil {
				return fmt.Errorf("measure %s: %w", binary, err)
			}
			if _, err := fmt.Fprintf(table, "%s\t%s\t%.2f\t%.2f\t\n", f.name, t.arch, float64(plain)/1e6, float64(zipped)/1e6); err != nil {
				return err
			}
		}
	}
	return table.Flush()
}

// find lists the functions below root. Two of one name would overwrite each other, so that is an error, and so is a name
// that a target's folder has.
func find(root string) ([]function, error) {
	var functions []function
	for _, pattern := range []string{"functions/*/main.go", "functions/task/*/main.go"} {
		mains, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, fmt.Errorf("find functions: %w", err)
		}
		for _, file := range mains {
			folder, err := filepath.Rel(root, filepath.Dir(file))
			if err != nil {
				return nil, fmt.Errorf("find functions: %w", err)
			}
			f := function{name: filepath.Base(folder), path: "./" + filepath.ToSlash(folder)}
			taken := slices.ContainsFunc(functions, func(other function) bool { return other.name == f.name })
			if taken || f.name == "amd64" {
				return nil, fmt.Errorf("%s: the name %s is taken in dist, rename the folder", f.path, f.name)
			}
			functions = append(functions, f)
		}
	}
	if len(functions) == 0 {
		return nil, fmt.Errorf("no functions/*/main.go below %s: run it in the module's root", root)
	}
	return functions, nil
}

// build leaves version control out of the binary: with it, every commit would change, and deploy, every function.
func build(ctx context.Context, f function, t target, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w",
		"-tags", "lambda.norpc", "-o", binary, f.path)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+t.arch)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build %s for %s: %w", f.path, t.arch, err)
	}
	return nil
}

// sizes returns the bytes of a file, and of a zip file with nothing else in it.
func sizes(path string) (plain, zipped int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	var size counter
	archive := zip.NewWriter(&size)
	entry, err := archive.Create(filepath.Base(path))
	if err != nil {
		return 0, 0, err
	}
	plain, err = io.Copy(entry, file)
	if err != nil {
		return 0, 0, err
	}
	if err := archive.Close(); err != nil {
		return 0, 0, err
	}
	return plain, int64(size), nil
}

// counter is a writer that only counts.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
