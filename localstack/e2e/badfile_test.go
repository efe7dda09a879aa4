package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
)

// fileRun is a source and a sink on an embedded broker.
type fileRun struct {
	ferry    *ferry
	rest     api
	from, to string
}

func newFileRun(t *testing.T) *fileRun {
	t.Helper()
	folder := t.TempDir()
	f := embedded(t)
	return &fileRun{ferry: f, rest: api{f.rest}, from: filepath.Join(folder, "from.txt"), to: filepath.Join(folder, "to.txt")}
}

func (r *fileRun) create(t *testing.T) {
	t.Helper()
	r.rest.create(t, "source", fileSource(r.from, "lines"))
	r.rest.create(t, "sink", fileSink(r.to, "lines"))
}

// restartFailed is what a user does when the reason for a failure is gone.
func restartFailed(t *testing.T, rest api, name string) {
	t.Helper()
	got := rest.call(t, http.MethodPost, "/connectors/"+name+"/restart?includeTasks=true&onlyFailed=true", nil)
	if got.status != http.StatusAccepted {
		t.Fatalf("the restart of %s was answered %d %s", name, got.status, got.body)
	}
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("it does not say %q: %s", part, text)
		}
	}
}

func TestAFileThatDoesNotExistYetIsWaitedFor(t *testing.T) {
	// given
	r := newFileRun(t)
	r.create(t)
	r.rest.awaitRunning(t, "source")
	await(t, "the log names the file", func() bool { return strings.Contains(r.ferry.tail(), "file not found") })
	contains(t, r.ferry.tail(), r.from)

	// when
	write(t, r.from, "one\ntwo\n")

	// then
	awaitFile(t, r.to, "one\ntwo\n")
}

func TestAFileThatDisappearsIsReadOnFromWhereItWasWhenItComesBack(t *testing.T) {
	// given a file that was read
	r := newFileRun(t)
	write(t, r.from, "one\ntwo\n")
	r.create(t)
	awaitFile(t, r.to, "one\ntwo\n")

	// when it disappears, and comes back with more
	check(t, os.Remove(r.from))
	await(t, "the log says that it is gone", func() bool { return strings.Contains(r.ferry.tail(), "file not found") })
	if s := r.rest.status(t, "source"); s.Connector.State != "RUNNING" {
		t.Errorf("the source is %v", s)
	}
	write(t, r.from, "one\ntwo\nthree\n")

	// then
	awaitFile(t, r.to, "one\ntwo\nthree\n")
}

func TestAFileThatIsTruncatedFailsByNameAndGoesOnWhenItIsRepaired(t *testing.T) {
	// given
	r := newFileRun(t)
	write(t, r.from, "one\ntwo\n")
	r.create(t)
	awaitFile(t, r.to, "one\ntwo\n")

	// when
	check(t, os.Truncate(r.from, 2))

	// then
	contains(t, r.rest.awaitFailure(t, "source"), r.from, "truncated", "position 8")

	// and when it is repaired
	write(t, r.from, "one\ntwo\nthree\n")
	restartFailed(t, r.rest, "source")

	// then nothing is lost and nothing comes twice
	awaitFile(t, r.to, "one\ntwo\nthree\n")
}

func TestALastLineWithoutItsEndIsHeldBackUntilItIsWhole(t *testing.T) {
	// given
	r := newFileRun(t)
	write(t, r.from, "one\r\ntwo\nhal")
	r.create(t)
	awaitFile(t, r.to, "one\ntwo\n")
	if at := r.rest.position(t, "source"); at != int64(len("one\r\ntwo\n")) {
		t.Errorf("the position is %d", at)
	}

	// when
	extend(t, r.from, "f\n")

	// then
	awaitFile(t, r.to, "one\ntwo\nhalf\n")
}

func TestALineOf10MBFailsByNameAndGoesThroughWhenTheLimitsAreRaised(t *testing.T) {
	// given
	r := newFileRun(t)
	content := "before\n" + strings.Repeat("long line ", 1_000_000) + "\nafter\n"
	write(t, r.from, content)
	r.create(t)

	// then
	contains(t, r.rest.awaitFailure(t, "source"), "RecordTooLargeException", "topic lines", "producer.override.max.request.size", "max.message.bytes")

	// and when the limits are raised
	limit := "16777216"
	alter := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "max.message.bytes", Value: &limit}}
	altered, err := kadm.NewClient(client(t, r.ferry.kafka)).AlterTopicConfigs(t.Context(), alter, "lines")
	check(t, err)
	check(t, altered[0].Err)
	config := fileSource(r.from, "lines")
	config["producer.override.max.request.size"] = limit
	r.rest.insist(t, http.MethodPut, "/connectors/source/config", config, http.StatusOK)

	// then
	awaitFile(t, r.to, content)
}

func TestFilesThatCannotBeReadOrWrittenAreNamed(t *testing.T) {
	// given
	r := newFileRun(t)
	createTopic(t, r.ferry.kafka, "lines")
	produce(t, client(t, r.ferry.kafka), "lines", []string{"one"})
	folder := t.TempDir()
	missing := filepath.Join(folder, "missing", "to.txt")

	// when
	r.rest.create(t, "source", fileSource(folder, "lines"))
	r.rest.create(t, "sink", fileSink(missing, "lines"))

	// then
	contains(t, r.rest.awaitFailure(t, "source"), folder, "not a regular file")
	contains(t, r.rest.awaitFailure(t, "sink"), missing)

	// and when the folder is there
	check(t, os.Mkdir(filepath.Dir(missing), 0o700))
	restartFailed(t, r.rest, "sink")

	// then nothing is lost
	awaitFile(t, missing, "one\n")
}
