package functions_test

import (
	"go/build"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ferry-connect/ferry/"

// The direction of dependencies, as DESIGN.md tells it. Packages are read with go/build, not by running the go tool: a
// cached test would not notice an import that is added later.
var rules = []struct {
	name string
	// from are the packages the rule is about, except those in but.
	from, but []string
	// never lists what they must not import: folders of this module, or prefixes of other modules.
	never []string
	// onlyStandard allows nothing but the standard library and the packages in and.
	onlyStandard bool
	and          []string
	// direct looks at the imports of the package itself, not at what those import.
	direct bool
}{
	{
		name: "the data model imports only the standard library, and Java's texts, which do too",
		from: []string{"connectors/sdk/connect", "connectors/sdk/configdef", "connectors/sdk/javatext"}, onlyStandard: true,
		but: []string{"connectors/sdk/configdef/provider", "connectors/sdk/configdef/provider/awsprovider"}, and: []string{"connectors/sdk/configdef", "connectors/sdk/javatext"},
	},
	{
		name: "connectors and the SDK see neither the coordinator nor the functions",
		from: []string{"connectors"}, never: []string{"coordinator", "functions", "localstack", "infra"},
	},
	{
		name: "connectors know nothing of Lambda",
		from: []string{"connectors"}, but: []string{"connectors"},
		never: []string{"github.com/aws/aws-lambda-go"},
	},
	{
		name: "the coordinator sees neither connectors nor functions",
		from: []string{"coordinator"}, never: append([]string{"functions", "localstack", "infra", "github.com/aws/aws-lambda-go"}, connectorFolders()...),
	},
	{
		name: "the engine knows no Lambda, no DynamoDB, no coordinator and no connector",
		from: []string{"functions/engine"}, never: append([]string{"coordinator", "localstack", "github.com/aws"}, connectorFolders()...),
	},
	{
		name: "the shared body of task functions, the coordinator and the API link no connector",
		from: []string{"functions"}, but: taskMains(), never: append([]string{"connectors", "localstack", "infra"}, connectorFolders()...),
	},
	{
		name: "the lease contract and the stores know no AWS",
		from: []string{"coordinator"}, but: []string{"coordinator/lease/dynamo", "coordinator/invoke/awslambda"}, never: []string{"github.com/aws"}, direct: true,
	},
	{
		name: "no function contains the embedded broker or a test suite",
		from: []string{"functions"}, never: []string{"github.com/twmb/franz-go/pkg/kfake", "connectors/sdk/connecttest", "coordinator/lease/leasetest", "testing"},
	},
	{
		name: "infra imports nothing of ours",
		from: []string{"infra"}, never: []string{"connectors", "coordinator", "functions", "localstack"},
	},
}

func TestDependenciesOnlyGoDown(t *testing.T) {
	graph := imports(t)
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for pkg := range graph {
				if !within(pkg, rule.from) || slices.Contains(rule.but, pkg) {
					continue
				}
				for dep, via := range reach(graph, pkg, rule.direct) {
					if rule.onlyStandard && !isStandard(dep) && !slices.Contains(rule.and, dep) {
						t.Errorf("%s imports %s (%s)", pkg, dep, via)
					}
					if forbidden(dep, rule.never) {
						t.Errorf("%s imports %s (%s)", pkg, dep, via)
					}
				}
			}
		})
	}
}

func TestATaskFunctionLinksOneConnector(t *testing.T) {
	graph := imports(t)
	for _, main := range taskMains() {
		for _, folder := range connectorFolders() {
			_, links := reach(graph, main, false)[folder]
			if own := path.Base(folder) == path.Base(main); links != own {
				t.Errorf("%s links %s: %v, want %v", main, folder, links, own)
			}
		}
	}
}

// imports returns the imports of every package of the module, tests left out; our own by folder.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	graph := map[string][]string{}
	err := filepath.WalkDir("..", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); name == "testdata" || name != ".." && strings.HasPrefix(name, ".") {
			return filepath.SkipDir
		}
		pkg, err := build.ImportDir(dir, 0)
		if err != nil {
			return nil //nolint:nilerr // a folder without Go files
		}
		folder := filepath.ToSlash(strings.TrimPrefix(filepath.Clean(dir), "../"))
		for _, imported := range pkg.Imports {
			graph[folder] = append(graph[folder], strings.TrimPrefix(imported, module))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(graph) < 10 {
		t.Fatalf("found only %d packages: %v", len(graph), graph)
	}
	return graph
}

// reach returns what pkg imports, with the path on which it is reached.
func reach(graph map[string][]string, pkg string, direct bool) map[string]string {
	seen := map[string]string{}
	queue := []string{pkg}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, dep := range graph[p] {
			if _, ok := seen[dep]; ok {
				continue
			}
			seen[dep] = strings.TrimPrefix(seen[p]+" → "+p, " → ")
			if !direct {
				queue = append(queue, dep)
			}
		}
	}
	return seen
}

func isStandard(dep string) bool {
	first, _, _ := strings.Cut(dep, "/")
	return !strings.Contains(first, ".") && !within(dep, []string{"connectors", "coordinator", "functions", "localstack", "scripts", "infra"})
}

// forbidden reports whether dep is ruled out: a folder of connectors stands for itself alone, anything else for all below.
func forbidden(dep string, never []string) bool {
	for _, n := range never {
		if dep == n || n != "connectors" && strings.HasPrefix(dep, n+"/") {
			return true
		}
	}
	return false
}

func within(pkg string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return pkg == f || strings.HasPrefix(pkg, f+"/") })
}

// connectorFolders returns every folder of a connector: all below connectors but sdk and internal.
func connectorFolders() []string {
	var folders []string
	entries, _ := filepath.Glob("../connectors/*")
	for _, e := range entries {
		if name := filepath.Base(e); name != "sdk" && name != "internal" && filepath.Ext(name) == "" {
			folders = append(folders, "connectors/"+name)
		}
	}
	return folders
}

// taskMains returns the generated mains below functions/task.
func taskMains() []string {
	var mains []string
	entries, _ := filepath.Glob("task/*/main.go")
	for _, e := range entries {
		mains = append(mains, "functions/"+filepath.ToSlash(filepath.Dir(e)))
	}
	return mains
}
