package cell_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ferry-connect/ferry/localstack/lambda/cell"
)

func TestACellCountsTheMemoryOfItsProcesses(t *testing.T) {
	c, err := cell.New("test", 64<<20)
	if err != nil {
		t.Logf("this machine has no cells: %v", err)
		return
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "read line; head -c 8000000 /dev/zero | tail -c 1 >/dev/null")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	same, err := cell.Open(c.Path())
	if err != nil {
		t.Fatal(err)
	}
	if err := same.Enter(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if peak, err := c.Peak(); err != nil || peak == 0 || peak > 64<<20 {
		t.Errorf("the peak is %d, %v", peak, err)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(c.Path()); err == nil {
		t.Error("it is still there")
	}
	if _, err := cell.Open(c.Path()); err == nil {
		t.Error("it can be opened after it was removed")
	}
}

func TestWhatIsLeftOfADeadProcessIsSwept(t *testing.T) {
	own, err := cell.New("own", 64<<20)
	if err != nil {
		t.Logf("this machine has no cells: %v", err)
		return
	}
	defer func() { _ = own.Close() }()
	left := filepath.Join(filepath.Dir(own.Path()), "ferry-999999999-left") // no process has that id
	if err := os.Mkdir(left, 0o755); err != nil {
		t.Fatal(err)
	}
	cell.Sweep()
	if _, err := os.Stat(left); err == nil {
		t.Error("it is still there")
	}
	if _, err := os.Stat(own.Path()); err != nil {
		t.Errorf("one that is used was swept: %v", err)
	}
}

func TestAFolderIsNoCell(t *testing.T) {
	if _, err := cell.Open(t.TempDir()); err == nil {
		t.Error("a folder was opened")
	}
}
