package security

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
)

// isJKS looks at the first bytes.
func isJKS(data []byte) bool { return bytes.HasPrefix(data, []byte{0xfe, 0xed, 0xfe, 0xed}) }

// jksDigestError is what the library says when the digest over a store and its password is another.
const jksDigestError = "got invalid digest"

// jks reads a store. Without a password its digest is not checked, as in Java: the certificates in it are not encrypted.
func jks(data []byte, password string) (keystore.KeyStore, error) {
	ks := keystore.New(keystore.WithOrderedAliases())
	if err := jksFits(data); err != nil {
		return ks, err
	}
	err := ks.Load(bytes.NewReader(data), []byte(password))
	if err != nil && err.Error() == jksDigestError {
		if password == "" {
			return ks, nil
		}
		return ks, errWrongPassword
	}
	return ks, err
}

// jksTrusted returns the certificates that Java would trust: those that are trusted entries, and the first of each key's chain.
func jksTrusted(data []byte, password string) ([]*x509.Certificate, error) {
	ks, err := jks(data, password)
	if err != nil {
		return nil, err
	}
	var certs []*x509.Certificate
	for _, alias := range ks.Aliases() {
		var der []byte
		if entry, err := ks.GetTrustedCertificateEntry(alias); err == nil {
			der = entry.Certificate.Content
		} else if chain, err := ks.GetPrivateKeyEntryCertificateChain(alias); err == nil && len(chain) > 0 {
			der = chain[0].Content
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("entry %q: %w", alias, err)
		}
		certs = append(certs, c)
	}
	return certs, nil
}

// jksPair returns the store's key. Of several the first by alias is taken: Java tries them in an order of its own.
func jksPair(data []byte, password, keyPassword string) (tls.Certificate, error) {
	ks, err := jks(data, password)
	if err != nil {
		return tls.Certificate{}, err
	}
	aliases := ks.Aliases()
	i := slices.IndexFunc(aliases, ks.IsPrivateKeyEntry)
	if i < 0 {
		return tls.Certificate{}, errNoKey
	}
	entry, err := ks.GetPrivateKeyEntry(aliases[i], []byte(keyPassword))
	if err != nil {
		return tls.Certificate{}, errKeyPassword
	}
	private, err := x509.ParsePKCS8PrivateKey(entry.PrivateKey)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("entry %q: %w", aliases[i], err)
	}
	var certs []*x509.Certificate
	for _, c := range entry.CertificateChain {
		parsed, err := x509.ParseCertificate(c.Content)
		if err != nil {
			return tls.Certificate{}, fmt.Errorf("entry %q: %w", aliases[i], err)
		}
		certs = append(certs, parsed)
	}
	if len(certs) == 0 {
		return tls.Certificate{}, errNoCertificate
	}
	return pair(private, certs)
}

var errCut = errors.New("it is damaged or cut short")

// jksFits walks over a store and checks its lengths. The library makes room for whatever a length says before it reads, and takes
// for granted that an encrypted key has its salt and digest: a damaged file would end the process.
func jksFits(data []byte) error {
	r := lengths{rest: data}
	r.skip(4)
	hasTypes := r.number(4) == 2
	for n := r.number(4); n > 0 && r.err == nil; n-- {
		tag := r.number(4)
		r.skip(r.number(2)) // alias
		r.skip(8)           // date
		chain := uint32(1)
		if tag == 1 {
			r.key(r.take(r.number(4)))
			chain = r.number(4)
		}
		for ; chain > 0 && r.err == nil; chain-- {
			if hasTypes {
				r.skip(r.number(2))
			}
			r.skip(r.number(4))
		}
	}
	r.skip(20) // the digest
	return r.err
}

// lengths reads numbers and skips what they say, as long as there is enough.
type lengths struct {
	rest []byte
	err  error
}

func (r *lengths) take(n uint32) []byte {
	if r.err != nil || uint64(n) > uint64(len(r.rest)) {
		r.err = errCut
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *lengths) skip(n uint32) { r.take(n) }

func (r *lengths) number(size uint32) uint32 {
	b := r.take(size)
	switch {
	case b == nil:
		return 0
	case size == 2:
		return uint32(binary.BigEndian.Uint16(b))
	}
	return binary.BigEndian.Uint32(b)
}

// key checks an encrypted key, which is a salt and a digest of 20 bytes each, and the key between them.
func (r *lengths) key(der []byte) {
	var info struct {
		Algorithm asn1.RawValue
		Encrypted []byte
	}
	if rest, err := asn1.Unmarshal(der, &info); r.err == nil && (err != nil || len(rest) > 0 || len(info.Encrypted) < 40) {
		r.err = errCut
	}
}
