package worker

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// Listener is an address at which the REST API is served.
type Listener struct {
	// HTTPS says whether it speaks TLS.
	HTTPS bool
	// Host is a name, an IPv4 address, an IPv6 address without brackets, or empty for every interface.
	Host string
	// Port is 0 for one that the system chooses.
	Port int
}

// Scheme returns http or https.
func (l Listener) Scheme() string {
	if l.HTTPS {
		return "https"
	}
	return "http"
}

// Address returns host:port, as net.Listen takes it.
func (l Listener) Address() string { return net.JoinHostPort(l.Host, strconv.Itoa(l.Port)) }

// String returns the listener as it is written in a configuration.
func (l Listener) String() string { return l.Scheme() + "://" + l.Address() }

// parseListener reads protocol://host:port.
func parseListener(text string) (Listener, error) {
	scheme, address, _ := strings.Cut(text, "://")
	var l Listener
	switch strings.ToLower(scheme) {
	case "http":
	case "https":
		l.HTTPS = true
	default:
		return l, fmt.Errorf("the protocol must be http or https, as in http://localhost:8083")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return l, fmt.Errorf("it must be protocol://host:port, as in http://localhost:8083 or https://[::1]:8443")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return l, fmt.Errorf("the port must be a number from 0 to 65535")
	}
	if strings.ContainsAny(host, "/?#@ \t\\") {
		return l, fmt.Errorf("%q is no host", host)
	}
	l.Host, l.Port = host, int(n)
	return l, nil
}

// listeners reads a list of URLs, and reports those that are wrong under the key.
func listeners(key string, urls []string) (found []Listener, errs configdef.Errors) {
	for _, url := range urls {
		l, err := parseListener(url)
		if err != nil {
			errs = append(errs, configdef.Invalid(key, url, err.Error()))
			continue
		}
		found = append(found, l)
	}
	return found, errs
}

// overlaps reports the first two listeners that cannot both be bound: one port, and one host or every interface.
func overlaps(all []Listener) (a, b Listener, found bool) {
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Port == b.Port && a.Port != 0 && (strings.EqualFold(a.Host, b.Host) || a.everywhere() || b.everywhere()) {
				return b, a, true
			}
		}
	}
	return a, b, false
}

func (l Listener) everywhere() bool {
	ip := net.ParseIP(l.Host)
	return l.Host == "" || ip != nil && ip.IsUnspecified()
}

// urls is Kafka Connect's check of listeners; what is in the URLs is looked at later, there too.
func urls() configdef.Validator {
	return configdef.Lambda("List of comma-separated URLs, ex: http://localhost:8080,https://localhost:8443.", func(name string, value any) error {
		list, _ := value.([]string)
		if len(list) == 0 {
			return configdef.Errorf(name, "Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.")
		}
		for _, url := range list {
			if url == "" {
				return configdef.Errorf(name, "Empty URL found when parsing listeners list.")
			}
		}
		return nil
	})
}

// advertised is the listener that others are told of: the first of the wanted protocol, http before https where both are.
func advertised(all []Listener, wanted string) (Listener, bool) {
	for _, scheme := range []string{"http", "https"} {
		if wanted != "" && !strings.EqualFold(wanted, scheme) {
			continue
		}
		for _, l := range all {
			if l.Scheme() == scheme {
				return l, true
			}
		}
	}
	return Listener{}, false
}
