package security_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"maps"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
)

// secret is the password of everything; no error may hold it.
const secret = "pass-w0rd"

// server accepts connections over TLS and tells each client who it takes it for.
func server(t *testing.T, config *tls.Config) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				c := conn.(*tls.Conn)
				if c.HandshakeContext(context.Background()) != nil {
					return
				}
				who := "nobody"
				if peers := c.ConnectionState().PeerCertificates; len(peers) > 0 {
					who = peers[0].Subject.CommonName
				}
				_, _ = io.WriteString(c, who)
			}()
		}
	}()
	return l.Addr().String()
}

// dial connects as a Kafka client would, and returns whom the server took it for.
func dial(t *testing.T, addr string, settings security.Settings) (string, error) {
	t.Helper()
	config, err := security.TLS(settings)
	if err != nil {
		return "", err
	}
	config.ServerName, _, _ = net.SplitHostPort(addr)
	conn, err := tls.Dial("tcp", addr, config)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	who, err := io.ReadAll(conn)
	return string(who), err
}

type set = map[string]string

func with(sets ...set) present {
	all := present{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

// present are settings that tell empty ones from none.
type present map[string]string

func (p present) Get(key string) string  { return strings.TrimSpace(p[key]) }
func (p present) Name(key string) string { return "consumer.override." + key }
func (p present) Has(key string) bool    { _, ok := p[key]; return ok }

// trusts are all ways to trust an authority.
func trusts(t *testing.T, ca *securitytest.Issued) map[string]set {
	pem := ca.ChainPEM()
	return map[string]set{
		"PEM inline":               {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": pem},
		"PEM inline, in one line":  {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": strings.ReplaceAll(pem, "\n", " ")},
		"PEM inline, escaped":      {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": strings.ReplaceAll(pem, "\n", `\n`)},
		"PEM file":                 {"ssl.truststore.type": "PEM", "ssl.truststore.location": securitytest.File(t, "ca.pem", "# ours\n"+pem)},
		"JKS":                      {"ssl.truststore.location": securitytest.File(t, "ca.jks", ca.TrustJKS(secret)), "ssl.truststore.password": secret},
		"JKS without its password": {"ssl.truststore.location": securitytest.File(t, "ca.jks", ca.TrustJKS(secret))},
		"PKCS12":                   {"ssl.truststore.type": "PKCS12", "ssl.truststore.location": securitytest.File(t, "ca.p12", ca.TrustPKCS12(secret)), "ssl.truststore.password": secret},
		"PKCS12 called JKS":        {"ssl.truststore.type": "jks", "ssl.truststore.location": securitytest.File(t, "ca.p12", ca.TrustPKCS12(secret)), "ssl.truststore.password": secret},
	}
}

// owns are all ways to have a certificate of one's own.
func owns(t *testing.T, own *securitytest.Issued) map[string]set {
	return map[string]set{
		"PEM inline":            {"ssl.keystore.type": "PEM", "ssl.keystore.certificate.chain": own.ChainPEM(), "ssl.keystore.key": own.KeyPEM("")},
		"PEM inline, encrypted": {"ssl.keystore.type": "PEM", "ssl.keystore.certificate.chain": own.ChainPEM(), "ssl.keystore.key": own.KeyPEM(secret), "ssl.key.password": secret},
		"PEM file, encrypted":   {"ssl.keystore.type": "PEM", "ssl.keystore.location": securitytest.File(t, "own.pem", own.ChainPEM()+own.KeyPEM(secret)), "ssl.key.password": secret},
		"JKS":                   {"ssl.keystore.location": securitytest.File(t, "own.jks", own.JKS(secret, secret)), "ssl.keystore.password": secret},
		"JKS, key with a pass":  {"ssl.keystore.location": securitytest.File(t, "own.jks", own.JKS(secret, "other")), "ssl.keystore.password": secret, "ssl.key.password": "other"},
		"PKCS12":                {"ssl.keystore.type": "PKCS12", "ssl.keystore.location": securitytest.File(t, "own.p12", own.PKCS12(secret)), "ssl.keystore.password": secret},
	}
}

func TestAServerIsTrustedAndAClientKnownByStoresOfEveryKind(t *testing.T) {
	ca := securitytest.NewAuthority(t, "ca")
	addr := server(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue("broker", "127.0.0.1").TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool()})
	for trustKind, trust := range trusts(t, ca.Own) {
		for ownKind, own := range owns(t, ca.Issue("alice")) {
			who, err := dial(t, addr, with(trust, own))
			if err != nil || who != "alice" {
				t.Errorf("trust store %s, key store %s: the server saw %q, %v", trustKind, ownKind, who, err)
			}
		}
	}
}

func TestStoresOfKeytoolAreRead(t *testing.T) {
	const folder, store, key = "testdata/keytool/", "keytool-store", "keytool-key" // see make.sh
	ca, err := os.ReadFile(folder + "ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	ours := securitytest.NewAuthority(t, "ours")
	clients, err := security.TLS(security.Map{"ssl.truststore.type": "PEM", "ssl.truststore.certificates": string(ca)})
	if err != nil {
		t.Fatal(err)
	}
	addr := server(t, &tls.Config{Certificates: []tls.Certificate{ours.Issue("broker", "127.0.0.1").TLS()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients.RootCAs})
	trust := set{"ssl.truststore.type": "PEM", "ssl.truststore.certificates": ours.Own.ChainPEM()}
	for name, own := range map[string]set{
		"JKS":    {"ssl.keystore.location": folder + "client.jks", "ssl.keystore.password": store, "ssl.key.password": key},
		"PKCS12": {"ssl.keystore.type": "PKCS12", "ssl.keystore.location": folder + "client.p12", "ssl.keystore.password": store},
	} {
		if who, err := dial(t, addr, with(trust, own)); err != nil || who != "keytool-client" {
			t.Errorf("%s: the server saw %q, %v", name, who, err)
		}
	}
	for _, file := range []string{"trust.jks", "trust.p12"} {
		got, err := security.TLS(security.Map{"ssl.truststore.location": folder + file, "ssl.truststore.password": store})
		if err != nil || !got.RootCAs.Equal(clients.RootCAs) {
			t.Errorf("%s trusts something else: %v", file, err)
		}
	}
}

func TestANameThatIsNotVerifiedLeavesTheChain(t *testing.T) {
	ca, other := securitytest.NewAuthority(t, "ca"), securitytest.NewAuthority(t, "other")
	named := server(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue("broker", "elsewhere.example").TLS()}})
	trust := func(a *securitytest.Authority) set {
		return set{"ssl.truststore.type": "PEM", "ssl.truststore.certificates": a.Own.ChainPEM()}
	}
	anyName := set{"ssl.endpoint.identification.algorithm": ""}
	if _, err := dial(t, named, with(trust(ca))); err == nil {
		t.Error("a certificate for another host was accepted")
	}
	if _, err := dial(t, named, with(trust(ca), anyName)); err != nil {
		t.Errorf("with no verification of names: %v", err)
	}
	if _, err := dial(t, named, security.Map(with(trust(ca), anyName))); err != nil {
		t.Errorf("with no verification of names by the worker: %v", err)
	}
	if _, err := dial(t, named, with(trust(other), anyName)); err == nil {
		t.Error("a chain of an unknown authority was accepted")
	}
	expired := server(t, &tls.Config{Certificates: []tls.Certificate{ca.Expired("broker", "127.0.0.1").TLS()}})
	if _, err := dial(t, expired, with(trust(ca), anyName)); err == nil {
		t.Error("a certificate that expired was accepted")
	}
}

func TestProtocolsAndCipherSuitesAreThoseOfTheSettings(t *testing.T) {
	ca := securitytest.NewAuthority(t, "ca")
	cert := []tls.Certificate{ca.Issue("broker", "127.0.0.1").TLS()}
	old := server(t, &tls.Config{Certificates: cert, MaxVersion: tls.VersionTLS12})
	both := server(t, &tls.Config{Certificates: cert})
	trust := set{"ssl.truststore.type": "PEM", "ssl.truststore.certificates": ca.Own.ChainPEM()}
	for _, c := range []struct {
		name, addr string
		settings   set
		ok         bool
	}{
		{"both by default", old, nil, true},
		{"1.3 alone with an old server", old, set{"ssl.enabled.protocols": "TLSv1.3"}, false},
		{"1.2 alone", both, set{"ssl.enabled.protocols": "TLSv1.2", "ssl.protocol": "TLSv1.2"}, true},
		{"a suite of 1.2", old, set{"ssl.cipher.suites": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}, true},
		{"a suite of 1.2 that the key does not fit", old, set{"ssl.cipher.suites": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"}, false},
		{"one that Go lacks beside one it has", old, set{"ssl.cipher.suites": "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}, true},
		{"all of 1.3", both, set{"ssl.cipher.suites": "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256"}, true},
		{"a suite of 1.3 with an old server", old, set{"ssl.cipher.suites": "TLS_AES_256_GCM_SHA384"}, false},
	} {
		if _, err := dial(t, c.addr, with(trust, c.settings)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// Which suite of 1.3 is chosen depends on the machine, so exactly one of these is refused by us.
	refused := 0
	for _, suite := range []string{"TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"} {
		if _, err := dial(t, both, with(trust, set{"ssl.cipher.suites": suite})); err != nil {
			refused++
			if !strings.Contains(err.Error(), "ssl.cipher.suites") {
				t.Errorf("%s: %v", suite, err)
			}
		}
	}
	if refused != 1 {
		t.Errorf("%d of two suites of TLS 1.3 were refused, want 1", refused)
	}
}

func TestAMistakeAboutStoresNamesItsKeyAndNoSecret(t *testing.T) {
	ca := securitytest.NewAuthority(t, "ca")
	own, expired := ca.Issue("alice"), ca.Expired("bob")
	jks, p12 := securitytest.File(t, "own.jks", own.JKS(secret, secret)), securitytest.File(t, "own.p12", own.PKCS12(secret))
	empty, text := securitytest.File(t, "empty.jks", ca.Own.TrustJKS(secret)), securitytest.File(t, "note.txt", "hello")
	const ks, ts = "ssl.keystore.", "ssl.truststore."
	for _, c := range []struct {
		name     string
		settings set
		key      string
		want     []string
	}{
		{"no such file", set{ts + "location": "/nowhere/ca.jks"}, ts + "location", []string{"/nowhere/ca.jks", "no such file"}},
		{"no store", set{ts + "location": text}, ts + "location", []string{text, "neither a JKS nor a PKCS #12"}},
		{"no PEM", set{ts + "location": text, ts + "type": "PEM"}, ts + "location", []string{text, "no certificate"}},
		{"a wrong password of a JKS", set{ts + "location": empty, ts + "password": secret + "x"}, ts + "password", []string{empty, "does not open"}},
		{"a wrong password of a PKCS12", set{ks + "location": p12, ks + "password": secret + "x"}, ks + "password", []string{p12, "does not open"}},
		{"a wrong password of a key", set{ks + "location": jks, ks + "password": secret, "ssl.key.password": secret + "x"}, "ssl.key.password", []string{jks, "does not open the key"}},
		{"no password of a key store", set{ks + "location": jks}, ks + "password", []string{"not specified"}},
		{"a password and no store", set{ts + "password": secret}, ts + "password", []string{"is not"}},
		{"a key store without a key", set{ks + "location": empty, ks + "password": secret}, ks + "location", []string{empty, "no private key"}},
		{"a password of a PEM store", set{ks + "type": "PEM", ks + "location": jks, ks + "password": secret}, ks + "password", []string{"PEM"}},
		{"certificates that are none", set{ts + "type": "PEM", ts + "certificates": secret}, ts + "certificates", []string{"PEM form"}},
		{"certificates and no type", set{ts + "certificates": ca.Own.ChainPEM()}, ts + "certificates", []string{"only for PEM"}},
		{"certificates twice", set{ts + "type": "PEM", ts + "certificates": ca.Own.ChainPEM(), ts + "location": text}, ts + "certificates", []string{"too"}},
		{"a key without chain", set{ks + "type": "PEM", ks + "key": own.KeyPEM("")}, ks + "certificate.chain", []string{"not specified"}},
		{"a chain without key", set{ks + "type": "PEM", ks + "certificate.chain": own.ChainPEM()}, ks + "key", []string{"not specified"}},
		{"a key of somebody else", set{ks + "type": "PEM", ks + "key": expired.KeyPEM(""), ks + "certificate.chain": own.ChainPEM()}, ks + "key", []string{"not that of the first certificate"}},
		{"a key that is encrypted", set{ks + "type": "PEM", ks + "key": own.KeyPEM(secret), ks + "certificate.chain": own.ChainPEM()}, "ssl.key.password", []string{"does not open"}},
		{"a certificate that expired", set{ks + "type": "PEM", ks + "key": expired.KeyPEM(""), ks + "certificate.chain": expired.ChainPEM()}, ks + "certificate.chain", []string{"CN=bob expired on"}},
		{"an authority that expired", set{ts + "type": "PEM", ts + "location": securitytest.File(t, "old.pem", expired.ChainPEM()[:strings.Index(expired.ChainPEM(), "-----END")+len("-----END CERTIFICATE-----\n")])}, ts + "location", []string{"expired on"}},
		{"another type", set{ts + "type": "BCFKS"}, ts + "type", []string{"BCFKS", "JKS, PKCS12, PEM"}},
		{"a class", set{"ssl.engine.factory.class": "com.example.Factory"}, "ssl.engine.factory.class", []string{"com.example.Factory"}},
		{"a provider", set{"ssl.provider": "BCJSSE"}, "ssl.provider", nil},
		{"an algorithm of names", set{"ssl.endpoint.identification.algorithm": "LDAPS"}, "ssl.endpoint.identification.algorithm", []string{"https"}},
		{"an old protocol", set{"ssl.enabled.protocols": "SSLv3,TLSv1.2"}, "ssl.enabled.protocols", nil},
		{"a gap", set{"ssl.enabled.protocols": "TLSv1.1,TLSv1.3"}, "ssl.enabled.protocols", []string{"gap"}},
		{"an implementation", set{"ssl.protocol": "DTLS"}, "ssl.protocol", nil},
		{"a suite that nobody knows", set{"ssl.cipher.suites": "AES"}, "ssl.cipher.suites", []string{"AES"}},
		{"only suites that Go lacks", set{"ssl.cipher.suites": "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"}, "ssl.cipher.suites", []string{"none of these"}},
		{"suites of another protocol", set{"ssl.cipher.suites": "TLS_AES_256_GCM_SHA384", "ssl.enabled.protocols": "TLSv1.2"}, "ssl.cipher.suites", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := security.TLS(with(c.settings))
			checkMistake(t, err, c.key, c.want)
		})
	}
}

// FuzzStores leaves out PKCS #12, whose files say how long their keys take to derive.
func FuzzStores(f *testing.F) {
	ca := securitytest.NewAuthority(f, "ca")
	for _, data := range [][]byte{ca.Own.JKS(secret, secret), ca.Own.TrustJKS(secret), []byte(ca.Own.ChainPEM() + ca.Own.KeyPEM(""))} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := security.Map{"ssl.truststore.type": "PEM", "ssl.keystore.type": "PEM"}
		if bytes.HasPrefix(data, []byte{0xfe, 0xed, 0xfe, 0xed}) {
			s = security.Map{"ssl.keystore.password": secret}
		}
		s["ssl.truststore.location"] = securitytest.File(t, "store", data)
		s["ssl.keystore.location"] = s["ssl.truststore.location"]
		if _, err := security.TLS(s); err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds a secret: %v", err)
		}
		delete(s, "ssl.truststore.location")
		if _, err := security.TLS(s); err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds a secret: %v", err)
		}
	})
}

// checkMistake checks an error about a setting: it names the key and says what is wanted of it, and holds no secret.
func checkMistake(t *testing.T, err error, key string, want []string) {
	t.Helper()
	if err == nil {
		t.Fatal("it was accepted")
	}
	for _, part := range append(want, "consumer.override."+key) {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error holds a secret: %v", err)
	}
	if connect.KindOf(err) != connect.KindConfig {
		t.Errorf("the error is %s: %v", connect.KindOf(err), err)
	}
}
