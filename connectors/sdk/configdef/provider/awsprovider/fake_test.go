package awsprovider_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider/awsprovider"
)

const packageName = "com.amazonaws.kafka.config.providers."

// cloud speaks the protocols of the three services, without a network, so that time can be virtual.
type cloud struct {
	mu         sync.Mutex
	secrets    map[string]map[string]any // by id: what GetSecretValue answers beside names
	parameters map[string]string
	objects    map[string]string
	fail       []failure // the answers of the next requests
	asked      []string  // host, operation and what it names
	silent     bool      // nothing answers
}

type failure struct {
	status int
	code   string
}

// Do implements the SDK's HTTPClient.
func (c *cloud) Do(r *http.Request) (*http.Response, error) {
	if c.silent {
		<-r.Context().Done()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// ServeHTTP implements http.Handler.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var body []byte
	if r.Body != nil { // a client's request without one has nil
		body, _ = io.ReadAll(r.Body)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.asked = append(c.asked, r.URL.Host+" "+operation+" "+string(body)+strings.TrimPrefix(r.URL.Path, "/"))
	if !strings.Contains(r.Header.Get("Authorization"), "Credential=id/") {
		http.Error(w, "unsigned", http.StatusForbidden)
		return
	}
	if len(c.fail) > 0 {
		f := c.fail[0]
		c.fail = c.fail[1:]
		refuse(w, r, f)
		return
	}
	var in struct {
		SecretID       string `json:"SecretId"`
		VersionStage   *string
		Names          []string
		WithDecryption bool
	}
	if len(body) > 0 && json.Unmarshal(body, &in) != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	switch operation {
	case "GetSecretValue":
		secret, ok := c.secrets[in.SecretID]
		if !ok || in.VersionStage != nil { // without a stage it is AWSCURRENT
			refuse(w, r, failure{400, "ResourceNotFoundException"})
			return
		}
		answer := map[string]any{"ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:x", "Name": in.SecretID, "VersionStages": []string{"AWSCURRENT"}}
		maps.Copy(answer, secret)
		reply(w, answer)
	case "GetParameters":
		reply(w, c.getParameters(in.Names, in.WithDecryption))
	default:
		object, ok := c.objects[r.URL.Host+r.URL.Path]
		if !ok {
			refuse(w, r, failure{404, "NoSuchKey"})
			return
		}
		_, _ = io.WriteString(w, object)
	}
}

func (c *cloud) getParameters(names []string, decrypt bool) any {
	found, missing := []map[string]any{}, []string{}
	for _, name := range names {
		value, ok := c.parameters[name]
		if !ok {
			missing = append(missing, name)
			continue
		}
		if !decrypt {
			value = "encrypted"
		}
		base, selector, selected := strings.Cut(name, ":")
		p := map[string]any{"Name": base, "Type": "SecureString", "Value": value, "ARN": "arn:aws:ssm:eu-west-1:1:parameter" + base}
		if strings.HasPrefix(name, "arn:") {
			p["Name"], p["ARN"] = name[strings.LastIndex(name, "parameter")+len("parameter"):], name
		} else if selected {
			p["Selector"] = ":" + selector
		}
		found = append(found, p)
	}
	slices.Reverse(found)
	return map[string]any{"Parameters": found, "InvalidParameters": missing}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, r *http.Request, f failure) {
	if r.Header.Get("X-Amz-Target") == "" {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(f.status)
		_, _ = io.WriteString(w, "<Error><Code>"+f.code+"</Code><Message>no</Message></Error>")
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"__type": f.code, "message": "no"})
}

// calls returns how many requests there were since it was last asked.
func (c *cloud) calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.asked)
	c.asked = nil
	return n
}

// inCloud runs a test in virtual time.
func inCloud(t *testing.T, f func(t *testing.T, c *cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(t, &cloud{
			secrets: map[string]map[string]any{
				"db":   {"SecretString": `{"user":"alice","password":"s3cr3t","port":5432,"tls":true,"none":null,"empty":"","deep":{"a":1}}`},
				"text": {"SecretString": "s3cr3t"}, "list": {"SecretString": `["s3cr3t"]`}, "null": {"SecretString": `null`}, "binary": {"SecretBinary": "czNjcjN0"},
				"arn:aws:secretsmanager:us-east-2:1:secret:far-AbCdEf": {"SecretString": `{"k":"far away"}`},
			},
			parameters: map[string]string{
				"/prod/user": "bob", "/prod/password": "p4ss", "plain": "x", "/prod/user:3": "the third", "arn:aws:ssm:us-east-2:1:parameter/far": "far away",
			},
			objects: map[string]string{},
		})
	})
}

// get asks a provider that is made for it.
func (c *cloud) provider(t *testing.T, class string, params map[string]string, env ...string) configdef.ConfigProvider {
	t.Helper()
	vars := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}
	for i := 0; i < len(env); i += 2 {
		vars[env[i]] = env[i+1]
	}
	p, err := awsprovider.New(class, params, awsprovider.Options{HTTP: c, Getenv: func(name string) string { return vars[name] }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(t *testing.T, p configdef.ConfigProvider, path string, keys ...string) map[string]string {
	t.Helper()
	data, err := p.Get(t.Context(), path, keys)
	if err != nil {
		t.Fatal(err)
	}
	return data.Data
}

// pass lets virtual time pass.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
