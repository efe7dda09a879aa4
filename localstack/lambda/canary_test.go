package lambda_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// canary is a secret under the name of the provider that knows it.
type canary struct{ provider, placeholder, value string }

// aviary is a deployment in which secrets are planted.
type aviary struct {
	*deployment
	canaries []canary
	wire     *tap // of all requests between functions
}

// newAviary deploys functions of which only the task function can reach the secrets: in its environment, in files, and in a Secrets
// Manager that speaks AWS's protocol.
func newAviary(t *testing.T) *aviary {
	t.Helper()
	folder := t.TempDir()
	a := &aviary{canaries: []canary{
		{"env", "${env:SECRET}", `correct "horse" & battery/staple`},
		{"file", "${file:" + filepath.Join(folder, "db.properties") + ":password}", "tweety<and>sylvester?"},
		{"directory", "${directory:" + folder + ":password}", "coal mine at noon\n"},
		{"aws", "${sm:db:password?ttl=60000}", `yellow+feathers="flying"`},
	}}
	for name, content := range map[string]string{"db.properties": "password=" + a.canaries[1].value, "password": a.canaries[2].value} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	manager := secretsManager(t, a.canaries[3].value)
	a.deployment = newDeployment(t, func(d *deployment, function string, env map[string]string) {
		if a.wire == nil {
			a.wire = newTap(t, d.lambda.URL())
		}
		env["AWS_ENDPOINT_URL_LAMBDA"] = a.wire.url
		const kafka = "org.apache.kafka.common.config.provider."
		maps.Copy(env, map[string]string{
			"CONNECT_CONFIG_PROVIDERS": "env,file,directory,sm", "CONNECT_CONFIG_PROVIDERS_FILE_CLASS": kafka + "FileConfigProvider",
			"CONNECT_CONFIG_PROVIDERS_DIRECTORY_CLASS": kafka + "DirectoryConfigProvider",
			"CONNECT_CONFIG_PROVIDERS_SM_CLASS":        "com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider",
		})
		if function == "file" {
			env["SECRET"], env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = a.canaries[0].value, manager
		}
	})
	return a
}

// secretsManager answers every GetSecretValue with one secret.
func secretsManager(t *testing.T, password string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
			http.Error(w, "what?", http.StatusBadRequest)
			return
		}
		text, _ := json.Marshal(map[string]string{"password": password})
		_ = json.NewEncoder(w).Encode(map[string]string{"Name": "db", "SecretString": string(text)})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// tap is a proxy that remembers all that passes.
type tap struct {
	url string

	mu  sync.Mutex
	all bytes.Buffer
}

func newTap(t *testing.T, api string) *tap {
	t.Helper()
	target, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	p := new(tap)
	keep := func(body io.ReadCloser) io.ReadCloser {
		content, _ := io.ReadAll(body) // of a function that was killed there is less
		_ = body.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.all.Write(append(content, '\n'))
		return io.NopCloser(bytes.NewReader(content))
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.Out.Body = keep(r.Out.Body)
		},
		ModifyResponse: func(r *http.Response) error { r.Body = keep(r.Body); return nil },
		ErrorHandler:   func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *tap) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all.String()
}

