package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"syscall"

	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// ListenError says which listener could not be opened, and why.
type ListenError struct {
	// Key is listeners or admin.listeners, Listener the one that could not be opened.
	Key      string
	Listener worker.Listener
	Err      error
}

// Error names the key and the address, and what to do.
func (e *ListenError) Error() string {
	if errors.Is(e.Err, syscall.EADDRINUSE) {
		return fmt.Sprintf("%s: address %s is in use by another program: stop it, or choose another address", e.Key, e.Listener.Address())
	}
	return fmt.Sprintf("%s: %v", e.Key, e.Err)
}

// Unwrap returns the cause.
func (e *ListenError) Unwrap() error { return e.Err }

// Server is the open listeners of a worker. Nothing is answered before Serve; until then clients wait.
type Server struct {
	main, admin []*listener
	servers     []*http.Server
	wg          sync.WaitGroup
	failed      chan error
}

// listener is one that is open, or about to be.
type listener struct {
	worker.Listener
	tls  *tls.Config // nil for http
	open net.Listener
}

// Listen opens all listeners of a worker, or none. What it needs for TLS is read before, so that a key store that is missing is told
// before anything listens. It fails with a *ListenError, or with one that names the key of TLS.
func Listen(ctx context.Context, w *worker.Config) (*Server, error) {
	s := &Server{failed: make(chan error, 1)}
	var err error
	if s.main, err = prepare(w, w.REST.Listeners, worker.ListenersHTTPSPrefix); err != nil {
		return nil, err
	}
	if s.admin, err = prepare(w, w.REST.AdminListeners, worker.AdminListenersHTTPSPrefix); err != nil {
		return nil, err
	}
	err = bind(ctx, worker.ListenersKey, s.main)
	if err == nil {
		err = bind(ctx, worker.AdminListenersKey, s.admin)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// prepare reads what TLS needs, once for all listeners of a kind.
func prepare(w *worker.Config, wanted []worker.Listener, prefix string) (list []*listener, err error) {
	var secure *tls.Config
	for _, l := range wanted {
		prepared := &listener{Listener: l}
		if l.HTTPS {
			if secure == nil {
				if secure, err = tlsConfig(w.Properties(), prefix); err != nil {
					return nil, err
				}
			}
			prepared.tls = secure
		}
		list = append(list, prepared)
	}
	return list, nil
}

// bind opens listeners, and notes the ports that the system chose.
func bind(ctx context.Context, key string, list []*listener) error {
	for _, l := range list {
		var lc net.ListenConfig
		bound, err := lc.Listen(ctx, "tcp", l.Address())
		if err != nil {
			return &ListenError{key, l.Listener, err}
		}
		l.open = bound
		if tcp, ok := bound.Addr().(*net.TCPAddr); ok {
			l.Port = tcp.Port
		}
	}
	return nil
}

// Bound returns the main listeners, with the ports that the system chose: for worker.Config.Listening.
func (s *Server) Bound() []worker.Listener { return bound(s.main) }

// Admin returns the admin listeners, with the ports that the system chose.
func (s *Server) Admin() []worker.Listener { return bound(s.admin) }

func bound(list []*listener) []worker.Listener {
	all := make([]worker.Listener, len(list))
	for i, l := range list {
		all[i] = l.Listener
	}
	return all
}

// URL returns where the API is reached from this machine: the first http listener, or else the first.
func (s *Server) URL() string {
	l := s.main[0]
	if i := slices.IndexFunc(s.main, func(l *listener) bool { return l.tls == nil }); i >= 0 {
		l = s.main[i]
	}
	if tcp, ok := l.open.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return l.Scheme() + "://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Port))
	}
	return l.Listener.String()
}

// Serve begins to answer, and returns. log gets what goes wrong with connections. It is called once.
func (s *Server) Serve(f *Front, log *slog.Logger) {
	s.serve(s.main, f.Main, log)
	s.serve(s.admin, f.Admin, log)
}

func (s *Server) serve(list []*listener, h http.Handler, log *slog.Logger) {
	for _, l := range list {
		server := rest.NewServer(h, l.Address())
		server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
		open := l.open
		if l.tls != nil {
			open = tls.NewListener(open, l.tls)
		}
		s.servers = append(s.servers, server)
		s.wg.Go(func() {
			if err := server.Serve(open); !errors.Is(err, http.ErrServerClosed) {
				select {
				case s.failed <- fmt.Errorf("serve the REST API at %s: %w", l, err):
				default: // one is enough to end the process
				}
			}
		})
	}
}

// Failed receives an error if a listener ends by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// Shutdown takes no more requests, and returns when those that are being answered are, or ctx is done: then their connections are closed,
// and the error says so. Nothing runs afterwards.
func (s *Server) Shutdown(ctx context.Context) error {
	errs := make([]error, len(s.servers))
	var wg sync.WaitGroup
	for i, server := range s.servers {
		wg.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				errs[i] = errors.Join(fmt.Errorf("requests were still being answered: %w", err), server.Close())
			}
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(errs...), s.Close())
}

// Close closes the listeners of a server that never served, or that was shut down. It may be called again.
func (s *Server) Close() error {
	var errs []error
	for _, l := range slices.Concat(s.main, s.admin) {
		if l.open == nil {
			continue
		}
		if err := l.open.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	s.wg.Wait()
	return errors.Join(errs...)
}
