package environment

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func from(vars map[string]string) (*Environment, error) {
	var environ []string
	for k, v := range vars {
		environ = append(environ, k+"="+v)
	}
	return read(environ, func(name string) string { return vars[name] })
}

func complete() map[string]string {
	return map[string]string{
		"AWS_REGION": "eu-central-1", "FERRY_LEASE_TABLE": "leases", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"CONNECT_BOOTSTRAP_SERVERS": "b:9092", "CONNECT_GROUP_ID": "g", "CONNECT_CONFIG_STORAGE_TOPIC": "c",
		"CONNECT_OFFSET_STORAGE_TOPIC": "o", "CONNECT_STATUS_STORAGE_TOPIC": "s",
		"CONNECT_KEY_CONVERTER": "K", "CONNECT_VALUE_CONVERTER": "V",
	}
}

func TestACompleteEnvironmentIsUnderstood(t *testing.T) {
	e, err := from(complete())
	if err != nil {
		t.Fatal(err)
	}
	if e.Worker.GroupID != "g" || e.Memory != 128<<20 || e.Prefix() != "ferry-" {
		t.Errorf("read %+v, prefix %q", e, e.Prefix())
	}
	if e.endpoint("LAMBDA") != nil {
		t.Error("an endpoint was made up")
	}
}

func TestEverythingMissingIsNamedAtOnce(t *testing.T) {
	_, err := from(map[string]string{"FERRY_LOG_LEVEL": "LOUD"})
	if err == nil {
		t.Fatal("an empty environment was accepted")
	}
	for _, name := range []string{"AWS_REGION", "FERRY_LEASE_TABLE", "FERRY_LOG_LEVEL", "bootstrap.servers", "group.id"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
}

func TestAServicesOwnEndpointGoesBeforeTheGeneralOne(t *testing.T) {
	vars := complete()
	maps.Copy(vars, map[string]string{"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_DYNAMODB": "http://ddb"})
	e, err := from(vars)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{*e.endpoint("DYNAMODB"), *e.endpoint("LAMBDA")}
	if want := []string{"http://ddb", "http://all"}; !slices.Equal(got, want) {
		t.Errorf("endpoints %v, want %v", got, want)
	}
}

func TestALeaseLastsTwoMinutesOrAsManySecondsAsTheEnvironmentSays(t *testing.T) {
	for text, want := range map[string]struct{ lease, grace time.Duration }{
		"":    {2 * time.Minute, 10 * time.Second},
		"4":   {4 * time.Second, 2 * time.Second},
		"900": {15 * time.Minute, 10 * time.Second},
	} {
		vars := complete()
		vars["FERRY_LEASE_SECONDS"] = text
		e, err := from(vars)
		if err != nil || e.Lease != want.lease || e.grace != want.grace {
			t.Errorf("%q was read as %+v, %v", text, e, err)
		}
	}
	for _, text := range []string{"1", "901", "-4", "4s", "soon"} {
		vars := complete()
		vars["FERRY_LEASE_SECONDS"] = text
		if _, err := from(vars); err == nil || !strings.Contains(err.Error(), "FERRY_LEASE_SECONDS") || !strings.Contains(err.Error(), text) {
			t.Errorf("%q was answered %v", text, err)
		}
	}
}

func TestTheGraceOfLeasesIsADurationAboveZero(t *testing.T) {
	for text, ok := range map[string]bool{"": true, "500ms": true, "0s": false, "-1s": false, "10": false, "soon": false} {
		vars := complete()
		vars[LeaseGrace] = text
		if _, err := from(vars); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "FERRY_LEASE_GRACE") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestClassesOfOnesOwnComeFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.json")
	own := `[{"class":"org.example.Own","type":"source","function":"own","task_class":"org.example.Task","config":[]}]`
	if err := os.WriteFile(path, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{path: "", path + "x": "FERRY_CATALOG", "/dev/null": "/dev/null"} {
		vars := complete()
		vars[Catalog] = path
		e, err := from(vars)
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.Classes()
		switch {
		case want != "":
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v", path, err)
			}
		case err != nil:
			t.Error(err)
		default:
			if function, ok := c.FunctionOf("org.example.Own"); !ok || function != "own" {
				t.Errorf("org.example.Own is served by %q, %v", function, ok)
			}
		}
	}
}
