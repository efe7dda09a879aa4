package security

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

var (
	errNoCertificate = errors.New("there is no certificate in it")
	errNoKey         = errors.New("there is no private key in it")
	errKeyPassword   = errors.New("the password of the key is wrong")
)

// isWrongPassword reports whether a store was not opened because of its password. JKS has a digest that tells nothing else; of a file
// that was cut short it says the same.
func isWrongPassword(err error) bool {
	return errors.Is(err, errWrongPassword) || errors.Is(err, pkcs12.ErrIncorrectPassword) || errors.Is(err, pkcs12.ErrDecryption)
}

// pemBlocks returns the blocks of one kind, whatever text is between them.
func pemBlocks(data []byte, is func(kind string) bool) []*pem.Block {
	var blocks []*pem.Block
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			return blocks
		}
		if is(b.Type) {
			blocks = append(blocks, b)
		}
	}
}

func pemCertificates(data []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for _, b := range pemBlocks(unescaped(data), func(kind string) bool { return kind == "CERTIFICATE" || kind == "X509 CERTIFICATE" }) {
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, err
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, errNoCertificate
	}
	return certs, nil
}

// unescaped gives a text its lines back that JSON or an environment variable kept as \n, and those that were written in one line with
// blanks, as Kafka allows.
func unescaped(data []byte) []byte {
	text := strings.ReplaceAll(string(data), `\n`, "\n")
	if strings.Contains(strings.TrimSpace(text), "\n") {
		return []byte(text)
	}
	var b strings.Builder
	for part := range strings.SplitSeq(text, "-----") {
		switch {
		case strings.HasPrefix(part, "BEGIN "):
			b.WriteString("-----" + part + "-----\n")
		case strings.HasPrefix(part, "END "):
			b.WriteString("\n-----" + part + "-----\n")
		default:
			b.WriteString(strings.Join(strings.Fields(part), "\n"))
		}
	}
	return []byte(b.String())
}

// pemPair reads a chain and the key of its first certificate.
func pemPair(chain, key []byte, password string) (tls.Certificate, error) {
	certs, err := pemCertificates(chain)
	if err != nil {
		return tls.Certificate{}, err
	}
	blocks := pemBlocks(unescaped(key), func(kind string) bool { return strings.HasSuffix(kind, "PRIVATE KEY") })
	if len(blocks) == 0 {
		return tls.Certificate{}, errNoKey
	}
	private, err := pemKey(blocks[0], password)
	if err != nil {
		return tls.Certificate{}, err
	}
	return pair(private, certs)
}

func pemKey(b *pem.Block, password string) (any, error) {
	switch b.Type {
	case "ENCRYPTED PRIVATE KEY":
		if password == "" {
			return nil, errWrongPassword
		}
		key, _, err := pkcs8.ParsePrivateKey(b.Bytes, []byte(password))
		if err != nil {
			return nil, errWrongPassword // what was decrypted with another password is no key, and the parser says no more
		}
		return key, nil
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(b.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(b.Bytes)
	}
	return x509.ParsePKCS8PrivateKey(b.Bytes)
}

// pair checks that the key is that of the first certificate.
func pair(private any, certs []*x509.Certificate) (tls.Certificate, error) {
	signer, ok := private.(crypto.Signer)
	if !ok {
		return tls.Certificate{}, fmt.Errorf("its key is a %T, which cannot sign", private)
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(certs[0].PublicKey) {
		return tls.Certificate{}, errors.New("the key is not that of the first certificate")
	}
	cert := tls.Certificate{PrivateKey: private}
	for _, c := range certs {
		cert.Certificate = append(cert.Certificate, c.Raw)
	}
	return cert, nil
}

// pkcs12Trusted returns the certificates that Java would trust: those it has marked as trusted, else that of the key.
func pkcs12Trusted(data []byte, password string) ([]*x509.Certificate, error) {
	if err := isDER(data); err != nil {
		return nil, err
	}
	certs, err := pkcs12.DecodeTrustStore(data, password)
	if err == nil || isWrongPassword(err) {
		return certs, err
	}
	if _, leaf, _, keyErr := pkcs12.DecodeChain(data, password); keyErr == nil {
		return []*x509.Certificate{leaf}, nil
	}
	return nil, fmt.Errorf("%w; its certificates must be trusted ones, as keytool -importcert writes them", err)
}

func pkcs12Pair(data []byte, password string) (tls.Certificate, error) {
	if err := isDER(data); err != nil {
		return tls.Certificate{}, err
	}
	private, leaf, chain, err := pkcs12.DecodeChain(data, password)
	if err != nil {
		return tls.Certificate{}, err
	}
	return pair(private, append([]*x509.Certificate{leaf}, chain...))
}

// isDER keeps what is no PKCS #12 file at all from being taken for one that is encrypted otherwise.
func isDER(data []byte) error {
	var outer asn1.RawValue
	if rest, err := asn1.Unmarshal(data, &outer); err != nil || len(rest) > 0 {
		return errors.New("it is neither a JKS nor a PKCS #12 file")
	}
	return nil
}
