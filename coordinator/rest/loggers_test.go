package rest_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/rest"
)

const sinkTask = "/admin/loggers/org.apache.kafka.connect.runtime.WorkerSinkTask"

func TestLoggersListThePartsAndTheConnectorsOfEveryFunction(t *testing.T) {
	c := newCluster(t)
	list := c.expect(http.StatusOK, "GET", "/admin/loggers", "")
	for _, name := range []string{loggers.Root, loggers.SinkTask, loggers.REST, "org.apache.kafka.connect.file.FileStreamSourceConnector"} {
		if want := fmt.Sprintf(`%q:{"level":"INFO","last_modified":null}`, name); !strings.Contains(list, want) {
			t.Errorf("%s is not in %s", want, list)
		}
	}
	c.expect(http.StatusOK, "PUT", sinkTask, `{"level":"OFF"}`)
	if list = c.expect(http.StatusOK, "GET", "/admin/loggers/", ""); strings.Contains(list, "WorkerSinkTask") {
		t.Errorf("a logger that is off is in %s", list)
	}
	c.expect(http.StatusOK, "GET", sinkTask, "")
}

func TestALevelOfTheClusterReachesTheOtherProcesses(t *testing.T) {
	c := newCluster(t)
	there := loggers.New(slog.LevelInfo, time.Now)
	other := c.second(func(o *rest.Options) { o.Loggers = there })
	c.expect(http.StatusNoContent, "PUT", sinkTask+"?scope=cluster", `{"level":"debug"}`)
	c.expect(http.StatusOK, "PUT", "/admin/loggers/root?scope=worker", `{"level":"ERROR"}`)

	// The other heeds it at its next request, and not what was meant for the first alone.
	if code := other("GET", "/connectors", ""); code != http.StatusOK {
		t.Fatalf("the other process answers %d", code)
	}
	if code := other("GET", "/connectors", ""); code != http.StatusOK {
		t.Fatalf("the other process answers %d", code)
	}
	if got, _ := there.Level(loggers.SinkTask); got.Level != slog.LevelDebug {
		t.Errorf("the level there is %v", got.Level)
	}
	if got, _ := there.Level(loggers.Root); got.Level != slog.LevelInfo {
		t.Errorf("the level of the root logger there is %v", got.Level)
	}

	// A process that sets its own level has heard before of what was set for all.
	c.expect(http.StatusNoContent, "PUT", "/admin/loggers/x?scope=cluster", `{"level":"warn"}`)
	if code := other("PUT", "/admin/loggers/x", `{"level":"debug"}`); code != http.StatusOK {
		t.Fatalf("the other process answers %d", code)
	}
	other("GET", "/admin/loggers", "")
	if got, _ := there.Level("x"); got.Level != slog.LevelDebug {
		t.Errorf("the level of x there is %v", got.Level)
	}
}

func TestLoggersAreServedUnlessAdminListenersSayOtherwise(t *testing.T) {
	for _, value := range []string{"", "http://127.0.0.1:8084"} {
		c := newCluster(t, func(o *rest.Options) { o.Worker = workerWith(t, "admin.listeners", value) })
		c.expect(http.StatusNotFound, "GET", "/admin/loggers", "")
	}
	newCluster(t, func(o *rest.Options) { o.Loggers = nil }).expect(http.StatusNotFound, "GET", "/admin/loggers/root", "")
}

func TestLevelsThatCannotBeReadAreRefused(t *testing.T) {
	c := newCluster(t)
	for _, step := range []struct {
		body   string
		status int
		says   string
	}{
		{`{}`, http.StatusBadRequest, "Desired 'level' parameter was not specified in request."},
		{`{"level":null}`, http.StatusBadRequest, "Desired 'level' parameter was not specified in request."},
		{`{"level":""}`, http.StatusNotFound, "invalid log level ''."},
		{`{"level":true}`, http.StatusNotFound, "invalid log level 'true'."},
		{`{"level":{}}`, http.StatusInternalServerError, "java.lang.String"},
		{`{"level":"info","x":[]}`, http.StatusInternalServerError, "java.lang.String"},
		{`[]`, http.StatusInternalServerError, "JSON"},
		{`null`, http.StatusInternalServerError, "level"},
	} {
		if got := c.expect(step.status, "PUT", "/admin/loggers/a", step.body); !strings.Contains(got, step.says) {
			t.Errorf("%s is answered with %s, which does not say %q", step.body, got, step.says)
		}
	}
	c.expect(http.StatusNotFound, "GET", "/admin/loggers/a", "")
	if got := c.expect(http.StatusOK, "PUT", "/admin/loggers/a", `{"level":" debug ","x":"y"}`); got != `["a"]` {
		t.Errorf("changed are %s", got)
	}
}
