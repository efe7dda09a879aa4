package provider

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// Directory is Kafka's DirectoryConfigProvider: the path is that of a directory, the
// key the name of a file in it, the value all of its content.
type Directory struct{ allowed allowedPaths }

// NewDirectory returns a Directory with the given params; [AllowedPathsConfig] is
// the only one.
func NewDirectory(params map[string]string) (*Directory, error) {
	allowed, err := newAllowedPaths(params)
	if err != nil {
		return nil, err
	}
	return &Directory{allowed: allowed}, nil
}

// Get returns the contents of files directly in the directory at path. Nothing is
// found under a path that is empty, not allowed or no directory. It fails if a
// file is there and cannot be read, is not UTF-8, or is larger than 1 MiB.
func (p *Directory) Get(_ context.Context, path string, keys []string) (configdef.ConfigData, error) {
	directory, allowed, err := p.allowed.resolve(path)
	if path == "" || err != nil || !allowed {
		return configdef.ConfigData{}, err
	}
	found := make(map[string]string)
	for _, key := range keys {
		if !isFileName(key) {
			continue
		}
		file, allowed, err := p.allowed.resolve(filepath.Join(directory, key))
		if info, none := os.Stat(file); err != nil || !allowed || none != nil || !info.Mode().IsRegular() {
			continue
		}
		content, err := read(file)
		if err == nil && !utf8.Valid(content) {
			err = errors.New("it is not UTF-8")
		}
		if err != nil {
			return configdef.ConfigData{}, &configdef.Error{Message: "Could not read file " + filepath.Join(path, key) + " for property " + key, Cause: err}
		}
		found[key] = string(content)
	}
	return configdef.ConfigData{Data: found}, nil
}

// isFileName keeps keys such as ../../etc/passwd from leaving the directory.
func isFileName(key string) bool {
	return key != "" && key != "." && key != ".." && filepath.Base(key) == key && !strings.ContainsRune(key, 0)
}
