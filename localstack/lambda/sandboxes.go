package lambda

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrNoSandbox says that there is no such sandbox, or no longer.
var ErrNoSandbox = errors.New("there is no such sandbox")

// Sandbox is a process of a function.
type Sandbox struct {
	// ID names the sandbox; it is the name of its log file.
	ID string
	// PID is the process. It leads a process group of its own.
	PID int
	// Busy says that it was handed an event, or is still starting for one.
	Busy bool
	// Frozen says that it is stopped: see Freeze.
	Frozen bool
	// Zombie says that it was frozen at its deadline. Its caller has been told of a timeout, and it gets no more events.
	Zombie bool
}

// Sandboxes returns the processes of a function as it is deployed now, in no particular order.
func (l *Lambda) Sandboxes(name string) []Sandbox {
	f, ok := l.function(name)
	if !ok {
		return nil
	}
	return f.pool.list()
}

// Kill ends a sandbox with SIGKILL, as a crash of its host does, and returns when it is gone. Its invocation fails. It
// reports whether there was such a sandbox.
func (l *Lambda) Kill(name, id string) bool {
	s, err := l.sandbox(name, id)
	if err != nil {
		return false
	}
	s.kill()
	<-s.gone
	return true
}

// sandbox finds a sandbox of any version of a function.
func (l *Lambda) sandbox(name, id string) (*sandbox, error) {
	for _, f := range l.versions() {
		if s := f.pool.find(id); s != nil && f.Name == name {
			return s, nil
		}
	}
	return nil, ErrNoSandbox
}

// versions are all functions that were ever deployed.
func (l *Lambda) versions() []*function {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.deployed[:len(l.deployed):len(l.deployed)]
}

// SandboxOf finds the sandbox whose process has a TCP connection from addr: the remote address of a connection that somebody
// on this machine, a proxy say, has accepted. The error is ErrNoSandbox when the address is of another process, or of none any
// more. It is for Linux alone: elsewhere nobody tells whose a connection is.
func (l *Lambda) SandboxOf(addr net.Addr) (function string, s Sandbox, err error) {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "", Sandbox{}, fmt.Errorf("find the sandbox of %v: it is not a TCP address", addr)
	}
	inodes, err := socketsFrom(tcp.Port)
	if err != nil {
		return "", Sandbox{}, fmt.Errorf("find the sandbox of %v: %w", addr, err)
	}
	return l.sandboxThat(fmt.Sprintf("has a connection from %v", addr), func(pid int) bool { return holdsSocket(pid, inodes) })
}

// SandboxOfPID finds the sandbox whose process it is.
func (l *Lambda) SandboxOfPID(pid int) (function string, s Sandbox, err error) {
	return l.sandboxThat(fmt.Sprintf("is process %d", pid), func(own int) bool { return own == pid })
}

func (l *Lambda) sandboxThat(what string, is func(pid int) bool) (function string, s Sandbox, err error) {
	for _, f := range l.versions() {
		for _, s := range f.pool.list() {
			if is(s.PID) {
				return f.Name, s, nil
			}
		}
	}
	return "", Sandbox{}, fmt.Errorf("find the sandbox that %s: %w", what, ErrNoSandbox)
}

// socketsFrom returns the names, as the files of /proc/<pid>/fd have them, of this machine's sockets with that local port.
func socketsFrom(port int) (map[string]bool, error) {
	names := make(map[string]bool)
	suffix := fmt.Sprintf(":%04X", port)
	for i, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(file)
		if err != nil && i == 0 {
			return nil, fmt.Errorf("only Linux tells whose a connection is: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			// sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
			if f := strings.Fields(line); len(f) > 9 && strings.HasSuffix(f[1], suffix) {
				names["socket:["+f[9]+"]"] = true
			}
		}
	}
	return names, nil
}

func holdsSocket(pid int, names map[string]bool) bool {
	files, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "fd", "*"))
	if err != nil {
		return false // the process has ended
	}
	for _, file := range files {
		if name, err := os.Readlink(file); err == nil && names[name] {
			return true
		}
	}
	return false
}
