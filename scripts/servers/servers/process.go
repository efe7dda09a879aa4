package servers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	// readyLimit is far above what a start takes (3 s for a broker) because tests share slow machines.
	readyLimit = 3 * time.Minute
	// stopLimit is how long a server may take to close its files after SIGTERM before it is killed.
	stopLimit = 30 * time.Second
)

// process is one run of a server's script.
type process struct {
	cmd *exec.Cmd
	// hold is the writing end of the script's standard input. It is never written to: when this process dies, it
	// closes, and the script kills its server.
	hold   *os.File
	ready  chan struct{} // closed when the script printed ready
	exited chan struct{} // closed when the script and all it started are gone
	err    error         // how the script ended; to be read after exited
}

// launch starts a script in a process group of its own.
func launch(script string, args, env []string, stderr *os.File) (*process, error) {
	stdin, hold, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	stdout, output, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, stdin.Close(), hold.Close())
	}
	cmd := exec.Command(script, args...)
	cmd.Env = append(env, "FERRY_STOP_ON_EOF=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, output, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = cmd.Start()
	err = errors.Join(err, stdin.Close(), output.Close()) // the script has its own copies
	if err != nil {
		return nil, errors.Join(err, hold.Close(), stdout.Close())
	}
	p := &process{cmd: cmd, hold: hold, ready: make(chan struct{}), exited: make(chan struct{})}
	go p.watch(stdout)
	return p, nil
}

// watch reads the script's output until the last process of the group is gone.
func (p *process) watch(stdout *os.File) {
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if lines.Text() == "ready" {
				close(p.ready)
				break
			}
		}
		_, _ = io.Copy(io.Discard, stdout) // a full pipe would block the server
	}()
	err := p.cmd.Wait()
	// The group goes before the pipe: the script's watcher would take the pipe's end for our death, and kill a process
	// id that may belong to somebody else by now.
	p.signal(syscall.SIGKILL)
	<-drained
	p.err = errors.Join(err, p.hold.Close(), stdout.Close())
	close(p.exited)
}

// signal sends to the whole group; that nobody is left to get it is fine.
func (p *process) signal(s syscall.Signal) {
	_ = syscall.Kill(-p.cmd.Process.Pid, s)
}

// awaitReady returns when the server answers, or with an error when it ended or took longer than limit.
func (p *process) awaitReady(limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.ready:
		return nil
	case <-p.exited:
		return errors.Join(errors.New("ended before it was ready"), p.err)
	case <-timer.C:
		p.kill()
		return fmt.Errorf("was not ready after %v", limit)
	}
}

// stop asks the server to leave and waits until it did; after limit it is killed.
func (p *process) stop(limit time.Duration) error {
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.exited:
		return nil
	case <-timer.C:
		p.kill()
		return fmt.Errorf("did not stop within %v of SIGTERM and was killed", limit)
	}
}

// kill ends the server at once and waits until it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.exited
}
