package awsprovider_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider/awsprovider"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestMiniStack(t *testing.T) { readsWhatIsStored(t, servers.MiniStack(t)) }

func TestLocalStack(t *testing.T) { readsWhatIsStored(t, servers.LocalStack(t)) }

// readsWhatIsStored stores by the API and reads with the providers, as a connector's configuration has them.
func readsWhatIsStored(t *testing.T, server *servers.Server) {
	t.Helper()
	const parameterCount = 12 // more than one request may name
	a := account{t: t, url: server.URL()}
	arn := a.secret("db", `{"user":"alice","port":5432}`)
	for i := range parameterCount {
		a.parameter(fmt.Sprintf("/prod/n%d", i), fmt.Sprint(i), "SecureString")
	}
	a.parameter("/prod/plain", "text", "String")
	a.object("certificates", "a b+c.pem", "PEM")

	// given
	env := map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": server.URL()}
	providers := map[string]configdef.ConfigProvider{}
	for name, class := range map[string]string{"secretsmanager": secrets, "ssm": parameters, "s3import": imports} {
		p, err := awsprovider.New(class, map[string]string{"local_dir": t.TempDir(), "NotFoundStrategy": "fail"}, awsprovider.Options{Getenv: func(name string) string { return env[name] }})
		if err != nil {
			t.Fatal(err)
		}
		providers[name] = p
	}
	transformer := configdef.NewConfigTransformer(providers)
	config := map[string]string{
		"url": "db://${secretsmanager:db:user}@host:${secretsmanager:" + arn + ":port}/${ssm:/prod/plain}", "by.arn": "${secretsmanager:" + strings.ReplaceAll(arn, ":", "%3A") + ":user}",
		"ssl.truststore.location": "${s3import:us-east-1:certificates/a b+c.pem}",
	}
	for i := range parameterCount {
		config[fmt.Sprint("n", i)] = fmt.Sprintf("${ssm::/prod/n%d?ttl=60000}", i)
	}

	// when
	got, err := transformer.Transform(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}

	// then
	if got.Data["url"] != "db://alice@host:5432/text" || got.Data["by.arn"] != "alice" || got.Data["n0"] != "0" || got.TTLs[""] != time.Minute {
		t.Errorf("got %v", got)
	}
	if content, err := os.ReadFile(got.Data["ssl.truststore.location"]); err != nil || string(content) != "PEM" {
		t.Errorf("the trust store is %q, %v", content, err)
	}
	for _, missing := range []string{"${secretsmanager:ghost:k}", "${secretsmanager:db:ghost}", "${ssm::/ghost}", "${s3import::certificates/ghost}"} {
		if _, err := transformer.Transform(t.Context(), map[string]string{"k": missing}); err == nil || !strings.Contains(err.Error(), "ghost") {
			t.Errorf("%s: got %v", missing, err)
		}
	}

	// when the secret has another version, that is read once the first is forgotten
	a.rotate("db", `{"user":"bob"}`)
	if again, err := transformer.Transform(t.Context(), map[string]string{"user": "${secretsmanager:db:user}"}); err != nil || again.Data["user"] != "alice" {
		t.Errorf("before: %v, %v", again.Data, err)
	}
	providers["secretsmanager"].(*awsprovider.SecretsManager).Forget(time.Now())
	if again, err := transformer.Transform(t.Context(), map[string]string{"user": "${secretsmanager:db:user}"}); err != nil || again.Data["user"] != "bob" {
		t.Errorf("after: %v, %v", again.Data, err)
	}
}

// account is what the operators of a server keep there, by its API as anybody calls it. Neither server looks at signatures.
type account struct {
	t   *testing.T
	url string
}

// call makes a request and returns the answer.
func (a account) call(method, path, service, target, body string) []byte {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	req.Header.Set("X-Amz-Date", "20260101T000000Z")
	if target != "" {
		req.Header.Set("Content-Type", "application/x-amz-json-1.1")
		req.Header.Set("X-Amz-Target", target)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		a.t.Fatalf("%s %s%s was answered %d %s, %v", method, path, target, resp.StatusCode, answer, err)
	}
	return answer
}

func (a account) json(service, target string, input map[string]any) []byte {
	a.t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.call(http.MethodPost, "/", service, target, string(body))
}

func (a account) secret(name, value string) (arn string) {
	a.t.Helper()
	var answer struct{ ARN string }
	if err := json.Unmarshal(a.json("secretsmanager", "secretsmanager.CreateSecret", map[string]any{"Name": name, "SecretString": value, "ClientRequestToken": strings.Repeat("1", 32)}), &answer); err != nil {
		a.t.Fatal(err)
	}
	return answer.ARN
}

func (a account) rotate(name, value string) {
	a.t.Helper()
	a.json("secretsmanager", "secretsmanager.PutSecretValue", map[string]any{"SecretId": name, "SecretString": value, "ClientRequestToken": strings.Repeat("2", 32)})
}

func (a account) parameter(name, value, kind string) {
	a.t.Helper()
	a.json("ssm", "AmazonSSM.PutParameter", map[string]any{"Name": name, "Value": value, "Type": kind})
}

func (a account) object(bucket, key, content string) {
	a.t.Helper()
	a.call(http.MethodPut, "/"+bucket, "s3", "", "")
	a.call(http.MethodPut, "/"+bucket+"/"+url.PathEscape(key), "s3", "", content)
}
