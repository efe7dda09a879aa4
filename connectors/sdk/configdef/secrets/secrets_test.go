package secrets_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/secrets"
)

const secret = `correct "horse" & battery/staple`

func TestAValueIsFoundInWhateverWayItIsWritten(t *testing.T) {
	s := secrets.New(map[string]string{"${p:k}": secret})
	inJSON, _ := json.Marshal(map[string]string{"k": secret})
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(secret); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as it is": "login with " + secret + "!", "in Go": fmt.Sprintf("%q", secret), "in JSON": string(inJSON), "in JSON without HTML": plain.String(),
		"in a query": "?p=" + url.QueryEscape(secret), "in a path": "/" + url.PathEscape(secret), "in HTML": html.EscapeString(secret),
		"in digits": hex.EncodeToString([]byte("x" + secret)), "in base64": base64.StdEncoding.EncodeToString([]byte(secret)),
		"in capitals": strings.ToUpper(secret), "in small letters": strings.ToLower(secret), "with a name": base64.StdEncoding.EncodeToString([]byte("alice:" + secret + "!")), "with another name": base64.URLEncoding.EncodeToString([]byte("carol!:" + secret)),
		"with a third": base64.RawURLEncoding.EncodeToString([]byte("bob:?:" + secret + "??")),
	} {
		if clean := s.Hide(text); !strings.Contains(clean, "${p:k}") || strings.Contains(clean, "battery") || strings.Contains(clean, "orse") || len(clean) > len("login with ${p:k}!")+8 {
			t.Errorf("%s: %s became %s", name, text, clean)
		}
	}
}

func TestPartsOfAValueAreFoundToo(t *testing.T) {
	jaas := `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="pass\"word of mine";`
	key := "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\nshort\n-----END PRIVATE KEY-----\n"
	s := secrets.New(map[string]string{"${p:jaas}": jaas, "${p:key}": key})
	for text, want := range map[string]string{
		`refused: pass"word of mine`:                        "refused: ${p:jaas}",
		"bad line MIIEvQIBADANBgkqhkiG9w0BAQEFAASC in it":   "bad line ${p:key} in it",
		"-----BEGIN PRIVATE KEY----- is a private key's, u": "-----BEGIN PRIVATE KEY----- is a private key's, u",
		"the whole:\n" + key:                                "the whole:\n${p:key}",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestAShortValueIsFoundAsAWord(t *testing.T) {
	s := secrets.New(map[string]string{"${p:pin}": "17", "${p:dash}": "-x-", "${p:long}": "correct horse"})
	for text, want := range map[string]string{
		"17 is wrong, 1789 is not": "${p:pin} is wrong, 1789 is not", `{"pin":"17"}`: `{"pin":"${p:pin}"}`, "a-x-b": "a${p:dash}b", "x17": "x17",
		"correct horse17": "${p:long}${p:pin}", "": "",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestTheLongestValueIsFoundAndReplacedOnce(t *testing.T) {
	s := secrets.New(map[string]string{"${p:password}": "password", "${p:passwords}": "passwords of all", "${p:none}": "", "${p:unknown}": "${p:unknown}"})
	if got := s.Hide("passwords of all, password, ${p:unknown}"); got != "${p:passwords}, ${p:password}, ${p:unknown}" {
		t.Errorf("got %s", got)
	}
	rotated := secrets.New(map[string]string{"${p:k}": "the new password"}, map[string]string{"${p:k}": "the old password"})
	if got := rotated.Hide("the old password and the new password"); got != "${p:k} and ${p:k}" {
		t.Errorf("of two times: %s", got)
	}
	for _, none := range []*secrets.Secrets{nil, secrets.New(nil)} {
		if got := none.Hide("text"); got != "text" {
			t.Errorf("without values: %s", got)
		}
	}
}

func TestAVeryLongValueCostsLittle(t *testing.T) {
	line := strings.Repeat("x", 63) + "\n"
	value := strings.Repeat(line, 1<<14)
	s := secrets.New(map[string]string{"${p:k}": value})
	if got := s.Hide("all: " + value + "one: " + line); got != "all: ${p:k}one: ${p:k}\n" {
		t.Errorf("got %.100s", got)
	}
}

func TestPlaceholdersArePutBackIntoConfigurations(t *testing.T) {
	config := map[string]string{
		"url": "db://u:correct horse@h", "own": "${p:x} correct horse", "pin": "17", "short": "db://u:hunter2@h", "word": "hunter22", "tls": "true", "horse": "horse",
	}
	secrets.New(map[string]string{
		"${p:k}": "correct horse", "${p:pin}": "17", "${p:hunter2}": "hunter2", "${p:tls}": "true", "${p:horse}": "horse",
	}).Restore(config)
	if want := map[string]string{
		"url": "db://u:${p:k}@h", "own": "${p:x} correct horse", "pin": "17", "short": "db://u:${p:hunter2}@h", "word": "hunter22", "tls": "true", "horse": "${p:horse}",
	}; !maps.Equal(config, want) {
		t.Errorf("got %v", config)
	}
}

func TestALoggerHidesBeforeItWrites(t *testing.T) {
	var out bytes.Buffer
	log := secrets.New(map[string]string{"${p:k}": secret}).Logger(slog.New(slog.NewJSONHandler(&out, nil)))
	log.WithGroup("g").With("with "+secret, secret).Error("failed with "+secret, "error", errors.New("bad "+secret), slog.Group("in", "map", map[string]string{"k": secret}), "number", 5)
	if text := out.String(); strings.Contains(text, "horse") || strings.Count(text, "${p:k}") != 5 || !strings.Contains(text, `"number":5`) {
		t.Errorf("it wrote %s", text)
	}
}

// vault knows values by key.
type vault map[string]string

// Get implements configdef.ConfigProvider.
func (v vault) Get(_ context.Context, path string, keys []string) (configdef.ConfigData, error) {
	if path == "sealed" {
		return configdef.ConfigData{}, errors.New("sealed")
	}
	data := configdef.ConfigData{Data: map[string]string{}, TTL: time.Duration(len(path)) * time.Second}
	for _, k := range keys {
		if value, ok := v[k]; ok {
			data.Data[k] = value
		}
	}
	return data, nil
}

func TestConfigurationsAreResolvedTogether(t *testing.T) {
	providers := map[string]configdef.ConfigProvider{"v": vault{"a": "A", "b": "B"}}
	r, err := secrets.Resolve(t.Context(), providers, map[string]string{"k": "${v:a}-${v:p:b}", "0": "x"}, map[string]string{"k": "${v::a}${v:ppp:ghost}${w:a}"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(r.Configs[0], map[string]string{"k": "A-B", "0": "x"}) || !maps.Equal(r.Configs[1], map[string]string{"k": "A${v:ppp:ghost}${w:a}"}) || len(r.Configs[2]) != 0 {
		t.Errorf("configurations are %v", r.Configs)
	}
	want := map[string]string{"${v:a}": "A", "${v:p:b}": "B", "${v::a}": "A", "${v:ppp:ghost}": "${v:ppp:ghost}", "${w:a}": "${w:a}"}
	if !maps.Equal(r.Values, want) || r.TTL != time.Second {
		t.Errorf("values are %v, good for %v", r.Values, r.TTL)
	}
	if _, err := secrets.Resolve(t.Context(), providers, map[string]string{"k": "${v:sealed:a}"}); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("got %v", err)
	}
}
