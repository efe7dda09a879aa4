package file

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

func TestSourceConformance(t *testing.T) {
	var lines atomic.Int64
	connecttest.Source(t, connecttest.SourceHarness{
		Class: class(t, "FileStreamSourceConnector"),
		Config: func(t testing.TB) map[string]string {
			path := filepath.Join(t.TempDir(), "input.txt")
			write(t, path, "")
			return map[string]string{"file": path, "topic": "t"}
		},
		Seed: func(t testing.TB, config map[string]string, n int) int {
			var text strings.Builder
			for range n {
				fmt.Fprintf(&text, "line %d of Größe\n", lines.Add(1))
			}
			appendTo(t, config["file"], text.String())
			return n
		},
	})
}

func TestSinkConformance(t *testing.T) {
	connecttest.Sink(t, connecttest.SinkHarness{
		Class: class(t, "FileStreamSinkConnector"),
		Config: func(t testing.TB) map[string]string {
			return map[string]string{"file": filepath.Join(t.TempDir(), "output.txt"), "topics": "t"}
		},
		ReadBack: func(t testing.TB, config map[string]string) []string {
			text, err := os.ReadFile(config["file"])
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if len(text) == 0 {
				return nil
			}
			return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		},
	})
}
