package security

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Types of stores, as ssl.keystore.type and ssl.truststore.type have them.
const (
	typePEM    = "PEM"
	typeJKS    = "JKS"
	typePKCS12 = "PKCS12"
)

// store is what the settings say of the key store or of the trust store.
type store struct {
	Settings
	prefix string // ssl.keystore. or ssl.truststore.
	kind   string
}

func newStore(s Settings, prefix string) (store, error) {
	st := store{Settings: s, prefix: prefix, kind: strings.ToUpper(s.Get(prefix + "type"))}
	switch st.kind {
	case "":
		st.kind = typeJKS
	case typePEM, typeJKS, typePKCS12:
	default:
		return st, invalid(s, prefix+"type", "String must be one of: JKS, PKCS12, PEM")
	}
	return st, nil
}

func (s store) key(name string) string { return s.prefix + name }

// wrong is an error about one of the store's settings.
func (s store) wrong(name, what string, cause error) error {
	return wrong(s, s.key(name), what, cause)
}

// read returns the store's file.
func (s store) read() ([]byte, error) {
	path := s.Get(s.key("location"))
	data, err := os.ReadFile(path)
	if err != nil {
		if p, ok := errors.AsType[*os.PathError](err); ok {
			err = p.Err
		}
		return nil, s.wrong("location", "the file "+path+" cannot be read", err)
	}
	return data, nil
}

// unreadable is the error of a store whose file is there.
func (s store) unreadable(err error) error {
	path := s.Get(s.key("location"))
	if isWrongPassword(err) {
		return s.wrong("password", "it does not open the file "+path+" of "+s.Name(s.key("location")), nil)
	}
	return s.wrong("location", "the file "+path+" is no store of type "+s.kind, err)
}

var errWrongPassword = errors.New("the password is wrong")

// inline reports whether certificates or a key are given in the configuration itself, and checks that nothing contradicts them.
func (s store) inline(name string) (bool, error) {
	switch given := s.Get(s.key(name)) != ""; {
	case !given:
		return false, nil
	case s.kind != typePEM:
		return false, s.wrong(name, fmt.Sprintf("it can be specified only for PEM, but %s is %s", s.Name(s.key("type")), s.kind), nil)
	case s.Get(s.key("location")) != "":
		return false, s.wrong(name, "it is set, and "+s.Name(s.key("location"))+" too", nil)
	}
	return true, nil
}

// checkPassword holds Kafka's rules for the store's password.
func (s store) checkPassword(inline bool) error {
	password, location := s.Get(s.key("password")), s.Get(s.key("location"))
	switch {
	case password == "":
	case s.kind == typePEM:
		return s.wrong("password", "it cannot be specified with PEM format", nil)
	case location == "" && !inline:
		return s.wrong("password", "it is specified, but "+s.Name(s.key("location"))+" is not", nil)
	}
	return nil
}

// trustStore returns the certificates to trust, nil for those of the system.
func trustStore(s Settings) (*x509.CertPool, error) {
	if a := s.Get("ssl.trustmanager.algorithm"); a != "" && a != "PKIX" && a != "SunX509" {
		return nil, refused(s, "ssl.trustmanager.algorithm", "there is no such algorithm here", "use PKIX, or remove it")
	}
	st, err := newStore(s, "ssl.truststore.")
	if err != nil {
		return nil, err
	}
	inline, err := st.inline("certificates")
	if err == nil {
		err = st.checkPassword(inline)
	}
	if err != nil || !inline && s.Get("ssl.truststore.location") == "" {
		return nil, err
	}
	certs, from, err := st.trusted(inline)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	var expired error
	valid := 0
	for _, c := range certs {
		if err := validity(c); err != nil {
			expired = err
			continue
		}
		valid++
		pool.AddCert(c)
	}
	if valid == 0 {
		return nil, st.wrong(from, "it holds no certificate to trust that is valid now", expired)
	}
	return pool, nil
}

// trusted reads the certificates, and says which setting has them.
func (s store) trusted(inline bool) (certs []*x509.Certificate, from string, err error) {
	if inline {
		certs, err = pemCertificates([]byte(s.Get(s.key("certificates"))))
		if err != nil {
			err = s.wrong("certificates", "they must be certificates in PEM form", err)
		}
		return certs, "certificates", err
	}
	data, err := s.read()
	if err != nil {
		return nil, "location", err
	}
	password := s.Get(s.key("password"))
	switch {
	case s.kind == typePEM:
		certs, err = pemCertificates(data)
	case isJKS(data): // as in Java, what is in the file decides between these two
		certs, err = jksTrusted(data, password)
	default:
		certs, err = pkcs12Trusted(data, password)
	}
	if err != nil {
		err = s.unreadable(err)
	}
	return certs, "location", err
}

