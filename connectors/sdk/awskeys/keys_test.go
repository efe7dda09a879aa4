package awskeys_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/awskeys"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
)

// home has both files of profiles.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"credentials": "[default]\naws_access_key_id = D\naws_secret_access_key=ds # x\n\n[keys]\naws_access_key_id=K\naws_secret_access_key=ks\naws_session_token=kt\n",
		"config": "[default]\nregion=x\n[profile role]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=keys\nregion=eu-west-1\n" +
			"[profile round]\nrole_arn=a\nsource_profile=round\n[profile sso]\nsso_session=s\n[profile alone]\nrole_arn=a\n[profile empty]\nregion=y\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, ".aws"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, ".aws", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tokenService answers AssumeRole with keys that tell who asked for which role.
func tokenService(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		who, _, _ := strings.Cut(r.Header.Get("Authorization")[len("AWS4-HMAC-SHA256 Credential="):], "/")
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
			<AccessKeyId>%s as %s %s %s</AccessKeyId><SecretAccessKey>rs</SecretAccessKey><SessionToken>rt</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>
			</Credentials></AssumeRoleResult></AssumeRoleResponse>`, who, r.PostForm.Get("RoleArn"), r.PostForm.Get("RoleSessionName"), r.PostForm.Get("ExternalId"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestKeysAreFoundWhereAmazonsLibraryFindsThem(t *testing.T) {
	const role = "arn:aws:iam::1:role/r"
	container := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"AccessKeyId":"C","SecretAccessKey":"cs","Token":"ct","Expiration":"2999-01-01T00:00:00Z"}`)
	}))
	defer container.Close()
	sts := tokenService(t)
	for _, c := range []struct {
		name string
		env  map[string]string
		id   security.AWSIdentity
		want security.AWSKeys
	}{
		{"the environment", map[string]string{"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "es", "AWS_SESSION_TOKEN": "et"}, security.AWSIdentity{}, security.AWSKeys{AccessKeyID: "E", SecretKey: "es", SessionToken: "et"}},
		{"a container", map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": container.URL}, security.AWSIdentity{}, security.AWSKeys{AccessKeyID: "C", SecretKey: "cs", SessionToken: "ct"}},
		{"the default profile", nil, security.AWSIdentity{}, security.AWSKeys{AccessKeyID: "D", SecretKey: "ds # x"}},
		{"a profile of the environment", map[string]string{"AWS_PROFILE": "keys"}, security.AWSIdentity{}, security.AWSKeys{AccessKeyID: "K", SecretKey: "ks", SessionToken: "kt"}},
		{"a profile by name", map[string]string{"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "es"}, security.AWSIdentity{Profile: "keys"}, security.AWSKeys{AccessKeyID: "K", SecretKey: "ks", SessionToken: "kt"}},
		{"a role", map[string]string{"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "es"}, security.AWSIdentity{RoleARN: role, SessionName: "s", ExternalID: "x", Region: "us-east-1"},
			security.AWSKeys{AccessKeyID: "E as " + role + " s x", SecretKey: "rs", SessionToken: "rt"}},
		{"a role of a profile", nil, security.AWSIdentity{Profile: "role"}, security.AWSKeys{AccessKeyID: "K as " + role + " ferry ", SecretKey: "rs", SessionToken: "rt"}},
		{"a role with keys of its own", nil, security.AWSIdentity{RoleARN: role, AccessKeyID: "O", SecretKey: "os", Region: "r"}, security.AWSKeys{AccessKeyID: "O as " + role + " ferry ", SecretKey: "rs", SessionToken: "rt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := map[string]string{"HOME": home(t), "AWS_ENDPOINT_URL_STS": sts}
			for k, v := range c.env {
				env[k] = v
			}
			got, err := awskeys.New(func(name string) string { return env[name] }).Keys(t.Context(), c.id)
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestWithoutKeysTheErrorSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		id   security.AWSIdentity
		want string
	}{
		{"nothing at all", map[string]string{"HOME": t.TempDir()}, security.AWSIdentity{}, "set AWS_ACCESS_KEY_ID"},
		{"no such profile", nil, security.AWSIdentity{Profile: "none"}, "profile none"},
		{"a circle", nil, security.AWSIdentity{Profile: "round"}, "circle"},
		{"single sign-on", nil, security.AWSIdentity{Profile: "sso"}, "sso_session is not supported"},
		{"a role of nobody", nil, security.AWSIdentity{Profile: "alone"}, "source_profile"},
		{"a profile without keys", nil, security.AWSIdentity{Profile: "empty"}, "aws_access_key_id"},
		{"no region", map[string]string{"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "es"}, security.AWSIdentity{RoleARN: "arn"}, "awsStsRegion"},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := map[string]string{"HOME": home(t)}
			for k, v := range c.env {
				env[k] = v
			}
			_, err := awskeys.New(func(name string) string { return env[name] }).Keys(t.Context(), c.id)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want one with %q", err, c.want)
			}
		})
	}
}
