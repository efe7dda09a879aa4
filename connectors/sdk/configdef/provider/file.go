package provider

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// File is Kafka's FileConfigProvider: the path is that of a Java properties file in
// UTF-8, the key a property in it.
type File struct{ allowed allowedPaths }

// NewFile returns a File with the given params; [AllowedPathsConfig] is the only
// one.
func NewFile(params map[string]string) (*File, error) {
	allowed, err := newAllowedPaths(params)
	if err != nil {
		return nil, err
	}
	return &File{allowed: allowed}, nil
}

// Get returns properties of the file at path. Nothing is found under an empty path
// or one that is not allowed. It fails if the file cannot be read, is no regular
// file, or is larger than 1 MiB.
func (p *File) Get(_ context.Context, path string, keys []string) (configdef.ConfigData, error) {
	file, allowed, err := p.allowed.resolve(path)
	if path == "" || err != nil || !allowed {
		return configdef.ConfigData{}, err
	}
	all, err := readProperties(file)
	if err != nil {
		return configdef.ConfigData{}, &configdef.Error{Message: "Could not read properties from file " + path, Cause: err}
	}
	found := make(map[string]string)
	for _, key := range keys {
		if value, ok := all[key]; ok {
			found[key] = value
		}
	}
	return configdef.ConfigData{Data: found}, nil
}

func readProperties(path string) (map[string]string, error) {
	content, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("read properties: %w", err)
	}
	if !utf8.Valid(content) {
		return nil, fmt.Errorf("read properties: %s is not UTF-8", path)
	}
	return ParseProperties(string(content))
}
