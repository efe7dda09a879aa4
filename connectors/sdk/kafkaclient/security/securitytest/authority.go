// Package securitytest issues certificates and keeps them in every kind of store, for tests of what security reads. Everything is of one
// test: made anew, and gone with it.
package securitytest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

// Authority signs certificates.
type Authority struct {
	tb  testing.TB
	Own *Issued
}

// Issued is a certificate with its key.
type Issued struct {
	tb    testing.TB
	Cert  *x509.Certificate
	Key   *ecdsa.PrivateKey
	chain []*x509.Certificate // its issuer's
}

// NewAuthority returns an authority of its own.
func NewAuthority(tb testing.TB, name string) *Authority {
	tb.Helper()
	a := &Authority{tb: tb}
	a.Own = a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil)
	return a
}

// Issue signs a certificate for a subject and the names or addresses of hosts, valid for a day.
func (a *Authority) Issue(subject string, hosts ...string) *Issued {
	a.tb.Helper()
	return a.issue(template(subject, hosts), a.Own)
}

// Expired signs one that is over since a day.
func (a *Authority) Expired(subject string, hosts ...string) *Issued {
	a.tb.Helper()
	c := template(subject, hosts)
	c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	return a.issue(c, a.Own)
}

func template(subject string, hosts []string) *x509.Certificate {
	c := &x509.Certificate{Subject: pkix.Name{CommonName: subject}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	return c
}

func (a *Authority) issue(c *x509.Certificate, by *Issued) *Issued {
	a.tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(a.tb, err)
	c.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	fail(a.tb, err)
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	}
	issued := &Issued{tb: a.tb, Key: key}
	parent, signer := c, key
	if by != nil {
		parent, signer, issued.chain = by.Cert, by.Key, []*x509.Certificate{by.Cert}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	fail(a.tb, err)
	issued.Cert, err = x509.ParseCertificate(der)
	fail(a.tb, err)
	return issued
}

// Pool trusts the authority.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Own.Cert)
	return p
}

// TLS is the certificate as servers take it.
func (i *Issued) TLS() tls.Certificate {
	c := tls.Certificate{PrivateKey: i.Key}
	for _, cert := range i.certs() {
		c.Certificate = append(c.Certificate, cert.Raw)
	}
	return c
}

func (i *Issued) certs() []*x509.Certificate { return append([]*x509.Certificate{i.Cert}, i.chain...) }

// ChainPEM is the certificate and that of its authority.
func (i *Issued) ChainPEM() string {
	var b bytes.Buffer
	for _, c := range i.certs() {
		fail(i.tb, pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return b.String()
}

// KeyPEM is the key in PKCS #8, encrypted with a password if there is one.
func (i *Issued) KeyPEM(password string) string {
	kind := "PRIVATE KEY"
	var secret []byte
	if password != "" {
		kind, secret = "ENCRYPTED PRIVATE KEY", []byte(password)
	}
	der, err := pkcs8.MarshalPrivateKey(i.Key, secret, nil)
	fail(i.tb, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// JKS is a store of type JKS with key and chain.
func (i *Issued) JKS(storePassword, keyPassword string) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(i.Key)
	fail(i.tb, err)
	entry := keystore.PrivateKeyEntry{CreationTime: time.Now(), PrivateKey: der}
	for _, c := range i.certs() {
		entry.CertificateChain = append(entry.CertificateChain, keystore.Certificate{Type: "X.509", Content: c.Raw})
	}
	ks := keystore.New()
	fail(i.tb, ks.SetPrivateKeyEntry("own", entry, []byte(keyPassword)))
	return stored(i.tb, ks, storePassword)
}

// TrustJKS is a store of type JKS that trusts the certificate.
func (i *Issued) TrustJKS(password string) []byte {
	ks := keystore.New()
	fail(i.tb, ks.SetTrustedCertificateEntry("ca", keystore.TrustedCertificateEntry{
		CreationTime: time.Now(), Certificate: keystore.Certificate{Type: "X.509", Content: i.Cert.Raw},
	}))
	return stored(i.tb, ks, password)
}

func stored(tb testing.TB, ks keystore.KeyStore, password string) []byte {
	var b bytes.Buffer
	fail(tb, ks.Store(&b, []byte(password)))
	return b.Bytes()
}

// PKCS12 is a store of type PKCS12 with key and chain.
func (i *Issued) PKCS12(password string) []byte {
	data, err := pkcs12.Modern.Encode(i.Key, i.Cert, i.chain, password)
	fail(i.tb, err)
	return data
}

// TrustPKCS12 is a store of type PKCS12 that trusts the certificate.
func (i *Issued) TrustPKCS12(password string) []byte {
	data, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{i.Cert}, password)
	fail(i.tb, err)
	return data
}

// File writes a file of the test and returns its path.
func File[T string | []byte](tb testing.TB, name string, data T) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	fail(tb, os.WriteFile(path, []byte(data), 0o600))
	return path
}

func fail(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Overwrite replaces what is in a file.
func Overwrite(tb testing.TB, path, data string) {
	tb.Helper()
	fail(tb, os.WriteFile(path, []byte(data), 0o600))
}
