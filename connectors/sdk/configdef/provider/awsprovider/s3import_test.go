package awsprovider_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestAnObjectIsAFileWithItsContent(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		const host = "s3.eu-west-1.amazonaws.com/bucket"
		c.objects[host+"/certs/trust.jks"] = "one"
		c.objects[host+"/other/trust.jks"] = "two"
		c.objects["s3.us-west-2.amazonaws.com/bucket/certs/trust.jks"] = "far"
		folder := t.TempDir()
		p := c.provider(t, imports, map[string]string{"local_dir": folder})
		got := get(t, p, "", "bucket/certs/trust.jks", "bucket/other/trust.jks")
		maps.Copy(got, map[string]string{"far": get(t, p, "us-west-2", "bucket/certs/trust.jks")["bucket/certs/trust.jks"]})
		for key, want := range map[string]string{"bucket/certs/trust.jks": "one", "bucket/other/trust.jks": "two", "far": "far"} {
			content, err := os.ReadFile(got[key])
			if err != nil || string(content) != want || filepath.Base(got[key]) != "trust.jks" || !strings.HasPrefix(got[key], folder) {
				t.Errorf("%s is %s with %q, %v", key, got[key], content, err)
			}
			if info, err := os.Stat(got[key]); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("others may read it: %v, %v", info.Mode(), err)
			}
		}
		c.calls()
		// when it changes, its file does not: whoever reads that reads all of one
		c.objects[host+"/certs/trust.jks"] = "three"
		first := got["bucket/certs/trust.jks"]
		if again := get(t, p, "", "bucket/certs/trust.jks")["bucket/certs/trust.jks"]; again != first || c.calls() != 0 {
			t.Errorf("it is %s, and was %s", again, first)
		}
		pass(t, 5*time.Minute)
		second := get(t, p, "", "bucket/certs/trust.jks")["bucket/certs/trust.jks"]
		content, err := os.ReadFile(second)
		if err != nil || string(content) != "three" || second == first {
			t.Errorf("it is %s with %q, %v", second, content, err)
		}
		// when the file is gone, it is made again
		if err := os.Remove(second); err != nil {
			t.Fatal(err)
		}
		if again := get(t, p, "", "bucket/certs/trust.jks")["bucket/certs/trust.jks"]; again != second {
			t.Errorf("it is %s, and was %s", again, second)
		}
	})
}

func TestAnObjectThatCannotBeAFileIsRefused(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		c.objects["s3.eu-west-1.amazonaws.com/bucket/huge"] = strings.Repeat("x", 16<<20+1)
		folder := t.TempDir()
		for key, says := range map[string]string{
			"bucket/ghost": "No object found at s3://bucket/ghost", "bucket/huge": "bytes", "bucket": "bucket/path/file", "bucket/..": "bucket/path/file", "bucket/a/": "No object",
		} {
			_, err := c.provider(t, imports, map[string]string{"local_dir": folder}).Get(t.Context(), "", []string{key})
			if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: got %v", key, err)
			}
		}
		c.objects["s3.eu-west-1.amazonaws.com/bucket/f"] = "x"
		_, err := c.provider(t, imports, map[string]string{"local_dir": "/dev/null"}).Get(t.Context(), "", []string{"bucket/f"})
		if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), "local_dir") {
			t.Errorf("a folder that cannot be: got %v", err)
		}
	})
}
