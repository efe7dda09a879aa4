package security

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
)

// Handlers of sasl.login.callback.handler.class. The third is Kafka's default, and asks nobody: its tokens have no signature.
const (
	oauthHandler              = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"
	oauthHandlerBefore4       = "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler"
	unsecuredHandler          = "org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler"
	unsecuredHandlerOfClients = "org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslClientCallbackHandler"
	iamOAuthHandler           = "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler"
)

// bearer is a token and its times, as far as it tells them.
type bearer struct {
	value           string
	issued, expires time.Time
}

// retriever gets a token from wherever tokens come from. Errors hold no secret.
type retriever func(ctx context.Context) (bearer, error)

// oauthBearer is the mechanism OAUTHBEARER.
func oauthBearer(s Settings, aws AWS) (sasl.Mechanism, error) {
	options, err := login(s, oauthModule)
	if err != nil {
		return nil, err
	}
	var get retriever
	prefix := "extension_"
	switch class := s.Get("sasl.login.callback.handler.class"); class {
	case oauthHandler, oauthHandlerBefore4:
		get, err = retrieverOf(s, options)
	case iamOAuthHandler:
		get, err = iamTokens(s, options, aws)
	case "", unsecuredHandler:
		prefix = "unsecuredLoginExtension_"
		get, err = unsecured(s, options)
	default:
		err = refused(s, "sasl.login.callback.handler.class", "there is no such class here", "use "+oauthHandler)
	}
	if err != nil {
		return nil, err
	}
	extensions, err := extensionsOf(s, options, prefix)
	if err != nil {
		return nil, err
	}
	window, err := refreshOf(s)
	if err != nil {
		return nil, err
	}
	cache := &tokenCache{get: get, refresh: window}
	return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
		value, err := cache.token(ctx)
		if err != nil {
			return oauth.Auth{}, fmt.Errorf("get a token for %s: %w", s.Name("sasl.mechanism"), err)
		}
		return oauth.Auth{Token: value, Extensions: extensions}, nil
	}), nil
}

// extensionsOf are the SASL extensions among the options (kafka: OAuthBearerClientInitialResponse).
func extensionsOf(s Settings, options map[string]string, prefix string) (map[string]string, error) {
	name, value := regexp.MustCompile(`^[A-Za-z]+$`), regexp.MustCompile(`^[\x21-\x7E \t\r\n]+$`)
	var extensions map[string]string
	for option, v := range options {
		k, ok := strings.CutPrefix(option, prefix)
		if !ok {
			continue
		}
		if !name.MatchString(k) || k == "auth" || !value.MatchString(v) {
			return nil, wrong(s, "sasl.jaas.config", "an extension's name must be of letters and not auth, and its value of printable ASCII", nil)
		}
		if extensions == nil {
			extensions = make(map[string]string)
		}
		extensions[k] = v
	}
	return extensions, nil
}

// tokenCache keeps a token until it is due to be replaced, for all connections.
type tokenCache struct {
	get     retriever
	refresh refreshWindow

	mu   sync.Mutex
	held bearer
	due  time.Time
}

// token returns a token that is good for a new connection. One whose replacement fails is used as long as it is valid. Concurrent
// callers wait for one request.
func (c *tokenCache) token(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now().Round(0) // by the wall clock: the other one may stand still while a function is frozen
	if c.held.value != "" && now.Before(c.due) {
		return c.held.value, nil
	}
	fresh, err := c.get(ctx)
	if err != nil {
		if c.held.value != "" && now.Before(c.held.expires) {
			return c.held.value, nil
		}
		return "", err
	}
	c.held, c.due = fresh, c.refresh.due(now, fresh)
	return fresh.value, nil
}

// refreshWindow is sasl.login.refresh.*: see due.
type refreshWindow struct {
	factor, jitter    float64
	minPeriod, buffer time.Duration
}

func refreshOf(s Settings) (refreshWindow, error) {
	var w refreshWindow
	for _, n := range []struct {
		key              string
		into             *float64
		def, least, most float64
	}{
		{"sasl.login.refresh.window.factor", &w.factor, 0.8, 0.5, 1},
		{"sasl.login.refresh.window.jitter", &w.jitter, 0.05, 0, 0.25},
	} {
		var err error
		if *n.into, err = decimal(s, n.key, n.def, n.least, n.most); err != nil {
			return w, err
		}
	}
	least, err := number(s, "sasl.login.refresh.min.period.seconds", 60, 0, 900)
	if err != nil {
		return w, err
	}
	buffer, err := number(s, "sasl.login.refresh.buffer.seconds", 300, 0, 3600)
	w.minPeriod, w.buffer = time.Duration(least)*time.Second, time.Duration(buffer)*time.Second
	return w, err
}

// due returns when a token is to be replaced: after a part of its life, which a jitter lengthens so that tasks do not all ask at
// once; but not within the first minPeriod nor the last buffer. Where both do not fit into its life, they count for nothing
// (kafka: ExpiringCredentialRefreshingLogin).
func (w refreshWindow) due(now time.Time, t bearer) time.Time {
	if t.expires.IsZero() {
		return now // nobody knows how long it is good
	}
	begin := t.issued
	if begin.IsZero() || begin.After(now) {
		begin = now
	}
	life := t.expires.Sub(begin)
	part := w.factor + w.jitter*jitterOf(t.value)
	at := begin.Add(time.Duration(float64(life) * part))
	if now.Add(w.minPeriod + w.buffer).After(t.expires) {
		return at
	}
	if latest := t.expires.Add(-w.buffer); at.After(latest) {
		at = latest
	}
	if earliest := now.Add(w.minPeriod); at.Before(earliest) {
		at = earliest
	}
	return at
}
