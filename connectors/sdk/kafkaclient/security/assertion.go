package security

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Settings of the grant by assertion.
const (
	assertionPrefix  = "sasl.oauthbearer.assertion."
	assertionFileKey = assertionPrefix + "file"
	privateKeyKey    = assertionPrefix + "private.key.file"
	passphraseKey    = assertionPrefix + "private.key.passphrase"
	templateKey      = assertionPrefix + "template.file"
)

// assertions is the grant by a token that the client signs itself, or finds in a file (RFC 7523).
func (c *tokenClient) assertions(s Settings) (retriever, error) {
	make, err := assertionOf(s)
	if err != nil {
		return nil, err
	}
	scope := s.Get("sasl.oauthbearer.scope")
	return func(ctx context.Context) (bearer, error) {
		assertion, err := make()
		if err != nil {
			return bearer{}, err
		}
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
		if scope != "" {
			form.Set("scope", scope)
		}
		once := *c
		once.secrets = []string{assertion}
		return once.ask(ctx, form, func(*http.Request) {})
	}, nil
}

// assertionOf returns what makes an assertion for one request.
func assertionOf(s Settings) (func() (string, error), error) {
	if path := s.Get(assertionFileKey); path != "" {
		return func() (string, error) {
			text, err := os.ReadFile(path)
			if err != nil {
				return "", fmt.Errorf("read the file of %s: %w", s.Name(assertionFileKey), err)
			}
			return strings.TrimSpace(string(text)), nil
		}, nil
	}
	key, err := assertionKey(s)
	if err != nil {
		return nil, err
	}
	m, err := newAssertionMaker(s, key)
	if err != nil {
		return nil, err
	}
	return func() (string, error) { return m.sign(time.Now()) }, nil
}

func assertionKey(s Settings) (crypto.Signer, error) {
	path := s.Get(privateKeyKey)
	if path == "" {
		return nil, wrong(s, privateKeyKey, "it is missing, and so is "+s.Name(assertionFileKey), nil)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, wrong(s, privateKeyKey, "the file cannot be read", err)
	}
	blocks := pemBlocks(text, func(kind string) bool { return strings.HasSuffix(kind, "PRIVATE KEY") })
	if len(blocks) == 0 {
		return nil, wrong(s, privateKeyKey, "the file "+path+" has no private key in PEM form", nil)
	}
	key, err := pemKey(blocks[0], s.Get(passphraseKey))
	if errors.Is(err, errWrongPassword) {
		return nil, wrong(s, passphraseKey, "it does not open the file "+path, nil)
	}
	if err != nil {
		return nil, wrong(s, privateKeyKey, "the file "+path+" has no private key in PEM form", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, wrong(s, privateKeyKey, "the key in the file "+path+" cannot sign", nil)
	}
	return signer, nil
}

// assertionMaker signs assertions.
type assertionMaker struct {
	key            crypto.Signer
	header, claims map[string]any
	until, since   time.Duration
	hasID          bool // jti
}

func newAssertionMaker(s Settings, key crypto.Signer) (*assertionMaker, error) {
	m := &assertionMaker{key: key, header: map[string]any{}, claims: map[string]any{}, hasID: isTrue(s.Get(assertionPrefix + "claim.jti.include"))}
	if err := m.template(s); err != nil {
		return nil, err
	}
	algorithm := or(s.Get(assertionPrefix+"algorithm"), "RS256")
	switch _, isRSA := key.Public().(*rsa.PublicKey); {
	case algorithm != "RS256" && algorithm != "ES256":
		return nil, invalid(s, assertionPrefix+"algorithm", "String must be one of: RS256, ES256")
	case isRSA != (algorithm == "RS256"):
		return nil, invalid(s, assertionPrefix+"algorithm", "the key of "+s.Name(privateKeyKey)+" is of another kind")
	}
	m.header["alg"], m.header["typ"] = algorithm, "JWT"
	for _, claim := range []string{"aud", "iss", "sub"} {
		if v := s.Get(assertionPrefix + "claim." + claim); v != "" {
			m.claims[claim] = v
		}
	}
	exp, err := number(s, assertionPrefix+"claim.exp.seconds", 300, 0, 86400)
	if err != nil {
		return nil, err
	}
	nbf, err := number(s, assertionPrefix+"claim.nbf.seconds", 60, 0, 3600)
	m.until, m.since = time.Duration(exp)*time.Second, time.Duration(nbf)*time.Second
	return m, err
}

// template reads header and claims that go beyond the settings, as {"header": {…}, "payload": {…}}.
func (m *assertionMaker) template(s Settings) error {
	path := s.Get(templateKey)
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return wrong(s, templateKey, "the file cannot be read", err)
	}
	var t struct{ Header, Payload map[string]any }
	if err := json.Unmarshal(text, &t); err != nil {
		return wrong(s, templateKey, "the file "+path+` must be JSON such as {"header": {}, "payload": {}}`, nil)
	}
	maps.Copy(m.header, t.Header)
	maps.Copy(m.claims, t.Payload)
	return nil
}

func (m *assertionMaker) sign(now time.Time) (string, error) {
	claims := maps.Clone(m.claims)
	claims["iat"], claims["nbf"], claims["exp"] = now.Unix(), now.Add(-m.since).Unix(), now.Add(m.until).Unix()
	if m.hasID {
		claims["jti"] = rand.Text()
	}
	header, err := json.Marshal(m.header)
	if err != nil {
		return "", fmt.Errorf("make an assertion: %w", err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("make an assertion: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(text))
	signature, err := m.signature(digest[:])
	if err != nil {
		return "", fmt.Errorf("sign an assertion: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// signature is that of RS256, or the two numbers of ES256 side by side (RFC 7518, 3.4).
func (m *assertionMaker) signature(digest []byte) ([]byte, error) {
	private, ok := m.key.(*ecdsa.PrivateKey)
	if !ok {
		return m.key.Sign(rand.Reader, digest, crypto.SHA256)
	}
	r, s, err := ecdsa.Sign(rand.Reader, private, digest)
	if err != nil {
		return nil, err
	}
	size := (private.Params().BitSize + 7) / 8
	both := make([]byte, 2*size)
	r.FillBytes(both[:size])
	s.FillBytes(both[size:])
	return both, nil
}
