package security

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Classes of sasl.oauthbearer.jwt.retriever.class.
const (
	retrieverPackage  = "org.apache.kafka.common.security.oauthbearer."
	byURL             = "DefaultJwtRetriever" // a file where the URL is one, else client credentials
	byCredentials     = "ClientCredentialsJwtRetriever"
	byAssertion       = "JwtBearerJwtRetriever"
	byFile            = "FileJwtRetriever"
	retrieverKey      = "sasl.oauthbearer.jwt.retriever.class"
	endpointKey       = "sasl.oauthbearer.token.endpoint.url"
	maxAnswer         = 1 << 20
	defaultLoginTime  = 10 * time.Second // where Java would wait for ever
	maxTokenFileBytes = 1 << 20
)

// retrieverOf decides how tokens are got (kafka: DefaultJwtRetriever).
func retrieverOf(s Settings, options map[string]string) (retriever, error) {
	for _, key := range []string{"sasl.oauthbearer.jwt.validator.class"} {
		if class := s.Get(key); class != "" && !strings.HasPrefix(class, retrieverPackage) {
			return nil, refused(s, key, "it names a class of a JVM, and there is none here", "remove it: brokers verify tokens")
		}
	}
	endpoint, err := url.Parse(s.Get(endpointKey))
	if err != nil || endpoint.Scheme == "" {
		return nil, wrong(s, endpointKey, "it must be an http, https or file URL", nil)
	}
	kind := strings.TrimPrefix(s.Get(retrieverKey), retrieverPackage)
	if kind == "" || kind == byURL {
		kind = byCredentials
		if endpoint.Scheme == "file" {
			kind = byFile
		}
	}
	if kind == byFile {
		return fileTokens(s, endpoint)
	}
	if endpoint.Scheme != "http" && endpoint.Scheme != "https" {
		return nil, wrong(s, endpointKey, "it must be an http or https URL for "+kind, nil)
	}
	client, err := newTokenClient(s, options, endpoint)
	if err != nil {
		return nil, err
	}
	switch kind {
	case byCredentials:
		return client.credentials(s, options)
	case byAssertion:
		return client.assertions(s)
	}
	return nil, refused(s, retrieverKey, "there is no such class here", "use "+retrieverPackage+byURL)
}

// fileTokens reads a token from a file each time: whoever put it there replaces it.
func fileTokens(s Settings, u *url.URL) (retriever, error) {
	if u.Scheme != "file" || u.Host != "" || u.Path == "" {
		return nil, wrong(s, endpointKey, "it must be a file URL such as file:///var/run/token", nil)
	}
	return func(context.Context) (bearer, error) {
		f, err := os.Open(u.Path)
		if err != nil {
			return bearer{}, fmt.Errorf("open the file of %s: %w", s.Name(endpointKey), err)
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxTokenFileBytes))
		if err != nil {
			return bearer{}, fmt.Errorf("read the file of %s: %w", s.Name(endpointKey), err)
		}
		t, err := parseJWT(strings.TrimSpace(string(text)))
		if err != nil {
			return t, fmt.Errorf("the file %s of %s: %w", u.Path, s.Name(endpointKey), err)
		}
		return t, nil
	}, nil
}

var errNoJWT = errors.New("it holds no JSON web token")

// parseJWT reads the times of a token. Whether it is genuine is for brokers to decide; one that is over is worth no connection.
func parseJWT(text string) (bearer, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return bearer{}, errNoJWT
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return bearer{}, errNoJWT
	}
	var claims struct {
		Exp, Iat *float64
	}
	if json.Unmarshal(payload, &claims) != nil {
		return bearer{}, errNoJWT
	}
	t := bearer{value: text}
	if claims.Exp == nil {
		return t, errors.New("the token has no claim exp, which Kafka requires")
	}
	t.expires = seconds(*claims.Exp)
	if claims.Iat != nil {
		t.issued = seconds(*claims.Iat)
	}
	if !t.expires.After(time.Now()) {
		return t, fmt.Errorf("the token expired at %s", t.expires.UTC().Format(time.RFC3339))
	}
	return t, nil
}

func seconds(n float64) time.Time { return time.UnixMilli(int64(n * 1000)) }

// tokenClient asks a token endpoint.
type tokenClient struct {
	endpoint, shown string // the latter without a password
	key             string // name of the key that has it
	http            *http.Client
	first, patience time.Duration // sasl.login.retry.backoff.ms and .max.ms
	secrets         []string      // that no error may hold
}

