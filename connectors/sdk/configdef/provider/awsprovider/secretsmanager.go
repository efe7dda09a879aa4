package awsprovider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// SecretsManager looks up members of secrets in AWS Secrets Manager, in their current version. It may be used concurrently.
type SecretsManager struct {
	service
	secrets *cache[map[string]json.RawMessage]
}

func newSecretsManager(s settings) *SecretsManager {
	return &SecretsManager{newService(s, "Secrets Manager", "secretsmanager", "SECRETS_MANAGER", "secretsmanager:GetSecretValue"), newCache[map[string]json.RawMessage]()}
}

// Forget drops what was asked for before a time, and reports whether there was anything.
func (p *SecretsManager) Forget(before time.Time) bool { return p.secrets.forget(before) }

// member is a placeholder: a key of a secret.
type member struct {
	placeholder, key string
	ttl              time.Duration
}

// Get returns members of the secret at path, which is its name or its ARN. Without a path nothing is found. A number or a boolean is
// its text, null is not found in the sense that the placeholder stays.
//
// It fails if the secret cannot be read, is no JSON object, or a member is an object or a list; and with [NotFoundStrategyConfig]
// fail, if the secret or a member is not there.
func (p *SecretsManager) Get(ctx context.Context, path string, keys []string) (configdef.ConfigData, error) {
	if path == "" {
		return configdef.ConfigData{}, nil
	}
	members := make(map[string][]member) // by secret
	data := configdef.ConfigData{Data: make(map[string]string)}
	for _, placeholder := range keys {
		id, keyed, err := secretOf(path, placeholder)
		if err != nil {
			return configdef.ConfigData{}, err
		}
		key, ttl, err := cutOptions(keyed)
		if err != nil {
			return configdef.ConfigData{}, err
		}
		members[id] = append(members[id], member{placeholder, key, ttl})
		data.TTL = shorter(data.TTL, ttl)
	}
	if err := p.enter(ctx); err != nil {
		return configdef.ConfigData{}, err
	}
	defer p.leave()
	for id, wanted := range members {
		if err := p.read(ctx, id, wanted, data.Data); err != nil {
			return configdef.ConfigData{}, err
		}
	}
	return data, nil
}

// read adds the members of one secret to found.
func (p *SecretsManager) read(ctx context.Context, id string, wanted []member, found map[string]string) error {
	var ttl time.Duration
	for _, m := range wanted {
		ttl = shorter(ttl, m.ttl)
	}
	secret, ok := p.secrets.get(id, orLifetime(ttl))
	if !ok {
		asked := time.Now()
		var err error
		if secret, err = p.ask(ctx, id, wanted[0].key); err != nil {
			return err
		}
		if secret != nil {
			p.secrets.put(id, secret, asked)
		}
	}
	for _, m := range wanted {
		raw, ok := secret[m.key]
		if !ok {
			if err := p.notFound(fmt.Sprintf("the secret %s has no key %s", id, m.key)); err != nil {
				return err
			}
			found[m.placeholder] = ""
			continue
		}
		text, ok, err := scalar(raw)
		if err != nil {
			return connect.ConfigError(fmt.Sprintf("the key %s of the secret %s must be a text, a number or a boolean", m.key, id))
		}
		if ok {
			found[m.placeholder] = text
		}
	}
	return nil
}

// ask reads a secret; nil if it is not there and that is no error.
func (p *SecretsManager) ask(ctx context.Context, id, key string) (map[string]json.RawMessage, error) {
	r, err := newJSONRequest("secretsmanager.GetSecretValue", map[string]string{"SecretId": id})
	if err != nil {
		return nil, err
	}
	body, err := p.call(ctx, regionIn(id), fmt.Sprintf("the key %s of the secret %s", key, id), r)
	if isCode(err, "ResourceNotFoundException") {
		return nil, p.notFound(fmt.Sprintf("there is no secret %s, which the key %s is to be read from", id, key))
	}
	if err != nil {
		return nil, err
	}
	return secretIn(body, id)
}

// secretIn reads the answer of Secrets Manager. What is wrong with it is told without the decoder's words, which quote.
func secretIn(body []byte, id string) (map[string]json.RawMessage, error) {
	var answer struct{ SecretString *string }
	var secret map[string]json.RawMessage
	switch {
	case json.Unmarshal(body, &answer) != nil:
		return nil, connect.RetriableError(fmt.Sprintf("the answer of Secrets Manager about the secret %s is no JSON", id), nil)
	case answer.SecretString == nil:
		return nil, connect.ConfigError(fmt.Sprintf("the secret %s is binary: it must be a JSON object of keys and values", id))
	case json.Unmarshal([]byte(*answer.SecretString), &secret) != nil || secret == nil:
		return nil, connect.ConfigError(fmt.Sprintf("the secret %s is not a JSON object of keys and values", id))
	}
	return secret, nil
}

// scalar returns the text of a JSON value, not ok for null. Numbers keep how they are written.
func scalar(raw json.RawMessage) (text string, ok bool, err error) {
	switch raw[0] {
	case '"':
		err = json.Unmarshal(raw, &text)
		return text, true, err
	case '{', '[':
		return "", false, errors.New("it is no scalar")
	case 'n':
		return "", false, nil
	}
	return string(raw), true, nil
}
