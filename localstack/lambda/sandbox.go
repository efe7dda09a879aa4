package lambda

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/ferry-connect/ferry/localstack/lambda/cell"
)

// tailSize is how much of its log a caller may get.
const tailSize = 4 << 10

// headerTime bounds how long a process may take to send the head of a request.
const headerTime = 10 * time.Second

// sandbox is one process and its runtime API.
type sandbox struct {
	id       string
	function *function
	path     string // of its log file
	token    string // for its metadata
	events   chan *invocation
	ready    chan struct{} // closed when the process asks for its first event
	gone     chan struct{} // closed when the process has ended, or never was

	mu       sync.Mutex
	cmd      *exec.Cmd
	killed   bool
	ended    bool        // the process has ended, and its id may be another's
	exit     error       // why it ended
	cell     *cell.Cell  // limits its memory; nil where this machine cannot
	peak     int64       // of its memory, in bytes, once it has ended
	current  *invocation // handed out, until the process asks for the next
	asking   bool        // a request for the next event is pending
	initFail []byte      // what the process said about its failure to start
	clock                // of what it does now
	frozen   bool        // its processes are stopped, or about to be
	zombie   bool        // its time ran out while it was frozen

	extensions []string // ids of the registered ones
}

func newSandbox(f *function) *sandbox {
	id := newUUID()
	return &sandbox{
		id: id, function: f, token: newUUID(), path: filepath.Join(f.lambda.opts.Logs, f.Name, id+".log"),
		events: make(chan *invocation), ready: make(chan struct{}), gone: make(chan struct{}),
	}
}

// serve carries out one invocation and returns when the sandbox is idle again or gone.
func (s *sandbox) serve(inv *invocation) {
	defer inv.finish(inv.functionError("Runtime.Unknown", "the sandbox ended without an answer")) // if nothing below did
	log, err := os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		s.fail(inv, err)
		return
	}
	defer log.Close()
	_, _ = fmt.Fprintf(log, "START RequestId: %s Version: $LATEST\n", inv.id) // of a log nothing depends on
	begin, initialised := time.Now(), time.Duration(0)
	if s.pid() == 0 {
		if !s.initialise(inv, log) {
			return
		}
		initialised = time.Since(begin)
	}
	begin = time.Now()
	s.handOut(inv, begin.Add(s.function.Timeout))
	duration := time.Since(begin)
	_, _ = fmt.Fprintf(log, "END RequestId: %s\nREPORT RequestId: %s\tDuration: %.2f ms\tMemory Size: %d MB%s\tInit Duration: %.2f ms\n",
		inv.id, inv.id, float64(duration.Microseconds())/1e3, s.function.Memory, s.memoryUsed(), float64(initialised.Microseconds())/1e3)
	select {
	case <-inv.idle:
		s.function.pool.release(s)
	default: // gone
	}
}

// handOut gives the event to the process and waits until it asks for the next, ends, or its time is up.
func (s *sandbox) handOut(inv *invocation, deadline time.Time) {
	timer := s.limit(time.Until(deadline))
	defer s.unlimit()
	inv.deadline = deadline
	s.mu.Lock()
	s.current = inv
	s.mu.Unlock()
	events := s.events
	for {
		select {
		case events <- inv:
			events = nil // each event is handed out once
		case <-inv.idle:
			return
		case <-s.gone:
			inv.finish(s.withTail(inv, inv.functionError("Runtime.ExitError", "%s", s.reason())))
			return
		case <-timer.C:
			if s.expire(inv, "Task timed out after %.2f seconds", s.function.Timeout.Seconds()) {
				return
			}
		}
	}
}

