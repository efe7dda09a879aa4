package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindListsTheFunctionsAndTheTasks(t *testing.T) {
	// given
	root := tree(t, "functions/api/main.go", "functions/engine/engine.go", "functions/task/task.go", "functions/task/file/main.go")

	// when
	functions, err := find(root)
	// then
	if err != nil {
		t.Fatal(err)
	}
	want := []function{{"api", "./functions/api"}, {"file", "./functions/task/file"}}
	if len(functions) != 2 || functions[0] != want[0] || functions[1] != want[1] {
		t.Errorf("found %v, want %v", functions, want)
	}
}

func TestFindRefusesNamesThatWouldOverwriteEachOther(t *testing.T) {
	cases := map[string][]string{
		"the name api is taken":   {"functions/api/main.go", "functions/task/api/main.go"},
		"the name amd64 is taken": {"functions/task/amd64/main.go"},
		"no functions/*/main.go":  {"connectors/file/file.go"},
	}
	for want, files := range cases {
		t.Run(want, func(t *testing.T) {
			if _, err := find(tree(t, files...)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("find said %v, want %q in it", err, want)
			}
		})
	}
}

func TestSizesAreThoseOfTheFileAndOfItsZip(t *testing.T) {
	// given
	path := filepath.Join(t.TempDir(), "bootstrap")
	content := bytes.Repeat([]byte("ferry "), 10_000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	entry, err := w.Create("bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	// when
	plain, zipped, err := sizes(path)
	// then
	if err != nil {
		t.Fatal(err)
	}
	if plain != int64(len(content)) || zipped != int64(archive.Len()) {
		t.Errorf("sizes are %d and %d, want %d and %d", plain, zipped, len(content), archive.Len())
	}
}

func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, file := range files {
		path := filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
