package provider

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// AllowedPathsConfig is the param that limits what a provider may read: a comma
// separated list of absolute paths of files and directories. Without it
// everything may be read.
const AllowedPathsConfig = "allowed.paths"

// allowedPaths is the parsed param; nil allows everything.
type allowedPaths []string

func newAllowedPaths(params map[string]string) (allowedPaths, error) {
	given := params[AllowedPathsConfig]
	if given == "" {
		return nil, nil
	}
	paths := allowedPaths{}
	// Java's split, which this is in Kafka, drops empty entries at the end, and those only.
	entries := strings.Split(given, ",")
	for len(entries) > 0 && entries[len(entries)-1] == "" {
		entries = entries[:len(entries)-1]
	}
	for _, path := range entries {
		if !filepath.IsAbs(path) {
			return nil, configdef.Errorf(AllowedPathsConfig, "Path %s is not absolute", path)
		}
		if _, err := os.Stat(path); err != nil {
			return nil, configdef.Errorf(AllowedPathsConfig, "Path %s does not exist", path)
		}
		paths = append(paths, filepath.Clean(path))
	}
	return paths, nil
}

// resolve returns what to read for a path that a configuration names, and whether
// it may be read.
//
// Kafka compares names, and returns the name without its "..": what is compared
// must be what is read, or a link in /allowed/link/../secret would lead
// elsewhere. Here a path must stay inside when its symbolic links are followed,
// too. The links that mounted secrets of Kubernetes consist of do.
func (p allowedPaths) resolve(path string) (string, bool, error) {
	if strings.ContainsRune(path, 0) {
		return "", false, configdef.Errorf("", "Nul character not allowed: %q", path)
	}
	if p == nil {
		return withoutSlash(path), true, nil
	}
	path = filepath.Clean(path)
	if !p.contain(path) {
		return "", false, nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path, true, nil //nolint:nilerr // reading it will fail, and that is reported with what it was read for
	}
	return real, p.followed().contain(real), nil
}

// contain reports whether a clean path is one of the paths or below one.
func (p allowedPaths) contain(path string) bool {
	const separator = string(filepath.Separator)
	for _, allowed := range p {
		if path == allowed || strings.HasPrefix(path, strings.TrimSuffix(allowed, separator)+separator) {
			return true
		}
	}
	return false
}

// followed returns where the paths lead now.
func (p allowedPaths) followed() allowedPaths {
	var followed allowedPaths
	for _, path := range p {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			followed = append(followed, real)
		}
	}
	return followed
}

// withoutSlash drops slashes at the end, which are no part of a path in Java.
func withoutSlash(path string) string {
	if short := strings.TrimRight(path, string(filepath.Separator)); short != "" {
		return short
	}
	return path
}
