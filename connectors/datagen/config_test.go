package datagen

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const small = `{"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}]}`

func TestCheckNamesTheSettingToBlame(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schema.avsc")
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		config map[string]string
		key    string // empty: nothing is wrong
		text   string
	}{
		{"a quickstart", map[string]string{"quickstart": "users"}, "", ""},
		{"a schema", map[string]string{"schema.string": small}, "", ""},
		{"a file", map[string]string{"schema.filename": file, "schema.keyfield": "a"}, "", ""},
		{"no schema", nil, "quickstart", "Must set exactly one of schema.string, schema.filename, quickstart"},
		{"two schemas", map[string]string{"quickstart": "users", "schema.string": small}, "schema.string", "Must set exactly one of"},
		{"an unknown quickstart", map[string]string{"quickstart": "user"}, "quickstart", "there is no quickstart user; use one of campaign_finance,"},
		{"a file that is not there", map[string]string{"schema.filename": file + "x"}, "schema.filename", "no such file"},
		{"a schema that is none", map[string]string{"schema.string": "{"}, "schema.string", "not JSON"},
		{"a key field that is not there", map[string]string{"schema.string": small, "schema.keyfield": "b"}, "schema.keyfield", "the schema has no field b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := map[string]string{"kafka.topic": "t"}
			for k, v := range c.config {
				config[k] = v
			}
			messages := Classes()[0].Check(t.Context(), config)
			if c.key == "" && len(messages) == 0 {
				return
			}
			if got := strings.Join(messages[c.key], " "); c.key == "" || !strings.Contains(got, c.text) {
				t.Fatalf("got %v", messages)
			}
		})
	}
}

func TestOpenRefusesBadConfiguration(t *testing.T) {
	for _, c := range []struct {
		name   string
		config map[string]string
		text   string
	}{
		{"no topic", map[string]string{"quickstart": "users"}, "kafka.topic"},
		{"an unknown quickstart", map[string]string{"kafka.topic": "t", "quickstart": "user"}, "use one of"},
		{"a seed that is no number", map[string]string{"kafka.topic": "t", "quickstart": "users", "random.seed": "x"}, "random.seed"},
		{"a schema that cannot be used", map[string]string{"kafka.topic": "t", "schema.string": `"int"`}, "schema.string"},
		{"a task that is no number", map[string]string{"kafka.topic": "t", "quickstart": "users", "task.id": "one"}, "task.id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Classes()[0].Source()
			err := s.Open(t.Context(), &connect.SourceRuntime{Config: c.config, Offsets: fixedOffset(connect.Null()), Log: slog.New(slog.DiscardHandler)})
			if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("got %v", err)
			}
			if err := s.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestOpenRefusesAnOffsetItCannotUse(t *testing.T) {
	offset := connect.NewMap([]connect.Value{connect.String("current.iteration"), connect.String("x")}).Value()
	s := Classes()[0].Source()
	err := s.Open(t.Context(), &connect.SourceRuntime{Config: fast("users"), Offsets: fixedOffset(offset), Log: slog.New(slog.DiscardHandler)})
	if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), "reset or alter") {
		t.Fatalf("got %v", err)
	}
}

func TestREADMEListsEveryQuickstart(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range quickstarts {
		if row := "| [`" + q.name + "`](quickstarts/" + q.file + ") | `" + q.key + "` |"; !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks %s", row)
		}
	}
}
