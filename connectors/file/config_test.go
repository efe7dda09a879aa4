package file

import (
	"testing"
)

func TestExactlyOnceNeedsAFile(t *testing.T) {
	supported := class(t, "FileStreamSourceConnector").ExactlyOnce
	for file, want := range map[string]bool{"f": true, "": false, " ": false} {
		if got := supported(map[string]string{"file": file}); got != want {
			t.Errorf("file %q: got %v", file, got)
		}
	}
	if supported(nil) {
		t.Error("standard input cannot be read twice")
	}
}
