package servers

import "testing"

// Toxiproxy starts a Toxiproxy for t; URL is its API. It has no proxies yet.
//
// Source: https://github.com/Shopify/toxiproxy#http-api
func Toxiproxy(t testing.TB, opts ...Option) *Server {
	t.Helper()
	return run(t, "toxiproxy.sh", opts)
}
