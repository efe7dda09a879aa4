package servers

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// unavailableExit is what the scripts exit with when the machine lacks a program (EX_UNAVAILABLE of sysexits.h).
const unavailableExit = 69

// unavailableError says what the machine lacks for a server.
type unavailableError struct {
	server string
	lacks  string
}

func (e *unavailableError) Error() string {
	return fmt.Sprintf("%s needs %s, which this machine lacks", e.server, e.lacks)
}

// Require skips t unless every program is found in PATH; with FERRY_REQUIRE_REAL=1 it fails t instead. The servers of
// this package check for what they need themselves.
func Require(t testing.TB, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			unavailable(t, &unavailableError{server: t.Name(), lacks: program})
		}
	}
}

// unavailable ends t: skipped, or failed when real servers are required.
func unavailable(t testing.TB, err *unavailableError) {
	t.Helper()
	if os.Getenv("FERRY_REQUIRE_REAL") == "1" {
		t.Fatalf("FERRY_REQUIRE_REAL=1, but %v", err)
	}
	t.Skipf("%v", err)
}

// lacking finds the script's line about a missing program in what it wrote to its standard error.
func lacking(stderr string) string {
	for line := range strings.Lines(stderr) {
		if what, ok := strings.CutPrefix(line, "missing: "); ok {
			return strings.TrimSpace(what)
		}
	}
	return "something it did not name"
}