// keyStore returns the client's certificate, nil when there is none.
func keyStore(s Settings) (*tls.Certificate, error) {
	if a := s.Get("ssl.keymanager.algorithm"); a != "" && a != "PKIX" && a != "SunX509" && a != "NewSunX509" {
		return nil, refused(s, "ssl.keymanager.algorithm", "there is no such algorithm here", "use SunX509, or remove it")
	}
	st, err := newStore(s, "ssl.keystore.")
	if err != nil {
		return nil, err
	}
	inline, err := st.inline("key")
	if err == nil {
		err = st.checkPassword(inline)
	}
	if err != nil {
		return nil, err
	}
	chain := s.Get("ssl.keystore.certificate.chain") != ""
	switch {
	case inline && !chain:
		return nil, st.wrong("certificate.chain", "it is not specified, but "+s.Name("ssl.keystore.key")+" is", nil)
	case chain && !inline:
		return nil, st.wrong("key", "it is not specified, but "+s.Name("ssl.keystore.certificate.chain")+" is", nil)
	case !inline && s.Get("ssl.keystore.location") == "":
		return nil, nil
	case !inline && st.kind != typePEM && s.Get("ssl.keystore.password") == "":
		return nil, st.wrong("password", "it is not specified, but "+s.Name("ssl.keystore.location")+" is", nil)
	}
	return st.certificate(inline)
}

func (s store) certificate(inline bool) (*tls.Certificate, error) {
	var cert tls.Certificate
	var err error
	from := "location"
	if inline {
		from = "certificate.chain"
		cert, err = pemPair([]byte(s.Get(s.key("certificate.chain"))), []byte(s.Get(s.key("key"))), s.Get("ssl.key.password"))
		if err != nil {
			err = s.unusablePair(err)
		}
	} else {
		cert, err = s.certificateFile()
	}
	if err != nil {
		return nil, err
	}
	if cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0]); err == nil {
		err = validity(cert.Leaf)
	}
	if err != nil {
		return nil, s.wrong(from, "the client's certificate cannot be used", err)
	}
	return &cert, nil
}

// unusablePair says which of the three settings is to blame.
func (s store) unusablePair(err error) error {
	switch {
	case isWrongPassword(err):
		return wrong(s, "ssl.key.password", "it does not open "+s.Name("ssl.keystore.key"), nil)
	case errors.Is(err, errNoCertificate):
		return s.wrong("certificate.chain", "it must be certificates in PEM form, that of the key first", err)
	}
	return s.wrong("key", "it must be a PKCS #8 key in PEM form, and that of the first certificate", err)
}

func (s store) certificateFile() (tls.Certificate, error) {
	data, err := s.read()
	if err != nil {
		return tls.Certificate{}, err
	}
	password, keyPassword := s.Get(s.key("password")), s.Get("ssl.key.password")
	var cert tls.Certificate
	switch {
	case s.kind == typePEM:
		cert, err = pemPair(data, data, keyPassword)
	case isJKS(data):
		if keyPassword == "" {
			keyPassword = password
		}
		cert, err = jksPair(data, password, keyPassword)
	default: // the key's password is that of the store in PKCS #12
		cert, err = pkcs12Pair(data, password)
	}
	switch {
	case err == nil:
		return cert, nil
	case errors.Is(err, errKeyPassword) || s.kind == typePEM && isWrongPassword(err):
		return cert, wrong(s, "ssl.key.password", "it does not open the key in the file "+s.Get(s.key("location"))+" of "+s.Name(s.key("location")), nil)
	}
	return cert, s.unreadable(err)
}

// validity returns an error outside of a certificate's time.
func validity(c *x509.Certificate) error {
	switch now := time.Now(); {
	case now.After(c.NotAfter):
		return fmt.Errorf("the certificate of %s expired on %s", c.Subject, c.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(c.NotBefore):
		return fmt.Errorf("the certificate of %s is valid from %s on", c.Subject, c.NotBefore.UTC().Format(time.DateTime))
	}
	return nil
}
