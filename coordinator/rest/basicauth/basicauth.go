package basicauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/principal"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

const (
	// ClassName is what users write in rest.extension.classes.
	ClassName = javaPackage + "BasicAuthSecurityRestExtension"

	javaPackage = "org.apache.kafka.connect.rest.basic.auth.extension."
	loginModule = javaPackage + "PropertyFileLoginModule"
	jaasEntry   = "KafkaConnect"
)

// Class returns the extension's class.
func Class() extension.Class { return extension.Class{Name: ClassName, New: open} }

// open reads the files that the worker's properties lead to.
func open(properties map[string]string) (extension.Extension, error) {
	path := strings.TrimSpace(properties[worker.LoginConfigKey])
	if path == "" {
		return nil, &connect.Error{
			Kind: connect.KindConfig, Class: connect.ConfigException, Message: "no JAAS file is named for " + ClassName,
			Hint: "set " + worker.LoginConfigKey + ", or -Djava.security.auth.login.config= in KAFKA_OPTS",
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, configError("read the JAAS file", err)
	}
	modules, err := parseJAAS(string(text), jaasEntry)
	if err == nil && len(modules) == 0 {
		err = fmt.Errorf("the entry %s has no login module", jaasEntry)
	}
	if err != nil {
		return nil, configError("read the JAAS file "+path, err)
	}
	var c credentials
	for _, m := range modules {
		users, err := usersOf(m)
		if err != nil {
			return nil, configError("read the entry "+jaasEntry+" of the JAAS file "+path, err)
		}
		c = append(c, users)
	}
	return c, nil
}

func configError(doing string, err error) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException, Message: doing, Cause: err}
}

// usersOf reads the file of a login module: passwords by user.
func usersOf(m module) (users, error) {
	path := m.options["file"]
	switch {
	case m.class != loginModule:
		return nil, fmt.Errorf("the login module %s cannot be loaded: use %s", m.class, loginModule)
	case path == "":
		return nil, fmt.Errorf("%s has no option file", loginModule)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// The parser's errors may quote the file, and what it holds is secret.
	found, err := provider.ParseProperties(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s is no properties file", path)
	}
	return found, nil
}

// users are passwords by user name.
type users map[string]string

// match reports whether a user has a password. How long it takes says nothing about either.
func (u users) match(name, password string) bool {
	wanted, found := u[name]
	a, b := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(wanted))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && found && name != ""
}

// credentials are the modules of the entry. It is immutable, and an extension.
//
// JAAS decides by the flags of all modules; but this one never fails a login: it succeeds, or stays out of it. So whatever the flags
// are, a login succeeds when one module lets the user in.
type credentials []users

// Register implements extension.Extension.
func (c credentials) Register(ctx *extension.Context) error {
	ctx.Wrap(c.guard)
	return nil
}

// Close implements extension.Extension.
func (credentials) Close() error { return nil }

// guard lets only requests pass whose credentials match.
func (c credentials) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password := credentialsOf(r.Header.Get("Authorization"))
		known, open := c.match(name, password)
		switch {
		case known:
			principal.Set(r.Context(), principal.Principal{Name: name, Source: principal.Basic})
		case !open:
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, "User cannot access the resource.") // if it cannot be sent, nobody is there to hear it
			return
		}
		next.ServeHTTP(w, r)
	})
}

// match reports whether a module knows the user with this password, and whether one lets everybody in, since it has no users. It asks
// every module, so that how long it takes does not tell which one knows the user.
func (c credentials) match(name, password string) (known, open bool) {
	for _, u := range c {
		if u.match(name, password) {
			known = true
		}
		open = open || len(u) == 0
	}
	return known, open
}

// credentialsOf reads an Authorization header as Kafka Connect does: the scheme in any case, one blank, base64. The user name must not
// be empty; the password is all that follows the first colon. What cannot be read is no credentials.
func credentialsOf(header string) (name, password string) {
	scheme, encoded, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Basic") {
		return "", ""
	}
	encoding := base64.StdEncoding
	if !strings.Contains(encoded, "=") {
		encoding = base64.RawStdEncoding // Java reads it with and without padding
	}
	decoded, err := encoding.DecodeString(encoded)
	if err != nil {
		return "", ""
	}
	name, password, ok = strings.Cut(string(decoded), ":")
	if !ok || name == "" {
		return "", ""
	}
	return name, password
}
