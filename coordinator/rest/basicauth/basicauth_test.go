package basicauth_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/rest/basicauth"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/principal"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// jaas writes a JAAS file that leads to files of users.
func jaas(t *testing.T, users ...string) string {
	t.Helper()
	text := "Other { com.example.Module required; };\n/* ours */ KafkaConnect { // two may be there\n"
	for _, u := range users {
		text += "  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required\n  file=\"" + write(t, "users.properties", u) + "\";\n"
	}
	return write(t, "jaas.conf", text+"};\n")
}

// guarded returns a handler behind the extension; it answers with who it takes the request to be from.
func guarded(t *testing.T, jaas string) http.Handler {
	t.Helper()
	chain, err := extension.Load([]string{"BasicAuthSecurityRestExtension"}, []extension.Class{basicauth.Class()}, map[string]string{worker.LoginConfigKey: jaas}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = chain.Close() })
	return chain.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("hello " + principal.Of(r.Context()).Name))
	}))
}

func ask(h http.Handler, authorization string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/connectors", nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(principal.Begin(r.Context(), principal.Principal{})))
	return w
}

func basic(credentials string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
}

func TestOnlyUsersWithTheirPasswordsAreLetIn(t *testing.T) {
	h := guarded(t, jaas(t, "alice=secret\nbob=p:w:d\n=nobody", "carol=third"))
	for _, c := range []struct{ authorization, want string }{
		{basic("alice:secret"), "hello alice"},
		{strings.Replace(basic("alice:secret"), "Basic", "bAsIc", 1), "hello alice"},
		{strings.TrimRight(basic("carol:third"), "="), "hello carol"},
		{basic("bob:p:w:d"), "hello bob"},
		{"", ""},
		{basic("alice:wrong"), ""},
		{basic("alice:"), ""},
		{basic("alice"), ""},
		{basic(":nobody"), ""},
		{basic("mallory:secret"), ""},
		{"Bearer " + basic("alice:secret")[6:], ""},
		{basic("alice:secret")[6:], ""},
		{"Basic  " + basic("alice:secret")[6:], ""},
		{"Basic %%%", ""},
		{"Basic", ""},
	} {
		w := ask(h, c.authorization)
		switch {
		case c.want != "" && (w.Code != http.StatusOK || w.Body.String() != c.want):
			t.Errorf("%q: answered %d %s, want %s", c.authorization, w.Code, w.Body, c.want)
		case c.want == "" && (w.Code != http.StatusUnauthorized || w.Body.String() != "User cannot access the resource." || w.Header().Get("WWW-Authenticate") != ""):
			t.Errorf("%q: answered %d %s", c.authorization, w.Code, w.Body)
		}
	}
}

func TestAFileWithoutUsersLetsEverybodyInAndKnowsNobody(t *testing.T) {
	h := guarded(t, jaas(t, "# nobody yet\n"))
	for _, authorization := range []string{"", basic("alice:secret"), "Basic %%%"} {
		if w := ask(h, authorization); w.Code != http.StatusOK || w.Body.String() != "hello " {
			t.Errorf("%q: answered %d %s", authorization, w.Code, w.Body)
		}
	}
}

func TestWhatIsWrongWithTheFilesIsToldAtTheStart(t *testing.T) {
	const class = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule"
	missing := filepath.Join(t.TempDir(), "nowhere")
	for name, c := range map[string]struct{ path, want string }{
		"no file is named":        {"", worker.LoginConfigKey},
		"the file is not there":   {missing, "nowhere"},
		"another entry":           {write(t, "j", "Kafka { a.B required; };"), "no entry KafkaConnect"},
		"no module":               {write(t, "j", "KafkaConnect { };"), "has no login module"},
		"another module":          {write(t, "j", "KafkaConnect { a.B required password=hunter2; };"), "a.B cannot be loaded"},
		"no flag":                 {write(t, "j", "KafkaConnect {\n a.B file=x; };"), "line 2: expected required, requisite, sufficient or optional"},
		"no semicolon":            {write(t, "j", "KafkaConnect { a.B required\n password=hunter2 }"), "line 2: expected an option or ;"},
		"no end of the quotes":    {write(t, "j", "KafkaConnect { a.B required password=\"hunter2"), "line 1: a text in quotes has no end"},
		"no brace":                {write(t, "j", "KafkaConnect a.B"), "line 1: expected {"},
		"an end in an option":     {write(t, "j", "KafkaConnect { a.B required password="), "expected the value of an option"},
		"no option file":          {write(t, "j", "KafkaConnect { "+class+" required; };"), "has no option file"},
		"the users are not there": {write(t, "j", "KafkaConnect { "+class+" required file='"+missing+"'; };"), "nowhere"},
		"the users are no such":   {jaas(t, `alice=hunter2\u12`), "is no properties file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := extension.Load([]string{basicauth.ClassName}, []extension.Class{basicauth.Class()}, map[string]string{worker.LoginConfigKey: c.path}, nil)
			if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error is %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}
