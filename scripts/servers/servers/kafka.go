package servers

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Kafka starts an Apache Kafka broker for t; Addr of the result is its bootstrap address.
//
// A Start after a Kill takes nine seconds more than one after a Stop: the controller lets the new broker in when the
// session of the killed one is over. The property broker.session.timeout.ms shortens that.
func Kafka(t testing.TB, opts ...Option) *Server {
	t.Helper()
	controller, err := controllerPort()
	check(t, err)
	return run(t, "kafka.sh", append([]Option{controller}, opts...))
}

// FormatArgs gives words to the format of a broker's data folder, such as "--feature", "transaction.version=0" for a
// cluster that was upgraded from Kafka 3 and not finalized.
func FormatArgs(words ...string) Option {
	return func(env map[string]string) { env["KAFKA_FORMAT_ARGS"] = strings.Join(words, " ") }
}

// Listener is a further listener of a broker.
type Listener struct {
	// Protocol is SSL, SASL_SSL and their like; empty for PLAINTEXT.
	Protocol string
	// Advertised is where clients are sent; empty for the listener itself.
	Advertised string
	// Properties are lines that concern the listener alone, such as ssl.client.auth=required.
	Properties []string
}

// Listeners gives a broker further listeners, at addrs. It can be given once.
func Listeners(listeners ...Listener) (addrs []string, opt Option, err error) {
	protocols := "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
	var bound, advertised, lines []string
	for i, l := range listeners {
		port, err := freePort()
		if err != nil {
			return nil, nil, err
		}
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		addrs = append(addrs, addr)
		bound = append(bound, fmt.Sprintf("EXTRA%d://%s", i, addr))
		advertised = append(advertised, fmt.Sprintf("EXTRA%d://%s", i, cmp.Or(l.Advertised, addr)))
		protocols += fmt.Sprintf(",EXTRA%d:%s", i, cmp.Or(l.Protocol, "PLAINTEXT"))
		for _, line := range l.Properties {
			lines = append(lines, fmt.Sprintf("listener.name.extra%d.%s", i, line))
		}
	}
	return addrs, func(env map[string]string) {
		env["KAFKA_LISTENERS"], env["KAFKA_ADVERTISED"] = strings.Join(bound, ","), strings.Join(advertised, ",")
		Properties(append(lines, protocols, "num.network.threads=1")...)(env) // each listener has threads of its own
	}, nil
}

// Behind gives a broker a further listener for each of the proxies, which advertises the address of that proxy: a client that
// came through a proxy stays with it. addrs are where the listeners themselves are, for the proxies to forward to.
func Behind(proxies ...string) (addrs []string, opt Option, err error) {
	listeners := make([]Listener, len(proxies))
	for i, proxy := range proxies {
		listeners[i].Advertised = proxy
	}
	return Listeners(listeners...)
}

func controllerPort() (Option, error) {
	port, err := freePort()
	return func(env map[string]string) { env["KAFKA_CONTROLLER_PORT"] = strconv.Itoa(port) }, err
}

// SharedKafka is one broker for all the tests of a package. It is started by the first test that asks for it, so a run
// of other tests does not pay for it. The zero value is ready; Options may be set before Main.
type SharedKafka struct {
	Options []Option

	once   sync.Once
	broker *Server
	err    error
}

// Main runs the tests and then stops the broker; it returns the code for os.Exit.
func (s *SharedKafka) Main(m *testing.M) int {
	code := m.Run()
	if err := s.close(); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		code = max(code, 1)
	}
	return code
}

// Broker returns the package's broker. Tests that share it use topics, groups and transactional ids of their own; a test
// that stops or kills it must start it again, and cannot be parallel to others. Broker may be called concurrently.
func (s *SharedKafka) Broker(t testing.TB) *Server {
	t.Helper()
	s.once.Do(func() { s.err = s.open() })
	check(t, s.err)
	return s.broker
}

func (s *SharedKafka) open() error {
	data, err := os.MkdirTemp("", "ferry-kafka-")
	if err != nil {
		return err
	}
	controller, err := controllerPort()
	if err != nil {
		return errors.Join(err, os.RemoveAll(data))
	}
	broker, err := newServer("kafka.sh", data, append([]Option{controller}, s.Options...))
	if err == nil {
		err = broker.start()
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(data))
	}
	s.broker = broker
	return nil
}

func (s *SharedKafka) close() error {
	if s.broker == nil {
		return nil
	}
	return errors.Join(s.broker.stop(), os.RemoveAll(s.broker.Data))
}
