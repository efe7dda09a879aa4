package worker

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// REST is how the REST API is served. It is immutable.
type REST struct {
	// Listeners are the addresses of the API; there is at least one.
	Listeners []Listener
	// Admin says where /admin is served, AdminListeners at which addresses if apart.
	Admin          AdminPlace
	AdminListeners []Listener
	// Extensions are the names of classes, in the order in which requests pass them.
	Extensions []string
	// AllowedOrigins are patterns of origins whose pages may use the API (CORS), none if there are none. AllowedMethods are what they
	// may do.
	AllowedOrigins, AllowedMethods []string
	// Headers are set in every answer.
	Headers []HeaderRule
	// RequestBytes bounds the body of a request.
	RequestBytes int64
	// Rate is how many requests a second one client may send for long, 0 for any number, Burst how many at once.
	Rate, Burst int
	// Proxies are the networks whose X-Forwarded headers are believed.
	Proxies []netip.Prefix
	// AccessLog says whether each request is logged with level INFO, and not DEBUG.
	AccessLog bool

	advertised    string // protocol
	host, portKey string // advertised, empty for those of the listener
}

// AdminPlace is where the resources below /admin are served.
type AdminPlace string

// The places. AdminApart is at the admin listeners only.
const (
	AdminBeside  AdminPlace = "listeners"
	AdminNowhere AdminPlace = "nowhere"
	AdminApart   AdminPlace = "admin listeners"
)

// readREST reads how the REST API is served, and the worker id. Errors of single keys are not returned: who reads the whole
// configuration finds them too.
func readREST(props map[string]string) (r REST, workerID string, err error) {
	var keys []configdef.ConfigKey
	for _, k := range slices.Concat(restKeys(), ferryKeys()) {
		keys = append(keys, k.definition())
	}
	def, err := configdef.New(keys...)
	if err != nil {
		return r, "", err
	}
	c, err := def.Parse(props)
	if err != nil {
		return r, "", nil //nolint:nilerr // see above
	}
	r = REST{
		Admin: AdminBeside, Extensions: c.List(ExtensionsKey), AllowedOrigins: words(c.String(AllowOriginKey)),
		AllowedMethods: words(c.String(AllowMethodsKey)), RequestBytes: int64(c.Int(RequestBytesKey)),
		Rate: c.Int(RateKey), Burst: c.Int(BurstKey), AccessLog: c.Bool(AccessLogKey),
		advertised: c.String(advertisedListenerKey), host: c.String(advertisedHostKey),
	}
	if len(r.AllowedMethods) == 0 {
		r.AllowedMethods = []string{http.MethodGet, http.MethodPost, http.MethodHead}
	}
	r.Headers, _ = parseHeaderRules(ResponseHeadersKey, c.String(ResponseHeadersKey)) // checked with the key
	for _, text := range c.List(ProxiesKey) {
		network, _ := parseNetwork(text) // checked with the key
		r.Proxies = append(r.Proxies, network)
	}
	if !c.IsNull(advertisedPortKey) {
		r.portKey = strconv.Itoa(c.Int(advertisedPortKey))
	}
	if errs := r.readListeners(c); len(errs) > 0 {
		return r, "", errs
	}
	if _, ok := advertised(r.Listeners, r.advertised); !ok {
		return r, "", configdef.Errors{configdef.Invalid(advertisedListenerKey, r.advertised, "it must be http or https, and listeners must have one of it")}
	}
	return r, r.workerID(r.Listeners), nil
}

func (r *REST) readListeners(c configdef.Config) configdef.Errors {
	var errs, adminErrs configdef.Errors
	r.Listeners, errs = listeners(ListenersKey, c.List(ListenersKey))
	if !c.IsNull(AdminListenersKey) {
		r.Admin = AdminNowhere
		r.AdminListeners, adminErrs = listeners(AdminListenersKey, c.List(AdminListenersKey))
		if len(r.AdminListeners) > 0 {
			r.Admin = AdminApart
		}
	}
	errs = append(errs, adminErrs...)
	if a, b, found := overlaps(slices.Concat(r.Listeners, r.AdminListeners)); found {
		key := ListenersKey
		if slices.Contains(r.AdminListeners, b) {
			key = AdminListenersKey
		}
		errs = append(errs, configdef.Invalid(key, b.String(), "it cannot be opened beside "+a.String()))
	}
	return errs
}

// workerID is the advertised host:port.
func (r *REST) workerID(bound []Listener) string {
	l, _ := advertised(bound, r.advertised)
	host, port := l.Host, strconv.Itoa(l.Port)
	if l.everywhere() {
		host = "127.0.0.1"
	}
	if r.host != "" {
		host = r.host
	}
	if r.portKey != "" {
		port = r.portKey
	}
	return net.JoinHostPort(host, port)
}

// Listening returns the configuration of a worker whose listeners are open: with the ports that the system chose. bound are its
// listeners, in their order.
func (c *Config) Listening(bound []Listener) *Config {
	next := *c
	next.REST.Listeners = slices.Clone(bound)
	next.WorkerID = next.REST.workerID(bound)
	return &next
}

// words splits at commas, and leaves out what is empty.
func words(text string) []string {
	var list []string
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list
}

func networks() configdef.Validator {
	return configdef.Lambda("addresses or networks, as in 10.0.0.1 or 10.0.0.0/8", func(name string, value any) error {
		list, _ := value.([]string)
		for _, text := range list {
			if _, ok := parseNetwork(text); !ok {
				return configdef.Invalid(name, text, "it must be an address or a network, as in 10.0.0.1 or 10.0.0.0/8")
			}
		}
		return nil
	})
}

func parseNetwork(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err == nil
}
