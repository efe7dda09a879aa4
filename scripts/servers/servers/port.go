package servers

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Ports come from below the range that systems take the ports of outgoing connections from (32768 and up on Linux).
// A port from inside that range can be lost while its server is down between Kill and Start: a client that keeps
// dialling it may be given the same number as its own port, and is then connected to itself.
const (
	lowestPort  = 10240
	highestPort = 32767
)

// freePort returns a port of 127.0.0.1 that nobody listens on.
func freePort() (int, error) {
	var last error
	for range 100 {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, listener.Close()
		}
		last = err
	}
	return 0, fmt.Errorf("find a free port: %w", last)
}

// FreeAddr returns an address of this machine that nobody listens on, for a server that a test starts by other means.
func FreeAddr(t testing.TB) string {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}
