package quickstart_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/quickstart"
)

// api is as much of the REST API as a quickstart needs.
type api struct {
	configs map[string]map[string]string
	calls   []string
	refuse  bool
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.calls = append(a.calls, r.Method+" "+r.URL.Path)
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/connectors/"), "/config")
	answer := func(status int, body any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // whoever asked fails without an answer
	}
	switch {
	case a.refuse && r.Method != http.MethodGet:
		answer(http.StatusBadRequest, map[string]any{"error_code": 400, "message": "no such class"})
	case r.Method == http.MethodPost:
		var body struct {
			Name   string
			Config map[string]string
		}
		if json.NewDecoder(r.Body).Decode(&body) != nil {
			answer(http.StatusBadRequest, nil)
			return
		}
		a.configs[body.Name] = body.Config
		answer(http.StatusCreated, body)
	case r.Method == http.MethodPut:
		var config map[string]string
		if json.NewDecoder(r.Body).Decode(&config) != nil {
			answer(http.StatusBadRequest, nil)
			return
		}
		a.configs[name] = config
		answer(http.StatusOK, config)
	case a.configs[name] == nil:
		answer(http.StatusNotFound, map[string]any{"error_code": 404, "message": "Connector " + name + " not found"})
	default:
		answer(http.StatusOK, a.configs[name])
	}
}

func options(t *testing.T, a *api, file string, chosen bool) quickstart.Options {
	t.Helper()
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return quickstart.Options{
		URL: s.URL, Client: s.Client(), Copy: "/data/copy.txt", Chosen: chosen,
		File: func() (quickstart.File, error) { return quickstart.Look(file, time.Now()) },
		Look: func(path string) (quickstart.File, error) { return quickstart.Look(path, time.Now()) },
	}
}

func TestTheFirstStartCreatesBothConnectors(t *testing.T) {
	file := write(t, t.TempDir(), "a.log", "x\n", time.Now())
	a := &api{configs: map[string]map[string]string{}}

	r, err := quickstart.Run(t.Context(), options(t, a, file, false))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Created, []string{quickstart.Source, quickstart.Sink}) || r.File.Path != file || r.Copy != "/data/copy.txt" || r.Changed {
		t.Errorf("result is %+v", r)
	}
	source, sink := a.configs[quickstart.Source], a.configs[quickstart.Sink]
	if source["connector.class"] != "FileStreamSource" || source["file"] != file || source["topic"] != quickstart.Topic {
		t.Errorf("the source is %v", source)
	}
	if sink["connector.class"] != "FileStreamSink" || sink["file"] != "/data/copy.txt" || sink["topics"] != quickstart.Topic {
		t.Errorf("the sink is %v", sink)
	}
}

func TestALaterStartLeavesThemAsTheyAre(t *testing.T) {
	old := write(t, t.TempDir(), "old.log", "x\n", time.Now())
	a := &api{configs: map[string]map[string]string{quickstart.Source: {"file": old}, quickstart.Sink: {"file": "/else/where"}}}

	r, err := quickstart.Run(t.Context(), options(t, a, "/another/default", false))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Created) > 0 || r.Changed || r.File.Path != old || r.Copy != "/else/where" {
		t.Errorf("result is %+v", r)
	}
	for _, call := range a.calls {
		if !strings.HasPrefix(call, "GET ") {
			t.Errorf("called %s", call)
		}
	}
}

func TestAFileThatTheUserNamesReplacesTheOldOne(t *testing.T) {
	named := write(t, t.TempDir(), "new.log", "x\n", time.Now())
	a := &api{configs: map[string]map[string]string{quickstart.Source: {"file": "/old", "batch.size": "7"}, quickstart.Sink: {"file": "/copy"}}}

	r, err := quickstart.Run(t.Context(), options(t, a, named, true))
	if err != nil {
		t.Fatal(err)
	}
	if got := a.configs[quickstart.Source]; !r.Changed || got["file"] != named || got["batch.size"] != "7" {
		t.Errorf("result is %+v, the source %v", r, got)
	}
}

func TestARefusalOfTheAPIIsTold(t *testing.T) {
	file := write(t, t.TempDir(), "a.log", "x\n", time.Now())
	a := &api{configs: map[string]map[string]string{}, refuse: true}
	_, err := quickstart.Run(t.Context(), options(t, a, file, false))
	if err == nil || !strings.Contains(err.Error(), quickstart.Source) || !strings.Contains(err.Error(), "no such class") {
		t.Errorf("error is %v, want one that names the connector and the reason", err)
	}
}

func write(t *testing.T, folder, name, text string, at time.Time) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheLogFileThatWasWrittenLastIsChosen(t *testing.T) {
	now, folder := time.Now(), t.TempDir()
	write(t, folder, "old.log", "x\n", now.Add(-48*time.Hour))
	want := write(t, folder, "nginx/access.log", "x\n", now.Add(-time.Minute))
	write(t, folder, "empty.log", "", now)
	huge := write(t, folder, "huge.log", "", now)
	if err := os.Truncate(huge, 1<<30); err != nil { // a hole, which takes no space
		t.Fatal(err)
	}
	write(t, folder, "binary.dat", "x", now)

	f, err := quickstart.Choose(folder, "/fallback", now)
	if err != nil {
		t.Fatal(err)
	}
	if f.Path != want || !f.Grows || f.Size != 2 {
		t.Errorf("chose %+v, want %s, growing", f, want)
	}
}

func TestAnOldLogFileIsSaidNotToGrow(t *testing.T) {
	now, folder := time.Now(), t.TempDir()
	want := write(t, folder, "syslog", "x\n", now.Add(-time.Hour))
	if f, err := quickstart.Choose(folder, "/fallback", now); err != nil || f.Path != want || f.Grows {
		t.Errorf("chose %+v, %v; want %s, not growing", f, err, want)
	}
}

func TestWithoutAnyLogFileTheFallbackIsRead(t *testing.T) {
	fallback := filepath.Join(t.TempDir(), "lines.txt")
	f, err := quickstart.Choose(t.TempDir(), fallback, time.Now())
	if err != nil || f.Path != fallback || f.Size != -1 || f.Grows {
		t.Errorf("chose %+v, %v; want %s, which does not exist", f, err, fallback)
	}
}

func TestAFolderIsNoFile(t *testing.T) {
	if f, err := quickstart.Look(t.TempDir(), time.Now()); err == nil {
		t.Errorf("accepted as %+v", f)
	}
}
