package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestLackingJavaSkipsTheTestOrFailsItWhenRealServersAreRequired(t *testing.T) {
	cases := map[string]struct {
		require string
		want    string
	}{
		"by default":    {require: "", want: "skip: kafka.sh needs java (Java 17 or newer), which this machine lacks"},
		"when required": {require: "1", want: "fatal: FERRY_REQUIRE_REAL=1, but kafka.sh needs java (Java 17 or newer), which this machine lacks"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			// given a machine with a shell but without Java
			t.Setenv("PATH", pathWith(t, "bash", "dirname", "env", "mkdir"))
			t.Setenv("FERRY_REQUIRE_REAL", c.require)

			// when
			verdict := verdictOf(t, func(t testing.TB) { Kafka(t) })

			// then
			if verdict != c.want {
				t.Errorf("verdict is %q, want %q", verdict, c.want)
			}
		})
	}
}

func TestLackingPythonIsSaidBeforeAnythingIsFetched(t *testing.T) {
	t.Setenv("PATH", pathWith(t, "bash", "dirname", "env", "mkdir"))
	t.Setenv("FERRY_REQUIRE_REAL", "")
	for script, start := range map[string]func(testing.TB, ...Option) *Server{"ministack.sh": MiniStack, "localstack.sh": LocalStack} {
		if verdict, want := verdictOf(t, func(t testing.TB) { start(t) }), "skip: "+script+" needs python3.11"; !strings.HasPrefix(verdict, want) {
			t.Errorf("verdict is %q, want %q", verdict, want)
		}
	}
}

func TestRequireNamesTheProgram(t *testing.T) {
	// given
	t.Setenv("PATH", pathWith(t, "bash"))
	t.Setenv("FERRY_REQUIRE_REAL", "")

	// when
	verdict := verdictOf(t, func(t testing.TB) { Require(t, "bash", "docker") })

	// then
	if !strings.HasPrefix(verdict, "skip: ") || !strings.HasSuffix(verdict, "needs docker, which this machine lacks") {
		t.Errorf("verdict is %q", verdict)
	}
}

// onlyUnavailable is err if the machine lacks something, else nil.
func onlyUnavailable(err error) error {
	if lacks := (*unavailableError)(nil); errors.As(err, &lacks) {
		return lacks
	}
	return nil
}

// pathWith makes a folder in which only the programs are found.
func pathWith(t *testing.T, programs ...string) string {
	t.Helper()
	folder := t.TempDir()
	for _, program := range programs {
		found, err := exec.LookPath(program)
		if err != nil {
			t.Skipf("%s is not installed", program)
		}
		if err := os.Symlink(found, filepath.Join(folder, program)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// verdictOf runs test as the testing package would, in a goroutine that a skip or a failure ends.
func verdictOf(t *testing.T, test func(testing.TB)) string {
	t.Helper()
	recorder := &verdict{TB: t, text: "pass"}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(recorder)
	}()
	<-done
	return recorder.text
}

// verdict is a testing.TB that records how its test ended.
type verdict struct {
	testing.TB
	text string
}

func (v *verdict) Helper() {}

func (v *verdict) Skipf(format string, args ...any) { v.end("skip: ", format, args) }

func (v *verdict) Fatalf(format string, args ...any) { v.end("fatal: ", format, args) }

func (v *verdict) end(kind, format string, args []any) {
	v.text = kind + fmt.Sprintf(format, args...)
	runtime.Goexit()
}
