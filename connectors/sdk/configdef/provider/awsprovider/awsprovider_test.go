package awsprovider_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider/awsprovider"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	secrets    = packageName + "SecretsManagerConfigProvider"
	parameters = packageName + "SsmParamStoreConfigProvider"
	imports    = packageName + "S3ImportConfigProvider"
)

func TestTheClassesAreKnownByEveryNameTheyWerePublishedUnder(t *testing.T) {
	for _, class := range []string{"SecretsManagerConfigProvider", "SsmParamStoreConfigProvider", "S3ImportConfigProvider"} {
		for _, prefix := range []string{"com.amazonaws.kafka.config.providers.", "software.amazon.msk.config.providers.", ""} {
			if !awsprovider.Knows(prefix + class) {
				t.Errorf("%s%s is not known", prefix, class)
			}
			if _, err := awsprovider.New(prefix+class, nil, awsprovider.Options{}); err != nil {
				t.Error(err)
			}
		}
	}
	if awsprovider.Knows("com.example.SecretsManagerConfigProvider") {
		t.Error("somebody else's class is known")
	}
	if _, err := awsprovider.New(secrets, map[string]string{"notfoundstrategy": "perhaps"}, awsprovider.Options{}); err == nil || !strings.Contains(err.Error(), "NotFoundStrategy") {
		t.Errorf("a strategy there is not: got %v", err)
	}
}

func TestMembersOfASecretAreOneCall(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		p := c.provider(t, secrets, nil)
		got := get(t, p, "db", "user", "password", "port", "tls", "none", "empty")
		want := map[string]string{"user": "alice", "password": "s3cr3t", "port": "5432", "tls": "true", "empty": ""}
		if !maps.Equal(got, want) || c.calls() != 1 {
			t.Errorf("got %v", got)
		}
		if got := get(t, p, "", "user"); len(got) != 0 || c.calls() != 0 {
			t.Errorf("without a path: got %v", got)
		}
	})
}

func TestAnARNIsUnderstoodAsItIsAndEncoded(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		p := c.provider(t, secrets, map[string]string{"region": "eu-central-1"})
		transformer := configdef.NewConfigTransformer(map[string]configdef.ConfigProvider{"sm": p})
		result, err := transformer.Transform(t.Context(), map[string]string{
			"raw":     "${sm:arn:aws:secretsmanager:us-east-2:1:secret:far-AbCdEf:k}",
			"encoded": "${sm:arn%3Aaws%3asecretsmanager%3Aus-east-2%3A1%3Asecret%3Afar-AbCdEf:k?ttl=1000}",
		})
		if err != nil || result.Data["raw"] != "far away" || result.Data["encoded"] != "far away" {
			t.Fatalf("got %v, %v", result.Data, err)
		}
		for _, asked := range c.asked {
			if !strings.HasPrefix(asked, "secretsmanager.us-east-2.") {
				t.Errorf("it asked %s", asked)
			}
		}
		if _, err := p.Get(t.Context(), "arn", []string{"aws:secretsmanager:us-east-2:1:secret:far-AbCdEf"}); connect.KindOf(err) != connect.KindConfig {
			t.Errorf("an ARN without a key: got %v", err)
		}
	})
}

func TestTheRegionIsTheParamsThenTheProcesss(t *testing.T) {
	for _, tc := range []struct {
		name   string
		params map[string]string
		env    []string
		host   string
	}{
		{"the param", map[string]string{"REGION": " eu-central-1 "}, nil, "secretsmanager.eu-central-1.amazonaws.com"},
		{"the process", nil, nil, "secretsmanager.eu-west-1.amazonaws.com"},
		{"another variable", nil, []string{"AWS_REGION", "", "AWS_DEFAULT_REGION", "us-west-2"}, "secretsmanager.us-west-2.amazonaws.com"},
		{"an endpoint of the service", map[string]string{"endpoint": " "}, []string{"AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://vpce", "AWS_ENDPOINT_URL", "http://all"}, "vpce"},
		{"an endpoint of all", nil, []string{"AWS_ENDPOINT_URL", "http://all"}, "all"},
		{"an endpoint by param", map[string]string{"endpoint": "http://param"}, []string{"AWS_ENDPOINT_URL", "http://all"}, "param"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inCloud(t, func(t *testing.T, c *cloud) {
				get(t, c.provider(t, secrets, tc.params, tc.env...), "db", "user")
				if len(c.asked) != 1 || !strings.HasPrefix(c.asked[0], tc.host+" ") {
					t.Errorf("it asked %q", c.asked)
				}
			})
		})
	}
}

