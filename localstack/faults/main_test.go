package faults_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/ferry-connect/ferry/localstack/faults/ledger"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

var (
	allCells = flag.Bool("faults.all", false, "run every cell of the matrix, and all kills")
	oneCell  = flag.String("faults.cell", "", "run this cell alone")
	report   = flag.String("faults.report", "", "the file to write the matrix to, as Markdown")
	parallel = flag.Int("faults.parallel", 8, "how many cells run at once; each mostly waits for leases to run out")
)

// suite is what all cells share.
var suite = struct {
	functions  map[string]string // paths of bootstraps
	catalog    string            // path of the catalog of the ledger connectors
	kafka      servers.SharedKafka
	slots      chan *slot    // proxies of the shared broker that no cell has
	restarting chan struct{} // held by the one cell that has a broker of its own
}{restarting: make(chan struct{}, 1)}

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", strconv.Itoa(*parallel)) // the flag is go test's own and takes any number
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "ferry-faults-")
	if err == nil {
		defer func() { _ = os.RemoveAll(folder) }()
		err = prepare(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return suite.kafka.Main(m)
}

// prepare makes what is cheap to have; functions are built, and servers started, by the first test that needs them.
func prepare(folder string) error {
	suite.functions = map[string]string{
		"api": "functions/api", "coordinator": "functions/coordinator", ledger.Function: "localstack/faults/ledger/function",
	}
	for name, pkg := range suite.functions {
		suite.functions[name] = filepath.Join(folder, name, "bootstrap")
		builds[name] = sync.OnceValue(func() error { return build("github.com/ferry-connect/ferry/"+pkg, suite.functions[name]) })
	}
	text, err := ledger.Catalog()
	if err != nil {
		return err
	}
	suite.catalog = filepath.Join(folder, "catalog.json")
	if err := os.WriteFile(suite.catalog, text, 0o600); err != nil {
		return err
	}
	return openSlots()
}

// builds build the functions, each once.
var builds = map[string]func() error{}

// build builds a function as make dist does, for this machine.
func build(pkg, path string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// seed decides what a cell leaves open: which of several requests, and when exactly.
func seed(t testing.TB) uint64 {
	text := os.Getenv("FERRY_SEED")
	if text == "" {
		return 1
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("FERRY_SEED: %v", err)
	}
	return n
}