// newTokenClient heeds sasl.login.connect.timeout.ms and its like, and the ssl.* options of the JAAS text, by which Java secures the
// way to the endpoint.
func newTokenClient(s Settings, options map[string]string, endpoint *url.URL) (*tokenClient, error) {
	c := &tokenClient{endpoint: endpoint.String(), shown: endpoint.Redacted(), key: s.Name(endpointKey)}
	dial, err := millis(s, "sasl.login.connect.timeout.ms", defaultLoginTime)
	if err != nil {
		return nil, err
	}
	read, err := millis(s, "sasl.login.read.timeout.ms", defaultLoginTime)
	if err != nil {
		return nil, err
	}
	if c.first, err = millis(s, "sasl.login.retry.backoff.ms", 100*time.Millisecond); err != nil {
		return nil, err
	}
	if c.patience, err = millis(s, "sasl.login.retry.backoff.max.ms", 10*time.Second); err != nil {
		return nil, err
	}
	secure, err := TLS(optionSettings{s, options})
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: secure, TLSHandshakeTimeout: dial, DialContext: (&net.Dialer{Timeout: dial}).DialContext,
		ResponseHeaderTimeout: read, DisableKeepAlives: true, // the next token is due in minutes, and nothing is to outlive an invocation
	}
	c.http = &http.Client{Transport: transport, Timeout: dial + read, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // credentials go nowhere else
	}}
	return c, nil
}

// optionSettings are the ssl.* options of a JAAS text.
type optionSettings struct {
	s       Settings
	options map[string]string
}

func (o optionSettings) Get(key string) string { return strings.TrimSpace(o.options[key]) }
func (o optionSettings) Name(key string) string {
	return o.s.Name("sasl.jaas.config") + " (" + key + ")"
}

// Has tells an empty option from none.
func (o optionSettings) Has(key string) bool { _, ok := o.options[key]; return ok }

// credentials is the grant by client id and secret (RFC 6749, 4.4). Settings go before options of the JAAS text, as in Kafka 4.1.
func (c *tokenClient) credentials(s Settings, options map[string]string) (retriever, error) {
	const idKey, secretKey, scopeKey = "sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.scope"
	id, secret, scope := or(s.Get(idKey), options["clientId"]), or(s.Get(secretKey), options["clientSecret"]), or(s.Get(scopeKey), options["scope"])
	switch {
	case id == "":
		return nil, wrong(s, idKey, "it is missing, and sasl.jaas.config has no clientId", nil)
	case secret == "":
		return nil, wrong(s, secretKey, "it is missing, and sasl.jaas.config has no clientSecret", nil)
	}
	if isTrue(s.Get("sasl.oauthbearer.header.urlencode")) {
		id, secret = url.QueryEscape(id), url.QueryEscape(secret)
	}
	c.secrets = []string{secret}
	form := url.Values{"grant_type": {"client_credentials"}}
	if scope != "" {
		form.Set("scope", scope)
	}
	return func(ctx context.Context) (bearer, error) {
		return c.ask(ctx, form, func(r *http.Request) { r.SetBasicAuth(id, secret) })
	}, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// ask asks until the endpoint gives a token, refuses to, or patience is at an end.
func (c *tokenClient) ask(ctx context.Context, form url.Values, authorize func(*http.Request)) (bearer, error) {
	end := time.Now().Add(c.patience)
	for pause := c.first; ; pause *= 2 {
		t, again, err := c.askOnce(ctx, form, authorize)
		if err == nil {
			return t, nil
		}
		err = fmt.Errorf("%s %s: %w", c.key, c.shown, err)
		pause = min(pause, time.Until(end))
		switch {
		case !again:
			return bearer{}, &connect.Error{Kind: connect.KindFatal, Class: "org.apache.kafka.common.errors.SaslAuthenticationException", Message: err.Error(),
				Hint: "check the client and its secret, and what the endpoint gives it"}
		case pause <= 0:
			return bearer{}, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return bearer{}, err
		case <-timer.C:
		}
	}
}

// askOnce reports whether it is worth to ask again.
func (c *tokenClient) askOnce(ctx context.Context, form url.Values, authorize func(*http.Request)) (t bearer, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return t, false, errors.New("it is no URL to ask")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	authorize(req)
	resp, err := c.http.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the URL, which is said already
		}
		return t, ctx.Err() == nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return t, true, fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		return t, isPassing(resp.StatusCode), c.refusal(resp.Status, body)
	}
	t, err = answer(body)
	return t, false, err
}

// isPassing reports whether a status may be another a moment later (kafka: HttpJwtRetriever).
func isPassing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// refusal quotes what RFC 6749, 5.2 has an endpoint say of an error. Anything else of an answer may be a secret, and so may be a part of
// that, if the endpoint repeats what it was sent.
func (c *tokenClient) refusal(status string, body []byte) error {
	var e struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(body, &e) // or it says nothing
	text := "it answered " + status
	for _, more := range []string{e.Error, e.Description} {
		if more != "" {
			text += ": " + more
		}
	}
	for _, secret := range c.secrets {
		text = strings.ReplaceAll(text, secret, "[hidden]")
	}
	return errors.New(text)
}

// answer takes the token out of an answer.
func answer(body []byte) (bearer, error) {
	var a struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&a); err != nil {
		return bearer{}, errors.New("its answer is no JSON")
	}
	value := strings.TrimSpace(or(a.Access, a.ID))
	if value == "" {
		return bearer{}, errors.New("its answer has no access_token")
	}
	return parseJWT(value)
}
