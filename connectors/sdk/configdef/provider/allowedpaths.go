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

// allowedPaths is the parsed param; nil allows everything. Like Kafka it compares
// paths by name and does not follow symbolic links, which mounted secrets consist of.
type allowedPaths []string

func newAllowedPaths(params map[string]string) (allowedPaths, error) {
	given := params[AllowedPathsConfig]
	if given == "" {
		return nil, nil
	}
	var paths allowedPaths
	for path := range strings.SplitSeq(given, ",") {
		path = filepath.Clean(path)
		if !filepath.IsAbs(path) {
			return nil, configdef.Errorf(AllowedPathsConfig, "Path %s is not absolute", path)
		}
		if _, err := os.Stat(path); err != nil {
			return nil, configdef.Errorf(AllowedPathsConfig, "Path %s does not exist", path)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// allows reports whether path is one of the allowed paths or below one.
func (p allowedPaths) allows(path string) bool {
	if p == nil {
		return true
	}
	path = filepath.Clean(path)
	for _, allowed := range p {
		if path == allowed || strings.HasPrefix(path, strings.TrimSuffix(allowed, string(filepath.Separator))+string(filepath.Separator)) {
			return true
		}
	}
	return false
}
