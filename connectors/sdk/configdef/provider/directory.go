package provider

import (
	"context"
	"os"
	"path/filepath"
	"strings"

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
// file is there and cannot be read.
func (p *Directory) Get(_ context.Context, path string, keys []string) (configdef.ConfigData, error) {
	if path == "" || !p.allowed.allows(path) {
		return configdef.ConfigData{}, nil
	}
	found := make(map[string]string)
	for _, key := range keys {
		file := filepath.Join(path, key)
		if info, err := os.Stat(file); !isFileName(key) || err != nil || !info.Mode().IsRegular() {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return configdef.ConfigData{}, &configdef.Error{Message: "Could not read file " + file + " for property " + key, Cause: err}
		}
		found[key] = strings.ToValidUTF8(string(content), "\uFFFD")
	}
	return configdef.ConfigData{Data: found}, nil
}

// isFileName keeps keys such as ../../etc/passwd from leaving the directory.
func isFileName(key string) bool {
	return key != "" && key != "." && key != ".." && filepath.Base(key) == key
}
