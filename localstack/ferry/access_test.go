package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
)

// secured calls the API of a command with TLS and a password.
type secured struct {
	t      *testing.T
	client *http.Client
	url    string
}

func (s secured) ask(method, path, user, password, body string) (status int, text string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

func TestStandaloneWithTLSAndPasswordsIsUsedByUsersAlone(t *testing.T) {
	ca := securitytest.NewAuthority(t, "ca")
	users := securitytest.File(t, "users.properties", "alice=s3cret\n")
	jaas := securitytest.File(t, "jaas.conf", fmt.Sprintf("KafkaConnect {\n  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required\n  file=%q;\n};\n", users))
	t.Setenv("KAFKA_OPTS", "-Xmx256m -Djava.security.auth.login.config="+jaas)
	t.Setenv("FERRY_TEST_STORE_PASSWORD", "changeit")
	t.Setenv("CONNECT_REST_EXTENSION_CLASSES", "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension")
	properties := file(t, "worker.properties", fmt.Sprintf(`bootstrap.servers=%s
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
offset.storage.file.filename=%s
listeners=https://localhost:0
ssl.keystore.type=PKCS12
ssl.keystore.location=%s
ssl.keystore.password=${env:FERRY_TEST_STORE_PASSWORD}
config.providers=env
config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
mistyped.key=1
`, kafka(t), filepath.Join(t.TempDir(), "offsets"), securitytest.File(t, "store.p12", ca.Issue("localhost", "localhost").PKCS12("changeit"))))
	connector := file(t, "c.json", `{"name": "first", "connector.class": "FileStreamSource", "file": "/no/such/file", "topic": "t"}`)

	// given a worker that needs a password, and a connector that it creates itself
	c := start(t, "standalone", properties, connector)
	s := secured{t, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool()}}}, c.REST}
	defer s.client.CloseIdleConnections()

	// then nobody gets in without
	for _, password := range []string{"", "wrong"} {
		user := "alice"
		if password == "" {
			user = ""
		}
		if status, text := s.ask("GET", "/connectors", user, password, ""); status != http.StatusUnauthorized || text != "User cannot access the resource." {
			t.Errorf("password %q: answered %d %s", password, status, text)
		}
	}
	// and who has it does
	eventually(t, "the command has created its connector", func() bool {
		status, text := s.ask("GET", "/connectors", "alice", "s3cret", "")
		if status != http.StatusOK {
			t.Fatalf("answered %d %s", status, text)
		}
		return text == `["first"]`
	})
	if status, text := s.ask("PUT", "/connectors/second/config", "alice", "s3cret", `{"connector.class": "FileStreamSource", "file": "/no/such/file", "topic": "t"}`); status != http.StatusCreated {
		t.Errorf("answered %d %s", status, text)
	}
	c.end()
	logged := c.output.String()
	for _, want := range []string{`"who":"ferry","known_by":"process"`, `"msg":"audit: changed","who":"alice","known_by":"basic"`, `"connector":"second"`, `"added":["connector.class","file","name","topic"]`, "[mistyped.key]"} {
		if !strings.Contains(logged, want) {
			t.Errorf("%s is not in\n%s", want, logged)
		}
	}
	for _, secret := range []string{"s3cret", "changeit"} {
		if strings.Contains(logged, secret) {
			t.Errorf("%s was logged:\n%s", secret, logged)
		}
	}
}