// Invariant I10, in the whole product: a secret of each provider is planted in every kind of key, and connectors fail in every way they can. It
// is in no answer, no log, no topic, no lease and no request between functions.
func TestNoSecretIsInAnythingThatADeploymentSays(t *testing.T) {
	a := newAviary(t)
	folder := t.TempDir()
	in := filepath.Join(folder, "in.txt")
	appendLines(t, in, []string{`{"schema":{"type":"struct","fields":[{"field":"a","type":"string"}]},"payload":{"a":"x"}}`})
	said := map[string]string{}
	for _, c := range a.canaries {
		name := func(kind string) string { return c.provider + "-" + kind }
		// given connectors that work, and connectors that do not
		a.create(name("in"), map[string]string{"connector.class": fileSource, "file": in, "topic": "lines", "note": c.placeholder, "producer.override.client.id": "x"})
		for kind, config := range map[string]map[string]string{
			"folder":    {"file": "/nowhere/" + c.placeholder + "/f", "transforms": "f", "transforms.f.type": "org.apache.kafka.connect.transforms.HoistField$Value", "transforms.f.field": c.placeholder},
			"transform": {"file": filepath.Join(folder, name("out")), "value.converter": "org.apache.kafka.connect.json.JsonConverter", "transforms": "f", "transforms.f.type": "org.apache.kafka.connect.transforms.ExtractField$Value", "transforms.f.field": c.placeholder},
			"letters": {"file": filepath.Join(folder, name("out2")), "value.converter": "org.apache.kafka.connect.json.JsonConverter", "transforms": "f", "transforms.f.type": "org.apache.kafka.connect.transforms.ExtractField$Value", "transforms.f.field": c.placeholder,
				"errors.tolerance": "all", "errors.log.enable": "true", "errors.log.include.messages": "true", "errors.deadletterqueue.topic.name": "letters", "errors.deadletterqueue.topic.replication.factor": "1", "errors.deadletterqueue.context.headers.enable": "true"},
		} {
			maps.Copy(config, map[string]string{"connector.class": fileSink, "topics": "lines"})
			a.create(name(kind), config)
		}
		// one that logs in to Kafka with it, or is refused for what is in it
		_, said["create "+name("login")] = a.rest("POST", "/connectors", map[string]any{"name": name("login"), "config": map[string]string{
			"connector.class": fileSource, "file": in, "topic": "lines", "producer.override.security.protocol": "SASL_PLAINTEXT", "producer.override.sasl.mechanism": "PLAIN",
			"producer.override.sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="` + c.placeholder + `";`,
		}})
		// when others are refused
		for _, key := range []string{"errors.tolerance", "tasks.max", "value.converter", "transforms.f.spec", "transforms.f.type", "producer.override.batch.size", "file"} {
			config := map[string]string{"name": name("refused"), "connector.class": fileSource, "topic": "t", "file": in, "transforms": "f", "transforms.f.type": "org.apache.kafka.connect.transforms.Cast$Value", "transforms.f.spec": "int32"}
			config[key] = c.placeholder
			_, said["validate "+c.provider+" "+key] = a.rest("PUT", "/connector-plugins/FileStreamSource/config/validate", config)
			if key != "file" {
				status, answer := a.rest("POST", "/connectors", map[string]any{"name": name("refused"), "config": config})
				said["create "+c.provider+" "+key] = answer
				if status/100 == 2 {
					t.Errorf("%s=%s was accepted: %s", key, c.placeholder, answer)
				}
			}
		}
	}
	eventually(t, 60*time.Second, "the connectors did not fail as they should", func() bool {
		a.pass()
		for _, c := range a.canaries {
			for _, kind := range []string{"folder", "transform"} {
				if _, status := a.rest("GET", "/connectors/"+c.provider+"-"+kind+"/status", nil); !strings.Contains(status, `"FAILED"`) {
					return false
				}
			}
		}
		return strings.Count(a.everything(t, "letters"), "__connect.errors.exception.message") >= len(a.canaries)
	})

	// then
	a.listen(t, said)
	for _, c := range a.canaries {
		for place, text := range said {
			for _, form := range written(c.value) {
				if i := strings.Index(text, form); i >= 0 {
					t.Errorf("the secret of %s is in the %s, as %q: …%s…", c.provider, place, form, text[max(0, i-200):min(len(text), i+200)])
				}
			}
		}
		if !strings.Contains(said["topic configs"], strings.ReplaceAll(c.placeholder, `"`, `\"`)) || !strings.Contains(said["topic letters"], c.placeholder) || !strings.Contains(said["requests between functions"], c.placeholder) {
			t.Errorf("%s is nowhere: the search looked at the wrong things", c.placeholder)
		}
	}
}

// written are the ways in which a secret is written.
func written(secret string) []string {
	secret = strings.TrimSpace(secret)
	inJSON, _ := json.Marshal(secret)
	return []string{
		secret, string(inJSON[1 : len(inJSON)-1]), strings.Trim(strconv.Quote(secret), `"`), url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), strings.ToUpper(secret),
		hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))[:len(secret)],
	}
}

// listen adds to said whatever the deployment says.
func (a *aviary) listen(t *testing.T, said map[string]string) {
	t.Helper()
	paths := []string{"/", "/connectors", "/connectors?expand=info&expand=status", "/connector-plugins", "/connector-plugins?connectorsOnly=false", "/connector-plugins/FileStreamSource/config", "/admin/loggers"}
	var names []string
	_, list := a.rest("GET", "/connectors", nil)
	if err := json.Unmarshal([]byte(list), &names); err != nil || len(names) < 4*len(a.canaries) {
		t.Fatalf("the connectors are %s, %v", list, err)
	}
	for _, name := range names {
		for _, path := range []string{"", "/config", "/tasks", "/tasks-config", "/status", "/tasks/0/status", "/offsets", "/topics"} {
			paths = append(paths, "/connectors/"+name+path)
		}
	}
	for _, path := range paths {
		_, said["GET "+path] = a.rest("GET", path, nil)
	}
	topics, err := kadm.NewClient(a.kafka).ListTopicsWithInternal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics.Names() {
		said["topic "+topic] = a.everything(t, topic)
	}
	items, err := a.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(leaseTable)})
	if err != nil || items.Count == 0 {
		t.Fatalf("%d leases, %v", items.Count, err)
	}
	for _, item := range items.Items {
		text, _ := json.Marshal(item)
		said["leases"] += fmt.Sprintf("%v %s\n", item, text)
	}
	for _, function := range []string{"ferry-api", "ferry-coordinator", "ferry-file"} {
		if said["log of "+function], err = a.lambda.Logs(function); err != nil {
			t.Fatal(err)
		}
	}
	said["requests between functions"] = a.wire.text()
}

// everything returns all that is in a topic, of aborted transactions too: keys, values and headers.
func (a *aviary) everything(t *testing.T, topic string) string {
	t.Helper()
	ends, err := kadm.NewClient(a.kafka).ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	cl, err := kgo.NewClient(kgo.SeedBrokers(a.seeds...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.KeepControlRecords())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var all strings.Builder
	for len(left) > 0 {
		fetches := cl.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			fmt.Fprintf(&all, "%s %s", r.Key, r.Value)
			for _, h := range r.Headers {
				fmt.Fprintf(&all, " %s=%s", h.Key, h.Value)
			}
			all.WriteByte('\n')
		})
	}
	return all.String()
}
