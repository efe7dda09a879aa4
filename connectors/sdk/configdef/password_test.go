package configdef_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

func TestAPasswordShowsItsTextToNobodyButValue(t *testing.T) {
	const secret = "s3cr3t"
	p := configdef.NewPassword(secret)
	if p.Value() != secret {
		t.Fatalf("Value returns %q", p.Value())
	}
	type holder struct{ hidden configdef.Password }
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", p)
		fmt.Fprintf(&out, verb+"\n", holder{p})
		fmt.Fprintf(&out, verb+"\n", &holder{p})
		fmt.Fprintf(&out, verb+"\n", map[string]any{"p": p})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("configured", "password", p, "holder", holder{p})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("configured", "password", p, "any", map[string]any{"p": p})
	encoded, err := json.Marshal(map[string]any{"p": p})
	if err != nil || string(encoded) != `{"p":"[hidden]"}` {
		t.Errorf("marshals to %s, %v", encoded, err)
	}
	fmt.Fprintln(&out, configdef.Invalid("k", p, "too short"))
	if hex := fmt.Sprintf("%x", secret); strings.Contains(out.String(), secret) || strings.Contains(out.String(), hex) {
		t.Errorf("the secret is in\n%s", out.String())
	}
	if !strings.Contains(out.String(), "Invalid value [hidden] for configuration k: too short") {
		t.Errorf("the message about a password is not in\n%s", out.String())
	}
}

func TestPasswordsAreEqualByTheirTexts(t *testing.T) {
	if !configdef.NewPassword("a").Equal(configdef.NewPassword("a")) || configdef.NewPassword("a").Equal(configdef.NewPassword("b")) {
		t.Error("passwords must be equal if their texts are")
	}
	if (configdef.Password{}).Value() != "" || !(configdef.Password{}).Equal(configdef.NewPassword("")) {
		t.Error("the zero Password must be the empty secret")
	}
}
