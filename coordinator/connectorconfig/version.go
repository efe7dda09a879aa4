package connectorconfig

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// versionRange is one interval of a Maven version range; an empty bound is none.
//
// Source: https://maven.apache.org/pom.html#Dependency_Version_Requirement_Specification
type versionRange struct {
	lower, upper                   string
	lowerInclusive, upperInclusive bool
	isPair                         bool // written with a comma
}

// versionRanges is what a plugin.version asks for; nil accepts every version.
type versionRanges []versionRange

// parseVersions reads a plugin.version: latest, one version, which means exactly that one, or intervals.
func parseVersions(spec string) (versionRanges, error) {
	if spec == latestVersion {
		return nil, nil
	}
	spec = strings.TrimSpace(spec)
	if !strings.HasPrefix(spec, "[") && !strings.HasPrefix(spec, "(") {
		r, err := parseRange("[" + spec + "]") // so that with a comma it is a range, as in Kafka Connect
		return versionRanges{r}, err
	}
	var ranges versionRanges
	for rest := spec; rest != ""; {
		end := strings.IndexAny(rest, "])")
		if end < 0 {
			return nil, errors.New("Unbounded range: " + spec)
		}
		r, err := parseRange(rest[:end+1])
		if err != nil {
			return nil, err
		}
		ranges = append(ranges, r)
		rest = strings.TrimSpace(rest[end+1:])
		rest = strings.TrimSpace(strings.TrimPrefix(rest, ","))
		if rest != "" && rest[0] != '[' && rest[0] != '(' {
			return nil, errors.New("Only fully-qualified sets allowed in multiple set scenario: " + spec)
		}
	}
	return ranges, nil
}

func parseRange(text string) (versionRange, error) {
	r := versionRange{lowerInclusive: text[0] == '[', upperInclusive: text[len(text)-1] == ']'}
	lower, upper, isPair := strings.Cut(strings.TrimSpace(text[1:len(text)-1]), ",")
	r.lower, r.upper = strings.TrimSpace(lower), strings.TrimSpace(upper)
	r.isPair = isPair
	if !isPair {
		if !r.lowerInclusive || !r.upperInclusive {
			return r, errors.New("Single version must be surrounded by []: " + text)
		}
		r.upper = r.lower
		return r, nil
	}
	if r.lower != "" && r.upper != "" && compareVersions(r.upper, r.lower) < 0 {
		return r, errors.New("Range defies version ordering: " + text)
	}
	return r, nil
}

// contain reports whether a version is among the ranges.
func (v versionRanges) contain(version string) bool {
	return v == nil || slices.ContainsFunc(v, func(r versionRange) bool { return r.contains(version) })
}

func (r versionRange) contains(version string) bool {
	if r.lower == "" && r.upper == "" && !r.isPair {
		return false // the exact version that is empty
	}
	if r.lower != "" {
		if c := compareVersions(version, r.lower); c < 0 || c == 0 && !r.lowerInclusive {
			return false
		}
	}
	if r.upper != "" {
		if c := compareVersions(version, r.upper); c > 0 || c == 0 && !r.upperInclusive {
			return false
		}
	}
	return true
}

// String renders the ranges as Maven does.
func (v versionRanges) String() string {
	texts := make([]string, len(v))
	for i, r := range v {
		open, end := "(", ")"
		if r.lowerInclusive {
			open = "["
		}
		if r.upperInclusive {
			end = "]"
		}
		texts[i] = open + r.lower + "," + r.upper + end
	}
	return strings.Join(texts, ",")
}

// qualifiers are Maven's, in ascending order; the empty one is a release.
//
//nolint:gochecknoglobals // a constant table
var qualifiers = []string{"alpha", "beta", "milestone", "rc", "snapshot", "", "sp"}

// compareVersions orders versions as Maven does: part by part, numbers as numbers, and a known qualifier such as rc before
// the release. Parts that are missing count as 0 or as a release.
func compareVersions(a, b string) int {
	left, right := versionParts(a), versionParts(b)
	for i := range max(len(left), len(right)) {
		if c := comparePart(partAt(left, i), partAt(right, i)); c != 0 {
			return c
		}
	}
	return 0
}

// versionParts splits at dots, dashes and between digits and letters.
func versionParts(version string) []string {
	var parts []string
	var last rune
	for _, r := range strings.ToLower(version) {
		switch {
		case r == '.' || r == '-':
		case last == 0 || last == '.' || last == '-' || unicode.IsDigit(r) != unicode.IsDigit(last):
			parts = append(parts, string(r))
		default:
			parts[len(parts)-1] += string(r)
		}
		last = r
	}
	return parts
}

func partAt(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

func comparePart(a, b string) int {
	x, xErr := strconv.ParseUint(a, 10, 64)
	y, yErr := strconv.ParseUint(b, 10, 64)
	switch {
	case xErr == nil && yErr == nil:
		return cmp.Compare(x, y)
	case xErr == nil && b == "":
		return cmp.Compare(x, 0)
	case yErr == nil && a == "":
		return cmp.Compare(0, y)
	case xErr == nil: // a number is newer than any qualifier
		return 1
	case yErr == nil:
		return -1
	}
	a, b = qualifier(a), qualifier(b)
	return cmp.Or(cmp.Compare(qualifierRank(a), qualifierRank(b)), strings.Compare(a, b))
}

// qualifier returns the usual one of several with the same meaning.
func qualifier(q string) string {
	switch q {
	case "cr":
		return "rc"
	case "ga", "final", "release":
		return ""
	}
	return q
}

// qualifierRank puts unknown qualifiers last.
func qualifierRank(q string) int {
	if i := slices.Index(qualifiers, q); i >= 0 {
		return i
	}
	return len(qualifiers)
}

// versionSpec checks that a plugin.version can be read.
func versionSpec() configdef.Validator {
	return configdef.Lambda("latest, a version or a range of versions", func(name string, value any) error {
		spec, ok := value.(string)
		if !ok {
			return nil
		}
		if _, err := parseVersions(spec); err != nil {
			return configdef.Errorf(name, "%s", err.Error())
		}
		return nil
	})
}

// matchVersion returns the message for a class whose versions do not include the one asked for; empty if one does.
func (p *plugins) matchVersion(class, spec string) (string, error) {
	wanted, err := parseVersions(spec)
	if err != nil {
		return "", err
	}
	available := p.versions(class)
	if slices.ContainsFunc(available, wanted.contain) {
		return "", nil
	}
	return noSuchVersion(class, wanted, available...), nil
}

func noSuchVersion(class string, wanted versionRanges, available ...string) string {
	return fmt.Sprintf("Plugin %s not found that matches the version range %s, available versions: [%s]", class, wanted, strings.Join(available, ", "))
}
