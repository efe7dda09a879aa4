package provider_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
)

// vector is what Kafka's own provider answered: see testdata/README.md.
type vector struct {
	Text     *string
	Provider string
	Env      map[string]string
	Params   map[string]string
	Path     string
	Keys     []string
	Data     map[string]string
	Error    *struct{ Class, Message string }
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "providers.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []vector
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if len(all) < 800 {
		t.Fatalf("found only %d vectors", len(all))
	}
	return all
}

func TestPropertiesAreWhatJavaReads(t *testing.T) {
	for _, v := range readVectors(t) {
		if v.Text == nil {
			continue
		}
		got, err := provider.ParseProperties(*v.Text)
		if (err != nil) != (v.Error != nil) || err == nil && !maps.Equal(got, v.Data) {
			t.Errorf("%q is %q, %v, but in Java %q, %v", *v.Text, got, err, v.Data, v.Error)
		}
	}
}

func TestProvidersAnswerAsKafkasDo(t *testing.T) {
	vectors, base := readVectors(t), tree(t)
	t.Chdir(t.TempDir())
	seen := map[string]bool{}
	for _, v := range vectors {
		if v.Text != nil {
			continue
		}
		question, _ := json.Marshal([]any{v.Provider, v.Params, v.Path})
		got, err := answer(t, v, base)
		reason, differs := differences()[string(question)]
		seen[string(question)] = differs
		if same := agrees(v, got, err, base); same == differs {
			t.Errorf("%s is answered %q, %v, but in Java %q, %v (%s)", question, got, err, v.Data, v.Error, reason)
		}
	}
	for question := range differences() {
		if !seen[question] {
			t.Errorf("no vector is %s", question)
		}
	}
}

// differences are the vectors that are answered otherwise on purpose, with the reason.
func differences() map[string]string {
	const (
		leaves = "a symbolic link must not lead out of the allowed paths"
		regex  = "javaregex does not have it, and says so"
	)
	d := map[string]string{
		`["env",{"allowlist.pattern":"\\X"},""]`: regex,
	}
	for _, allowed := range []string{"@/in", "@/in/", "@/in,"} {
		for _, path := range []string{"@/in/leaves", "@/in/away/f"} {
			d[`["file",{"allowed.paths":"`+allowed+`"},"`+path+`"]`] = leaves
		}
	}
	for _, path := range []string{"@/in", "@/in/", "@/in/away"} {
		d[`["directory",{"allowed.paths":"@/in"},"`+path+`"]`] = leaves
	}
	return d
}

// agrees reports whether an answer is Java's. Exceptions that are none of Kafka's are worded by the JVM.
func agrees(v vector, got map[string]string, err error, base string) bool {
	if v.Error == nil {
		return err == nil && maps.Equal(got, v.Data)
	}
	e, ok := errors.AsType[*configdef.Error](err)
	return ok && (v.Error.Class != "ConfigException" || strings.ReplaceAll(e.Message, base, "@") == v.Error.Message)
}

func answer(t *testing.T, v vector, base string) (map[string]string, error) {
	t.Helper()
	params := map[string]string{}
	for k, p := range v.Params {
		params[k] = strings.ReplaceAll(p, "@", base)
	}
	var p configdef.ConfigProvider
	var err error
	switch v.Provider {
	case "file":
		p, err = provider.NewFile(params)
	case "directory":
		p, err = provider.NewDirectory(params)
	case "env":
		p, err = provider.NewEnvVar(params, func(name string) (string, bool) { value, ok := v.Env[name]; return value, ok })
	}
	if err != nil {
		return nil, err
	}
	data, err := p.Get(t.Context(), strings.ReplaceAll(v.Path, "@", base), v.Keys)
	return data.Data, err
}

// tree makes the files that the vectors are about.
func tree(t *testing.T) string {
	t.Helper()
	base, err := filepath.EvalSymlinks(files(t, map[string]string{
		"in/f": "k=in\nempty=", "in/sub/f": "k=sub", "input/f": "k=input", "out/f": "k=out", "in/a b": "k=space", "in/bytes": "k=\xe9",
	}))
	if err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"within": "sub/f", "leaves": "../out/f", "away": "../out", "nowhere": "nothing"} {
		if err := os.Symlink(to, filepath.Join(base, "in", link)); err != nil {
			t.Fatal(err)
		}
	}
	return base
}