func TestParametersAreAskedForByTenAndDecrypted(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		keys := []string{"/prod/user", "/prod/password", "plain?ttl=5000", "/prod/user:3", "ghost"}
		for i := range 9 {
			name := fmt.Sprintf("n%d", i)
			c.parameters[name] = name
			keys = append(keys, name)
		}
		data, err := c.provider(t, parameters, nil).Get(t.Context(), "", keys)
		if err != nil {
			t.Fatal(err)
		}
		got := data.Data
		if got["/prod/user"] != "bob" || got["/prod/password"] != "p4ss" || got["plain?ttl=5000"] != "x" || got["/prod/user:3"] != "the third" || got["n8"] != "n8" {
			t.Errorf("got %v", got)
		}
		if value, ok := got["ghost"]; !ok || value != "" || data.TTL != 5*time.Second {
			t.Errorf("what is not there is %q, %v; the ttl is %v", value, ok, data.TTL)
		}
		if c.calls() != 2 {
			t.Error("fourteen parameters are not two calls")
		}
		for path, key := range map[string]string{"arn": "aws:ssm:us-east-2:1:parameter/far", "": "arn:aws:ssm:us-east-2:1:parameter/far"} {
			if got := get(t, c.provider(t, parameters, nil), path, key); got[key] != "far away" || !strings.HasPrefix(c.asked[len(c.asked)-1], "ssm.us-east-2.") {
				t.Errorf("by its ARN, with the path %q: got %v", path, got)
			}
		}
	})
}

func TestWhatIsNotThereIsEmptyOrAnErrorByTheStrategy(t *testing.T) {
	for _, tc := range []struct{ class, path, key, names string }{
		{secrets, "db", "ghost", "the secret db has no key ghost"},
		{secrets, "ghost", "user", "there is no secret ghost, which the key user is to be read from"},
		{parameters, "", "ghost", "there is no parameter ghost"},
	} {
		inCloud(t, func(t *testing.T, c *cloud) {
			for _, params := range []map[string]string{nil, {"NotFoundStrategy": "ignore"}} {
				if value, ok := get(t, c.provider(t, tc.class, params), tc.path, tc.key)[tc.key]; !ok || value != "" {
					t.Errorf("%s: with %v it is %q, %v", tc.names, params, value, ok)
				}
			}
			// As an environment variable names it.
			_, err := c.provider(t, tc.class, map[string]string{"notfoundstrategy": "fail"}).Get(t.Context(), tc.path, []string{tc.key})
			if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), tc.names) {
				t.Errorf("got %v, want %s", err, tc.names)
			}
		})
	}
}

func TestASecretThatIsNoObjectIsNamedAndNotQuoted(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		p := c.provider(t, secrets, nil)
		for id, key := range map[string]string{"text": "k", "list": "k", "null": "k", "binary": "k", "db": "deep"} {
			_, err := p.Get(t.Context(), id, []string{key})
			if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), "secret "+id) || strings.Contains(connect.Trace(err), "s3cr3t") {
				t.Errorf("%s: got %v", id, err)
			}
		}
	})
}

func TestAMalformedTTLIsRefused(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		for _, class := range []string{secrets, parameters, imports} {
			for _, key := range []string{"user?ttl=0", "user?ttl=-1", "user?ttl=soon", "user?ttl=", "user?a=b,ttl=1.5", "user?ttl=9223372036854775807"} {
				if _, err := c.provider(t, class, nil).Get(t.Context(), "db", []string{key}); connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), key) {
					t.Errorf("%s: got %v", key, err)
				}
			}
		}
		if got := get(t, c.provider(t, secrets, nil), "db", "user?later=1", "user?"); got["user?later=1"] != "alice" || got["user?"] != "alice" {
			t.Errorf("options that are not known: got %v", got)
		}
	})
}

func TestAValueIsAskedForAgainWhenItsLifetimeIsOver(t *testing.T) {
	for class, path := range map[string]string{secrets: "db", parameters: ""} {
		inCloud(t, func(t *testing.T, c *cloud) {
			p := c.provider(t, class, nil)
			c.parameters["user"] = "bob"
			asks := func(keys ...string) int {
				get(t, p, path, keys...)
				return c.calls()
			}
			if asks("user") != 1 || asks("user", "user?later=1") != 0 {
				t.Errorf("%s: a value is not kept", class)
			}
			pass(t, 5*time.Minute-time.Second)
			if asks("user") != 0 {
				t.Errorf("%s: it was asked for after less than five minutes", class)
			}
			pass(t, time.Second)
			if asks("user") != 1 {
				t.Errorf("%s: it was not asked for after five minutes", class)
			}
			pass(t, 10*time.Second)
			if asks("user?ttl=11000") != 0 || asks("user?ttl=10000") != 1 {
				t.Errorf("%s: a ttl counts for nothing", class)
			}
		})
	}
}

