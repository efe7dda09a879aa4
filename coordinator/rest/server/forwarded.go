package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// forwarded believes what trusted proxies say of the request they pass on: its RemoteAddr becomes that of the client. From everybody else
// the headers are taken away, since anybody can write them, and what is behind would believe them.
func forwarded(proxies []netip.Prefix, next http.Handler) http.Handler {
	trusted := func(address string) bool {
		a, err := netip.ParseAddr(address)
		return err == nil && slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !trusted(addressOf(r)) {
			for name := range r.Header {
				if name == "Forwarded" || strings.HasPrefix(name, "X-Forwarded-") {
					delete(r.Header, name)
				}
			}
			next.ServeHTTP(w, r)
			return
		}
		// Each proxy adds whom it heard: the client is the last one that is no proxy. What is before it, the client may have written.
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(hops) {
			hop = strings.TrimSpace(hop)
			if _, err := netip.ParseAddr(hop); err != nil {
				break
			}
			r.RemoteAddr = hop
			if !trusted(hop) {
				break
			}
		}
		next.ServeHTTP(w, r)
	})
}

// addressOf returns the client's address without its port.
func addressOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
