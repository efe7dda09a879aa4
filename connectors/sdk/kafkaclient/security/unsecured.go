package security

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// unsecured makes tokens without a signature from the options of the JAAS text, which brokers take in their default
// configuration, and which is good for tests only (kafka: OAuthBearerUnsecuredLoginCallbackHandler):
//
//	unsecuredLoginStringClaim_sub="alice" unsecuredLoginNumberClaim_n="1" unsecuredLoginListClaim_scope="|a|b"
func unsecured(s Settings, options map[string]string) (retriever, error) {
	const key = "sasl.jaas.config"
	claims := map[string]any{}
	for option, value := range options {
		var name string
		var ok bool
		if name, ok = strings.CutPrefix(option, "unsecuredLoginStringClaim_"); ok {
			claims[name] = value
		} else if name, ok = strings.CutPrefix(option, "unsecuredLoginNumberClaim_"); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return nil, wrong(s, key, "an option unsecuredLoginNumberClaim_ is no number", nil)
			}
			claims[name] = n
		} else if name, ok = strings.CutPrefix(option, "unsecuredLoginListClaim_"); ok && value != "" {
			separator := value[:1] // as Kafka has it, the first character is what separates the others
			claims[name] = strings.Split(value[1:], separator)
		}
	}
	if p := or(options["unsecuredLoginPrincipalClaimName"], "sub"); claims[p] == nil {
		return nil, wrong(s, key, "it has no option unsecuredLoginStringClaim_sub, and sasl.login.callback.handler.class names no other way to a token", nil)
	}
	life := time.Hour
	if text := options["unsecuredLoginLifetimeSeconds"]; text != "" {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n <= 0 {
			return nil, wrong(s, key, "its option unsecuredLoginLifetimeSeconds is no number above zero", nil)
		}
		life = time.Duration(n) * time.Second
	}
	return func(context.Context) (bearer, error) {
		now := time.Now()
		own := make(map[string]any, len(claims)+2)
		for name, value := range claims {
			own[name] = value
		}
		own["iat"], own["exp"] = float64(now.Unix()), float64(now.Add(life).Unix())
		payload, err := json.Marshal(own)
		if err != nil {
			return bearer{}, err
		}
		encode := base64.RawURLEncoding.EncodeToString
		return bearer{encode([]byte(`{"alg":"none"}`)) + "." + encode(payload) + ".", now, now.Add(life)}, nil
	}, nil
}
