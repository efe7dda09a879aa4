package task_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider/awsprovider"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/task"
)

// vault is Secrets Manager with one secret, as its API answers.
type vault struct {
	mu    sync.Mutex
	value map[string]string
	fail  string // the code of every answer
	asked int
}

// Do implements the SDK's HTTPClient.
func (v *vault) Do(r *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked++
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if v.fail != "" {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": v.fail})
	} else {
		text, _ := json.Marshal(v.value)
		_ = json.NewEncoder(w).Encode(map[string]string{"Name": "db", "SecretString": string(text)})
	}
	return w.Result(), nil
}

func (v *vault) set(password string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.value = map[string]string{"password": password}
}

func (v *vault) questions() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked
}

// provider is the config provider that asks the vault.
func (v *vault) provider(t *testing.T) configdef.ConfigProvider {
	t.Helper()
	p, err := awsprovider.New("SecretsManagerConfigProvider", map[string]string{"region": "eu-west-1"}, awsprovider.Options{HTTP: v, Getenv: func(name string) string {
		return map[string]string{"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}[name]
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// inVault runs a test with a function that has the vault as the provider sm.
func inVault(t *testing.T, f func(t *testing.T, f *function, v *vault)) {
	t.Helper()
	v := new(vault)
	v.set("the first password")
	change := func(o *task.Options) {
		o.Providers = map[string]configdef.ConfigProvider{"sm": v.provider(t)}
		o.Limits.Sessions = 1
	}
	inBubble(t, change, func(t *testing.T, fn *function) {
		defer fn.Close()
		f(t, fn, v)
	})
}

func login(extra ...string) map[string]string {
	config := map[string]string{"connector.class": "test.LoginSource", "password": "${sm:db:password}", "kafka.topic": "out"}
	for i := 0; i < len(extra); i += 2 {
		config[extra[i]] = extra[i+1]
	}
	return config
}

func TestATaskWhoseSecretWasRotatedIsRunOnceMoreWithTheNewOne(t *testing.T) {
	inVault(t, func(t *testing.T, f *function, v *vault) {
		f.raise("c", 1, generation)
		f.passwords.set("the first password")
		if resp := f.Handle(t.Context(), request("c", login())); resp.Error != nil {
			t.Fatal(resp.Error)
		}
		// when it is rotated on both sides
		v.set("the second password")
		f.passwords.set("the second password")
		pass(t, time.Minute)
		resp := f.Handle(t.Context(), request("c", login()))
		// then
		if resp.Error != nil || v.questions() != 2 || f.passwords.tried() != 3 {
			t.Errorf("it answered %+v, after %d questions and %d logins", resp.Error, v.questions(), f.passwords.tried())
		}
		if log := f.log.String(); !strings.Contains(log, "have changed") || strings.Contains(log, "first password") || strings.Contains(log, "second password") {
			t.Errorf("the log is %s", log)
		}
	})
}

func TestATaskThatFailsWithASecretThatIsCurrentIsNotRunAgain(t *testing.T) {
	inVault(t, func(t *testing.T, f *function, v *vault) {
		f.raise("c", 1, generation)
		f.passwords.set("another password")
		if resp := f.Handle(t.Context(), request("c", login())); resp.Error == nil || f.passwords.tried() != 1 || v.questions() != 1 {
			t.Errorf("it answered %+v, after %d questions and %d logins", resp.Error, v.questions(), f.passwords.tried())
		}
		pass(t, 3*time.Minute)
		if resp := f.Handle(t.Context(), request("c", login())); resp.Error == nil || f.passwords.tried() != 2 || v.questions() != 2 {
			t.Errorf("it answered %+v, after %d questions and %d logins", resp.Error, v.questions(), f.passwords.tried())
		}
	})
}

func TestWhoPlansOrValidatesIsAnsweredByTheCurrentSecret(t *testing.T) {
	inVault(t, func(t *testing.T, f *function, v *vault) {
		for want := 1; want <= 2; want++ {
			req := request("c", login())
			req.Op, req.MaxTasks = invoke.OpPlan, 1
			if resp := f.Handle(t.Context(), req); resp.Error != nil || v.questions() != want {
				t.Errorf("it answered %+v after %d questions", resp.Error, v.questions())
			}
			pass(t, time.Second)
		}
	})
}

func TestAProviderThatIsThrottledIsAskedAgainSoon(t *testing.T) {
	inVault(t, func(t *testing.T, f *function, v *vault) {
		f.raise("c", 1, generation)
		v.fail = "ThrottlingException"
		resp := f.Handle(t.Context(), request("c", login()))
		if resp.Error == nil || resp.Error.Kind != connect.KindRetriable || !strings.Contains(resp.Error.Trace, "the key password of the secret db") {
			t.Fatalf("it answered %+v", resp.Error)
		}
		if rest := time.Until(f.item("c").NotBefore); rest > 5*time.Second {
			t.Errorf("it rests for %v", rest)
		}
	})
}

func TestAnInvocationEndsWhenTheTimeOfItsSecretsIsOver(t *testing.T) {
	for _, c := range []struct {
		name   string
		config []string
		want   time.Duration
	}{
		{"a secret without a ttl", nil, 50 * time.Second},
		{"a secret with one", []string{"password", "${sm:db:password?ttl=20000}"}, 20 * time.Second},
		{"a secret with a ttl that is longer than the invocation", []string{"password", "${sm:db:password?ttl=200000}"}, 50 * time.Second},
		{"a secret with a ttl in which nothing can be done", []string{"password", "${sm:db:password?ttl=1}"}, 10 * time.Second},
		{"a connector that is not to be restarted", []string{"password", "${sm:db:password?ttl=20000}", "config.action.reload", " NONE "}, 50 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inVault(t, func(t *testing.T, f *function, _ *vault) {
				f.Limits.Idle = time.Hour
				f.raise("c", 1, generation)
				f.passwords.set("the first password")
				begin := time.Now()
				resp := f.Handle(t.Context(), request("c", login(c.config...)))
				if took := time.Since(begin); resp.Error != nil || took < c.want || took > c.want+3*time.Second {
					t.Errorf("it lasted %v, and answered %+v", took, resp.Error)
				}
			})
		})
	}
}
