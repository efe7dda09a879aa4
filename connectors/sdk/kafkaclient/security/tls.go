package security

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

// TLS returns what the ssl.* settings say of connections to servers: whom to trust, with which certificate to answer who asks for one,
// and which protocols and cipher suites may be used. Without a trust store the system's roots are trusted, as Java trusts its own.
func TLS(s Settings) (*tls.Config, error) {
	for _, key := range []string{"ssl.engine.factory.class", "ssl.provider", "security.providers"} {
		if s.Get(key) != "" {
			return nil, refused(s, key, "it names a class of a JVM, and there is none here", "remove it: TLS is that of Go")
		}
	}
	t := new(tls.Config)
	if err := versions(s, t); err != nil {
		return nil, err
	}
	if err := cipherSuites(s, t); err != nil {
		return nil, err
	}
	var err error
	if t.RootCAs, err = trustStore(s); err != nil {
		return nil, err
	}
	own, err := keyStore(s)
	if err != nil {
		return nil, err
	}
	if own != nil {
		t.GetClientCertificate = offered(own)
	}
	return t, verifyNames(s, t)
}

// offered answers the request for a certificate with the one there is, whoever the server says that it trusts, so that a server which
// does not trust it says so; crypto/tls would send none, and leave the reader to guess.
func offered(own *tls.Certificate) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
}

// verifyNames is ssl.endpoint.identification.algorithm. Set to nothing, any name will do; the chain is verified all the same.
func verifyNames(s Settings, t *tls.Config) error {
	const key = "ssl.endpoint.identification.algorithm"
	switch algorithm, set := lookup(s, key); {
	case !set || strings.EqualFold(algorithm, "https"):
		return nil
	case algorithm != "":
		return invalid(s, key, "String must be https, or empty for no verification of host names")
	}
	t.InsecureSkipVerify = true // of chain and name: the chain is verified below
	inner := t.VerifyConnection
	t.VerifyConnection = func(c tls.ConnectionState) error {
		if err := verifyChain(c, t.RootCAs); err != nil {
			return err
		}
		if inner != nil {
			return inner(c)
		}
		return nil
	}
	return nil
}

func verifyChain(c tls.ConnectionState, roots *x509.CertPool) error {
	opts := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, cert := range c.PeerCertificates[1:] {
		opts.Intermediates.AddCert(cert)
	}
	if _, err := c.PeerCertificates[0].Verify(opts); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: c.PeerCertificates, Err: err}
	}
	return nil
}

// lookup tells an empty value from none, by the method Has of Settings. Those that lack it have no empty ones.
func lookup(s Settings, key string) (value string, set bool) {
	if l, ok := s.(interface{ Has(key string) bool }); ok {
		return s.Get(key), l.Has(key)
	}
	v := s.Get(key)
	return v, v != ""
}

// protocols are Java's names, from the oldest.
func protocols() []protocol {
	return []protocol{{"TLSv1", tls.VersionTLS10}, {"TLSv1.1", tls.VersionTLS11}, {"TLSv1.2", tls.VersionTLS12}, {"TLSv1.3", tls.VersionTLS13}}
}

type protocol struct {
	name    string
	version uint16
}

// versions is ssl.enabled.protocols, by default TLSv1.2 and TLSv1.3. In Java ssl.protocol only names the implementation that is
// asked for them, so here nothing depends on it.
func versions(s Settings, t *tls.Config) error {
	const key, implementation = "ssl.enabled.protocols", "ssl.protocol"
	isKnown := func(name string) bool {
		return slices.ContainsFunc(protocols(), func(p protocol) bool { return p.name == name })
	}
	if name := s.Get(implementation); name != "" && name != "TLS" && !isKnown(name) {
		return invalid(s, implementation, "String must be one of: TLS, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3")
	}
	t.MinVersion, t.MaxVersion = tls.VersionTLS12, tls.VersionTLS13
	names := list(s.Get(key))
	if len(names) == 0 {
		return nil
	}
	t.MinVersion, t.MaxVersion = 0, 0
	for _, name := range names {
		if !isKnown(name) {
			return invalid(s, key, "its elements must be of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3")
		}
	}
	for _, p := range protocols() {
		switch {
		case !slices.Contains(names, p.name):
		case t.MinVersion == 0:
			t.MinVersion, t.MaxVersion = p.version, p.version
		case t.MaxVersion == p.version-1:
			t.MaxVersion = p.version
		default:
			return invalid(s, key, "there must be no gap between its protocols")
		}
	}
	return nil
}

// cipherSuites is ssl.cipher.suites. Go lets nobody choose among the suites of TLS 1.3, so a connection that agreed on another than
// those of the list is ended. A protocol without a suite of the list is not offered.
func cipherSuites(s Settings, t *tls.Config) error {
	const key = "ssl.cipher.suites"
	names := list(s.Get(key))
	if len(names) == 0 {
		return nil
	}
	var modern []uint16 // of TLS 1.3
	for _, name := range names {
		suite, isKnown := suiteOf(name)
		switch {
		case !isKnown && !strings.HasPrefix(name, "TLS_") && !strings.HasPrefix(name, "SSL_"):
			return invalid(s, key, "its elements must be names of cipher suites such as TLS_AES_256_GCM_SHA384")
		case !isKnown: // one that Go does not have; others may do
		case slices.Contains(suite.SupportedVersions, tls.VersionTLS13):
			modern = append(modern, suite.ID)
		default:
			t.CipherSuites = append(t.CipherSuites, suite.ID)
		}
	}
	if len(modern) == 0 {
		t.MaxVersion = min(t.MaxVersion, tls.VersionTLS12)
	}
	if len(t.CipherSuites) == 0 {
		t.MinVersion = max(t.MinVersion, tls.VersionTLS13)
	}
	if len(modern)+len(t.CipherSuites) == 0 || t.MinVersion > t.MaxVersion {
		return invalid(s, key, "none of these cipher suites is there for the protocols of "+s.Name("ssl.enabled.protocols")+"; crypto/tls of Go has no DHE, ARIA, CCM and CAMELLIA suites")
	}
	t.VerifyConnection = func(c tls.ConnectionState) error {
		if c.Version == tls.VersionTLS13 && !slices.Contains(modern, c.CipherSuite) {
			return fmt.Errorf("the server chose the cipher suite %s, which %s does not allow", tls.CipherSuiteName(c.CipherSuite), s.Name(key))
		}
		return nil
	}
	return nil
}

// suiteOf finds a suite by Java's name, which is the standard's; for the oldest ones it begins with SSL.
func suiteOf(name string) (tls.CipherSuite, bool) {
	if rest, ok := strings.CutPrefix(name, "SSL_"); ok {
		name = "TLS_" + rest
	}
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if suite.Name == name {
			return *suite, true
		}
	}
	return tls.CipherSuite{}, false
}

// list splits a value of type LIST.
func list(value string) []string {
	var l []string
	for e := range strings.SplitSeq(value, ",") {
		if e = strings.TrimSpace(e); e != "" {
			l = append(l, e)
		}
	}
	return l
}