func TestWhatIsForgottenIsAskedForAgain(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		p := c.provider(t, secrets, nil).(*awsprovider.SecretsManager)
		before := time.Now()
		get(t, p, "db", "user")
		if p.Forget(before) {
			t.Error("what was asked for later was forgotten")
		}
		pass(t, time.Second)
		c.secrets["db"]["SecretString"] = `{"user":"carol"}`
		if !p.Forget(time.Now()) || get(t, p, "db", "user")["user"] != "carol" {
			t.Error("it was not asked for again")
		}
	})
}

func TestOnlySoManyValuesAreKept(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		p := c.provider(t, secrets, nil)
		for i := range 65 {
			id := fmt.Sprint("s", i)
			c.secrets[id] = map[string]any{"SecretString": `{"k":"v"}`}
			get(t, p, id, "k")
			pass(t, time.Second)
		}
		c.calls()
		get(t, p, "s64", "k")
		get(t, p, "s1", "k")
		if c.calls() != 0 {
			t.Error("younger values are not kept")
		}
		if get(t, p, "s0", "k"); c.calls() != 1 {
			t.Error("the oldest is still kept")
		}
	})
}

func TestTasksThatStartTogetherAskOnce(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		p := c.provider(t, secrets, nil)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { get(t, p, "db", "user") })
		}
		all.Wait()
		if n := c.calls(); n != 1 {
			t.Errorf("they asked %d times", n)
		}
	})
}

func TestWhatMayPassIsTriedAgainAndWhatMayNotIsExplained(t *testing.T) {
	repeat := func(f failure, n int) []failure { return slices.Repeat([]failure{f}, n) }
	for _, tc := range []struct {
		name  string
		fail  []failure
		kind  connect.ErrorKind
		calls int
		says  string // empty when it succeeds in the end
	}{
		{"throttled for a while", repeat(failure{400, "ThrottlingException"}, 4), 0, 5, ""},
		{"throttled for long", repeat(failure{400, "ThrottlingException"}, 9), connect.KindRetriable, 5, "ThrottlingException"},
		{"an outage", repeat(failure{500, "InternalServiceError"}, 9), connect.KindRetriable, 5, "InternalServiceError"},
		{"no access", repeat(failure{400, "AccessDeniedException"}, 1), connect.KindConfig, 1, "to the role"},
		{"credentials that ended", repeat(failure{400, "ExpiredTokenException"}, 9), connect.KindConfig, 1, "credentials"},
		{"a key that may not be used", repeat(failure{400, "DecryptionFailure"}, 1), connect.KindConfig, 1, "kms:Decrypt"},
	} {
		for class, what := range map[string]string{secrets: "the key k of the secret db", parameters: "the parameters k"} {
			t.Run(tc.name+"/"+what, func(t *testing.T) {
				inCloud(t, func(t *testing.T, c *cloud) {
					c.secrets["db"]["SecretString"] = `{"k":"v"}`
					c.parameters["k"] = "v"
					c.fail = slices.Clone(tc.fail)
					begin := time.Now()
					data, err := c.provider(t, class, nil).Get(t.Context(), "db", []string{"k"})
					if n := c.calls(); n != tc.calls || time.Since(begin) > 6*time.Second {
						t.Errorf("it asked %d times in %v", n, time.Since(begin))
					}
					if tc.says == "" {
						if err != nil || data.Data["k"] != "v" {
							t.Errorf("got %v, %v", data, err)
						}
						return
					}
					if connect.KindOf(err) != tc.kind || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), tc.says) {
						t.Errorf("got a %v error: %v", connect.KindOf(err), err)
					}
				})
			})
		}
	}
}

func TestAServiceThatCannotBeReachedIsAskedAgainLater(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		c.silent = true
		p := c.provider(t, secrets, nil)
		begin := time.Now()
		_, err := p.Get(t.Context(), "db", []string{"user"})
		if connect.KindOf(err) != connect.KindRetriable || !strings.Contains(err.Error(), "VPC endpoint") || time.Since(begin) != 6*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Get(ctx, "db", []string{"user"}); err == nil {
			t.Error("it answered somebody who is gone")
		}
	})
}

func TestAProcessWithoutRegionOrCredentialsIsTold(t *testing.T) {
	inCloud(t, func(t *testing.T, c *cloud) {
		for variable, says := range map[string]string{"AWS_REGION": "region", "AWS_ACCESS_KEY_ID": "AWS_ACCESS_KEY_ID"} {
			_, err := c.provider(t, secrets, nil, variable, "").Get(t.Context(), "db", []string{"user"})
			if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), says) || c.calls() != 0 {
				t.Errorf("without %s: %v", variable, err)
			}
		}
	})
}
