package task_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	kafka "github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
)

// canary is a secret that is planted by a provider, and must be found nowhere.
type canary struct {
	placeholder, value string
	// also are parts of it that are secret by themselves.
	also []string
}

// canaries are one for each provider, each of another shape.
func canaries() map[string]canary {
	return map[string]canary{
		"env":       {placeholder: "${env:SECRET}", value: `correct "horse" & battery/staple`},
		"short":     {placeholder: "${env:PIN}", value: "Zq-7x"},
		"file":      {placeholder: "${file:FOLDER/db.properties:password}", value: "päss=wörd:😀#!\tX"},
		"directory": {placeholder: "${directory:FOLDER:key.pem}", value: "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n+KcwggSjAgEAAoIBAQC7/A==\n-----END KEY-----\n", also: []string{"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "+KcwggSjAgEAAoIBAQC7/A=="}},
		"AWS": {
			placeholder: "${sm:db:password}", value: `org.apache.kafka.common.security.plain.PlainLoginModule required username="canary" password="tweety and sylvester";`,
			also: []string{"tweety and sylvester"},
		},
	}
}

// plant gives a function providers that know all of them.
func plant(t *testing.T, folder string) func(*task.Options) {
	t.Helper()
	all := canaries()
	escape := strings.NewReplacer(`=`, `\=`, `:`, `\:`, `\`, `\\`, "\t", `\t`, "#", `\#`, "!", `\!`)
	for name, content := range map[string]string{"db.properties": "password=" + escape.Replace(all["file"].value), "key.pem": all["directory"].value} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v := new(vault)
	v.set(all["AWS"].value)
	return func(o *task.Options) {
		env, err := kafka.NewEnvVar(nil, func(name string) (string, bool) {
			value, ok := map[string]string{"SECRET": all["env"].value, "PIN": all["short"].value}[name]
			return value, ok
		})
		if err != nil {
			t.Fatal(err)
		}
		file, err := kafka.NewFile(nil)
		if err != nil {
			t.Fatal(err)
		}
		directory, err := kafka.NewDirectory(nil)
		if err != nil {
			t.Fatal(err)
		}
		o.Providers = map[string]configdef.ConfigProvider{"env": env, "file": file, "directory": directory, "sm": v.provider(t)}
	}
}

// leaks returns where a canary is found, in any of the ways in which it is written.
func (c canary) leaks(places map[string]string) (found []string) {
	var forms []string
	for _, secret := range append([]string{c.value}, c.also...) {
		inJSON, _ := json.Marshal(secret)
		quoted := strconv.Quote(secret)
		forms = append(forms, secret, url.QueryEscape(secret), url.PathEscape(secret), string(inJSON[1:len(inJSON)-1]), quoted[1:len(quoted)-1], html.EscapeString(secret))
		if len(secret) >= 8 {
			forms = append(forms, hex.EncodeToString([]byte(secret)), strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")[:len(secret)],
				strings.ToUpper(secret), strings.ToLower(secret))
		}
	}
	for place, text := range places {
		if i := slices.IndexFunc(forms, func(form string) bool { return strings.Contains(text, form) }); i >= 0 {
			found = append(found, fmt.Sprintf("%s, as %q: %s", place, forms[i], text))
		}
	}
	return found
}

// asked is one request to a function, in which CANARY stands for a placeholder and FILE for a file that is there.
type asked struct {
	name   string
	op     invoke.Op
	config map[string]string
	fails  bool
}

func planted(class string, more ...string) map[string]string {
	c := map[string]string{"connector.class": class, "password": "CANARY", "topic": "out", "topics": "in", "kafka.topic": "out"}
	for i := 0; i < len(more); i += 2 {
		c[more[i]] = more[i+1]
	}
	return c
}

func questions() []asked {
	return []asked{
		{"a run that succeeds", invoke.OpRun, planted(fileSource, "file", "FILE"), false},
		{"a run whose connector quotes its configuration", invoke.OpRun, planted("test.TalkativeSource"), true},
		{"a run with a malformed value in the connector's own keys", invoke.OpRun, planted(fileSource, "file", "FILE", "batch.size", "CANARY"), true},
		{"a run with an unknown converter", invoke.OpRun, planted(fileSource, "value.converter", "CANARY"), true},
		{"a run with a malformed tolerance", invoke.OpRun, planted(fileSource, "errors.tolerance", "CANARY"), true},
		{"a run with an unknown transform", invoke.OpRun, planted(fileSource, "transforms", "a", "transforms.a.type", "CANARY"), true},
		{"a run with a malformed transform", invoke.OpRun, planted(fileSource, "transforms", "a", "transforms.a.type", "org.apache.kafka.connect.transforms.Cast$Value", "transforms.a.spec", "x:CANARY"), true},
		{"a run with a malformed producer setting", invoke.OpRun, planted(fileSource, "file", "FILE", "producer.override.compression.type", "CANARY"), true},
		{"a run whose login cannot be read", invoke.OpRun, planted(fileSource, "file", "FILE", "producer.override.security.protocol", "SASL_PLAINTEXT", "producer.override.sasl.mechanism", "PLAIN",
			"producer.override.sasl.jaas.config", `org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="CANARY";`), true},
		{"a sink whose key cannot be read", invoke.OpRun, planted(fileSink, "consumer.override.security.protocol", "SSL", "consumer.override.ssl.keystore.type", "PEM",
			"consumer.override.ssl.keystore.certificate.chain", "CANARY", "consumer.override.ssl.keystore.key", "CANARY"), true},
		{"a sink with a malformed regular expression", invoke.OpRun, planted(fileSink, "topics", "", "topics.regex", "(CANARY"), true},
		{"a sink whose file is a folder that is not there", invoke.OpRun, planted(fileSink, "file", "/nowhere/CANARY/f"), true},
		{"a plan", invoke.OpPlan, planted("test.TalkativeSource"), false},
		{"a plan that fails", invoke.OpPlan, planted("test.BrokenPlanSource"), true},
		{"a plan of copies", invoke.OpPlan, planted(fileSink), false},
		{"a check", invoke.OpCheck, planted("test.TalkativeSource"), false},
		{"a check of a real connector", invoke.OpCheck, planted(dataGen, "schema.string", "CANARY"), false},
		{"a validation by the connector's own code", invoke.OpValidate, planted("test.TalkativeSource"), false},
		{"a validation of every kind of key", invoke.OpValidate, planted(fileSource, "batch.size", "CANARY", "tasks.max", "CANARY", "value.converter", "CANARY",
			"transforms", "a,b", "transforms.a.type", "CANARY", "transforms.b.type", "org.apache.kafka.connect.transforms.Cast$Value", "transforms.b.spec", "x:CANARY",
			"producer.override.sasl.jaas.config", "CANARY"), false},
		{"a validation of a client's key", invoke.OpValidate, planted(fileSource, "producer.override.batch.size", "CANARY"), true},
		{"a validation of a pattern beside a dead letter topic", invoke.OpValidate, planted(fileSink, "topics", "", "topics.regex", "(CANARY", "errors.deadletterqueue.topic.name", "x"), true},
		{"an alteration that is refused", invoke.OpAlter, planted("test.TalkativeSource"), true},
		{"an unknown operation", "CANARY", planted(fileSource), true},
		{"a run whose connector panics with its configuration", invoke.OpRun, planted("test.LoudPanicSource"), true},
		{"a run whose connector encodes its configuration", invoke.OpRun, planted("test.EncodingSource"), true},
		{"a run with a topic that cannot be", invoke.OpRun, planted(fileSource, "file", "FILE", "topic", "CANARY"), true},
		{"a run whose transform makes a topic that cannot be", invoke.OpRun, planted(fileSource, "file", "FILE", "transforms", "r",
			"transforms.r.type", "org.apache.kafka.connect.transforms.RegexRouter", "transforms.r.regex", ".*", "transforms.r.replacement", "CANARY/$0"), true},
		{"a run whose transform fails", invoke.OpRun, planted(fileSink, "file", "OUT", "transforms", "x", "value.converter", "org.apache.kafka.connect.json.JsonConverter",
			"transforms.x.type", "org.apache.kafka.connect.transforms.ExtractField$Value", "transforms.x.field", "CANARY"), true},
		{"a run whose transform fails, with dead letters and logs", invoke.OpRun, planted(fileSink, "file", "OUT", "transforms", "x", "value.converter", "org.apache.kafka.connect.json.JsonConverter",
			"transforms.x.type", "org.apache.kafka.connect.transforms.ExtractField$Value", "transforms.x.field", "CANARY", "errors.tolerance", "all", "errors.log.enable", "true", "errors.log.include.messages", "true",
			"errors.deadletterqueue.topic.name", "out", "errors.deadletterqueue.context.headers.enable", "true"), false},
		{"a run with a malformed override of a client", invoke.OpRun, planted(fileSink, "file", "OUT", "consumer.override.isolation.level", "CANARY"), true},
	}
}

// Invariant I10: whatever is asked of a function, and however it ends, a secret stays inside.
func TestNoSecretLeavesTheFunction(t *testing.T) {
	for name, planted := range canaries() {
		for _, c := range questions() {
			t.Run(name+"/"+c.name, func(t *testing.T) { searchFor(t, planted, c) })
		}
	}
}

func searchFor(t *testing.T, planted canary, c asked) {
	folder := t.TempDir()
	inBubble(t, plant(t, folder), func(t *testing.T, f *function) {
		defer f.Close()
		f.raise("c", 1, generation)
		f.produce("in", `{"schema":{"type":"struct","fields":[{"field":"a","type":"string"}]},"payload":{"a":"x"}}`)
		fill := strings.NewReplacer("CANARY", strings.ReplaceAll(planted.placeholder, "FOLDER", folder), "FILE", f.write("in.txt", "one\n"), "OUT", filepath.Join(f.folder, "out.txt"))
		config := make(map[string]string)
		for key, value := range c.config {
			config[key] = fill.Replace(value)
		}
		req := request("c", config)
		req.Op, req.MaxTasks = invoke.Op(fill.Replace(string(c.op))), 1
		req.Offsets = []invoke.Offset{{Partition: json.RawMessage(`{"a":1}`), Offset: json.RawMessage(`{"a":1}`)}}
		resp := f.Handle(t.Context(), req)
		if (resp.Error != nil) != c.fails {
			t.Fatalf("it answered %+v, %+v", resp, resp.Error)
		}
		for _, leak := range planted.leaks(f.outputs(resp)) {
			t.Errorf("the secret is in the %s", leak)
		}
	})
}

// outputs are all texts in which a secret could be.
func (f *function) outputs(resp *invoke.Response) map[string]string {
	f.t.Helper()
	answer, err := json.Marshal(resp)
	if err != nil {
		f.t.Fatal(err)
	}
	item := f.item("c")
	stored, err := json.Marshal(item)
	if err != nil {
		f.t.Fatal(err)
	}
	places := map[string]string{"response": string(answer), "infos": string(resp.Infos), "lease": string(stored), "facts": string(item.Facts) + string(item.Hint), "log": f.log.String()}
	if resp.Error != nil {
		places["trace"] = resp.Error.Trace + resp.Error.Message + resp.Error.Hint
	}
	for i, config := range resp.TaskConfigs {
		places["task config "+strconv.Itoa(i)] = fmt.Sprint(config)
	}
	for _, topic := range []string{"out", "offsets"} {
		places["topic "+topic] = f.everything(topic)
	}
	return places
}

// The worker's own password, which Kafka refuses.
func TestAPasswordThatKafkaRefusesIsToldToNobody(t *testing.T) {
	const password = `correct "horse" & battery/staple`
	t.Setenv("FERRY_CANARY", strings.ReplaceAll(password, `"`, `\"`))
	for _, ofBroker := range []string{password, "another password"} {
		loginToKafka(t, password, ofBroker)
	}
}

func loginToKafka(t *testing.T, password, ofBroker string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := new(kfake.VirtualNetwork)
		broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(1, "out", "offsets"),
			kfake.EnableSASL(), kfake.Superuser("PLAIN", "ferry", ofBroker))
		if err != nil {
			t.Fatal(err)
		}
		defer broker.Close()
		f := newFunction(t, broker, network, func(o *task.Options) {
			if o.Worker, err = worker.New(map[string]string{
				"bootstrap.servers": strings.Join(broker.ListenAddrs(), ","), "group.id": "g",
				"config.storage.topic": "configs", "offset.storage.topic": "offsets", "status.storage.topic": "status",
				"key.converter": "org.apache.kafka.connect.storage.StringConverter", "value.converter": "org.apache.kafka.connect.storage.StringConverter",
				"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
				"sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required username="ferry" password="${env:FERRY_CANARY}";`,
				"config.providers": "env", "config.providers.env.class": "EnvVarConfigProvider",
			}); err != nil {
				t.Fatal(err)
			}
			o.Providers = o.Worker.Providers()
		})
		defer f.offsets.Close()
		defer f.Close()
		security, err := f.Worker.Kafka()
		if err != nil {
			t.Fatal(err)
		}
		offsets, err := store.OpenOffsets(store.Options{Kafka: append(security, f.dial...), GroupID: "g", OffsetTopic: "offsets"})
		if err != nil {
			t.Fatal(err)
		}
		defer offsets.Close()
		f.Offsets = task.OffsetsOf(offsets)
		f.raise("c", 1, generation)
		resp := f.Handle(t.Context(), request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")}))
		if (resp.Error != nil) != (password != ofBroker) {
			t.Errorf("it answered %+v to a broker with the password %s", resp.Error, ofBroker)
		}
		answer, err := json.Marshal(resp)
		if err != nil {
			t.Fatal(err)
		}
		c := canary{placeholder: "${env:FERRY_CANARY}", value: password, also: []string{strings.ReplaceAll(password, `"`, `\"`)}}
		for _, leak := range c.leaks(map[string]string{"response": string(answer), "lease": string(f.item("c").Facts) + f.item("c").LastError, "log": f.log.String()}) {
			t.Errorf("the secret is in the %s", leak)
		}
	})
}

func TestTheCanariesAreWhereTheyWerePlanted(t *testing.T) {
	folder := t.TempDir()
	inBubble(t, plant(t, folder), func(t *testing.T, f *function) {
		for name, c := range canaries() {
			for _, v := range configdef.Variables(strings.ReplaceAll(c.placeholder, "FOLDER", folder)) {
				data, err := f.Providers[v.Provider].Get(t.Context(), v.Path, []string{v.Key})
				if err != nil || data.Data[v.Key] != c.value {
					t.Errorf("%s: %v is %q, %v", name, v, data.Data[v.Key], err)
				}
			}
			for _, text := range []string{c.value, url.QueryEscape(c.value), strconv.Quote(c.value)} {
				if len(c.leaks(map[string]string{"x": "with " + text + "."})) != 1 {
					t.Errorf("%s is not found in %s", name, text)
				}
			}
		}
	})
}