// initialise starts the process and waits for its first request.
func (s *sandbox) initialise(inv *invocation, log *os.File) bool {
	if err := s.start(log); err != nil {
		s.fail(inv, err)
		return false
	}
	limit := s.function.lambda.opts.InitTime
	timer := s.limit(limit)
	defer s.unlimit()
	for {
		select {
		case <-s.ready:
			return true
		case <-s.gone:
			s.mu.Lock()
			said := s.initFail
			s.mu.Unlock()
			if said != nil {
				inv.finish(result{payload: said, failed: true})
				return false
			}
			inv.finish(s.withTail(inv, inv.functionError("Runtime.ExitError", "%s", s.reason())))
			return false
		case <-timer.C:
			if s.expire(inv, "Init phase timed out after %.2f seconds", limit.Seconds()) {
				return false
			}
		}
	}
}

// fail ends a sandbox that cannot serve an event.
func (s *sandbox) fail(inv *invocation, err error) {
	inv.finish(inv.functionError("Runtime.InvalidEntrypoint", "%v", err))
	if s.pid() > 0 {
		s.kill()
		<-s.gone
		return
	}
	s.function.pool.remove(s)
	close(s.gone)
}

// start starts the process, and the runtime API that it is told of.
func (s *sandbox) start(log *os.File) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open the runtime API: %w", err)
	}
	cmd := exec.Command(s.function.Bootstrap)
	cmd.Dir = filepath.Dir(s.function.Bootstrap)
	cmd.Env = s.environment(listener.Addr().String())
	// A file, not a pipe: what the process has written is there when it answers, without a goroutine in between.
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is for this process, not for functions
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.killed {
		return errors.Join(errors.New("the sandbox was killed before it started"), listener.Close())
	}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.cmd = cmd
	if err := s.confine(); err != nil {
		_ = s.signal(syscall.SIGKILL) // what nobody limits must not pass for a sandbox
		s.killed = true
		_, _ = fmt.Fprintf(log, "the sandbox has no limit of memory, and was killed: %v\n", err)
	}
	server := &http.Server{Handler: s.runtimeAPI(), ReadHeaderTimeout: headerTime}
	s.function.lambda.wg.Go(func() { _ = server.Serve(listener) }) // it only returns because of Close
	s.function.lambda.wg.Go(func() {
		err := cmd.Wait()
		s.mu.Lock()
		s.exit, s.ended = err, true
		s.remember()
		s.mu.Unlock()
		s.release()
		s.function.pool.remove(s)
		close(s.gone)
		_ = server.Close() // what it was asked last, nobody waits for
	})
	return nil
}

// environment is all that the process gets.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (s *sandbox) environment(runtimeAPI string) []string {
	f := s.function
	env := []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=en_US.UTF-8", "TZ=:UTC",
		"AWS_LAMBDA_RUNTIME_API=" + runtimeAPI, "_HANDLER=bootstrap",
		"AWS_LAMBDA_METADATA_API=" + runtimeAPI, "AWS_LAMBDA_METADATA_TOKEN=" + s.token, "LAMBDA_TASK_ROOT=" + filepath.Dir(f.Bootstrap),
		"LAMBDA_RUNTIME_DIR=/var/runtime", "AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=test",
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.Memory),
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + f.Name, "AWS_LAMBDA_LOG_STREAM_NAME=" + s.id,
	}
	for name, value := range f.Env {
		env = append(env, name+"="+value)
	}
	return env
}

func (s *sandbox) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// kill ends the processes, now or as soon as they start; it does not wait.
func (s *sandbox) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
}

// end is kill for a caller that holds mu.
func (s *sandbox) end() {
	s.killed = true
	_ = s.signal(syscall.SIGKILL) // they may have ended by themselves
}

// signal sends a signal to the process and all that it started. The caller holds mu.
func (s *sandbox) signal(sig syscall.Signal) error {
	if s.cmd == nil || s.ended {
		return nil
	}
	return syscall.Kill(-s.cmd.Process.Pid, sig)
}

// reason is why a process ended, in Lambda's words.
func (s *sandbox) reason() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.exit == nil {
		return "Runtime exited without providing a reason"
	}
	return "Runtime exited with error: " + s.exit.Error()
}

// withTail adds the end of what was written during the invocation.
func (s *sandbox) withTail(inv *invocation, r result) result {
	r.log = s.tail("START RequestId: " + inv.id)
	return r
}
