package provider_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
)

// files writes files into a new directory and returns it.
func files(t *testing.T, contents map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range contents {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func get(t *testing.T, p configdef.ConfigProvider, path string, keys ...string) map[string]string {
	t.Helper()
	data, err := p.Get(t.Context(), path, keys)
	if err != nil {
		t.Fatal(err)
	}
	return data.Data
}

func TestAFileYieldsItsProperties(t *testing.T) {
	dir := files(t, map[string]string{"db.properties": "user=alice\npassword: s3cr3t"})
	p, err := provider.NewFile(nil)
	if err != nil {
		t.Fatal(err)
	}
	got := get(t, p, filepath.Join(dir, "db.properties"), "user", "password", "ghost")
	if !maps.Equal(got, map[string]string{"user": "alice", "password": "s3cr3t"}) {
		t.Errorf("got %v", got)
	}
	if got := get(t, p, "", "user"); len(got) != 0 {
		t.Errorf("without a path: %v", got)
	}
}

func TestAFileThatCannotBeReadIsAnError(t *testing.T) {
	dir := files(t, map[string]string{"latin1": "k=\xe9", "escape": `k=\u00g0`})
	p, err := provider.NewFile(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"missing", "latin1", "escape"} {
		path := filepath.Join(dir, name)
		_, err := p.Get(t.Context(), path, []string{"k"})
		var e *configdef.Error
		if !errors.As(err, &e) || e.Message != "Could not read properties from file "+path || e.Cause == nil {
			t.Errorf("%s: got %#v", name, err)
		}
	}
}

func TestADirectoryYieldsOnlyFilesDirectlyInIt(t *testing.T) {
	dir := files(t, map[string]string{"in/user": "bob\n", "in/sub/deep": "no", "outside": "no"})
	p, err := provider.NewDirectory(nil)
	if err != nil {
		t.Fatal(err)
	}
	got := get(t, p, filepath.Join(dir, "in"), "user", "sub", "sub/deep", "../outside", "..", ".", "", "ghost")
	if !maps.Equal(got, map[string]string{"user": "bob\n"}) {
		t.Errorf("got %q", got)
	}
}

func TestOnlyAllowedPathsAreRead(t *testing.T) {
	dir := files(t, map[string]string{"a/x": "k=1", "ab/x": "k=2", "b/x": "k=3"})
	allowed := map[string]string{provider.AllowedPathsConfig: filepath.Join(dir, "a") + "," + filepath.Join(dir, "b", "x")}
	file, err := provider.NewFile(allowed)
	if err != nil {
		t.Fatal(err)
	}
	directory, err := provider.NewDirectory(allowed)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"a/x": 1, "b/x": 1, "ab/x": 0, "a/../ab/x": 0, "ab/../a/x": 1} {
		if got := get(t, file, dir+"/"+path, "k"); len(got) != want {
			t.Errorf("file %s: got %v", path, got)
		}
	}
	for path, want := range map[string]int{"a": 1, "ab": 0, "a/../ab": 0, "b": 0} {
		if got := get(t, directory, dir+"/"+path, "x"); len(got) != want {
			t.Errorf("directory %s: got %v", path, got)
		}
	}
	t.Chdir(dir)
	if got := get(t, file, "a/x", "k"); len(got) != 0 {
		t.Errorf("a relative path is below no allowed path, got %v", got)
	}
}

func TestAnEndlessFileIsReadUpToABound(t *testing.T) {
	dir := files(t, map[string]string{"huge": "k=" + strings.Repeat("x", 1<<20), "large": "k=" + strings.Repeat("x", 1<<20-2)})
	file, err := provider.NewFile(nil)
	if err != nil {
		t.Fatal(err)
	}
	directory, err := provider.NewDirectory(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, file, filepath.Join(dir, "large"), "k"); len(got["k"]) != 1<<20-2 {
		t.Errorf("a large file: got %d bytes", len(got["k"]))
	}
	if _, err := file.Get(t.Context(), filepath.Join(dir, "huge"), []string{"k"}); err == nil {
		t.Error("a huge properties file was read")
	}
	if _, err := directory.Get(t.Context(), dir, []string{"huge"}); err == nil {
		t.Error("a huge file was read")
	}
}

// A name is compared without its "..", and so it must be read: by way of a link they lead elsewhere.
func TestWhatIsComparedWithTheAllowedPathsIsWhatIsRead(t *testing.T) {
	dir := files(t, map[string]string{"in/f": "k=in", "out/deep/x": "", "out/f": "k=out"})
	if err := os.Symlink(filepath.Join(dir, "out", "deep"), filepath.Join(dir, "in", "link")); err != nil {
		t.Fatal(err)
	}
	file, err := provider.NewFile(map[string]string{provider.AllowedPathsConfig: filepath.Join(dir, "in")})
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, file, dir+"/in/link/../f", "k"); got["k"] != "in" {
		t.Errorf("got %v", got)
	}
}

// Kubernetes mounts a secret as links to a folder that is exchanged as a whole.
func TestAMountedSecretIsAllowedUnderEitherOfItsNames(t *testing.T) {
	dir := files(t, map[string]string{"mount/..2026/db.properties": "k=v"})
	mount := filepath.Join(dir, "mount")
	for link, to := range map[string]string{"..data": "..2026", "db.properties": "..data/db.properties"} {
		if err := os.Symlink(to, filepath.Join(mount, link)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(mount, "db.properties")
	for _, allowed := range []string{mount, path} {
		file, err := provider.NewFile(map[string]string{provider.AllowedPathsConfig: allowed})
		if err != nil {
			t.Fatal(err)
		}
		if got := get(t, file, path, "k"); got["k"] != "v" {
			t.Errorf("with %s allowed: got %v", allowed, got)
		}
	}
}

func TestVariablesAreReadIfTheirWholeNameIsAllowed(t *testing.T) {
	env := map[string]string{"DB_USER": "u", "XDB_USER": "x", "EMPTY": ""}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	p, err := provider.NewEnvVar(map[string]string{provider.AllowlistPatternConfig: "DB_.*|EMPTY"}, lookup)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, p, "", "DB_USER", "XDB_USER", "EMPTY", "GHOST"); !maps.Equal(got, map[string]string{"DB_USER": "u", "EMPTY": ""}) {
		t.Errorf("got %v", got)
	}
	if _, err := provider.NewEnvVar(map[string]string{provider.AllowlistPatternConfig: "("}, lookup); err == nil || !strings.Contains(err.Error(), "allowlist.pattern") {
		t.Errorf("a bad pattern: got %v", err)
	}
	if _, err := p.Get(t.Context(), "path", nil); err == nil {
		t.Error("a path must be refused")
	}
}

func TestProvidersAreMadeByTheirClassNames(t *testing.T) {
	t.Setenv("FERRY_PROVIDER_TEST", "set")
	for _, class := range []string{"EnvVarConfigProvider", "org.apache.kafka.common.config.provider.EnvVarConfigProvider"} {
		p, err := provider.New(class, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := get(t, p, "", "FERRY_PROVIDER_TEST"); got["FERRY_PROVIDER_TEST"] != "set" {
			t.Errorf("%s: got %v", class, got)
		}
	}
	for _, class := range []string{"FileConfigProvider", "DirectoryConfigProvider"} {
		if _, err := provider.New(class, nil); err != nil {
			t.Errorf("%s: %v", class, err)
		}
		if _, err := provider.New(class, map[string]string{provider.AllowedPathsConfig: "relative"}); err == nil || err.Error() != "Path relative is not absolute" {
			t.Errorf("%s: got %v", class, err)
		}
	}
	if _, err := provider.New("com.example.Vault", nil); err == nil || !strings.Contains(err.Error(), "com.example.Vault") {
		t.Errorf("an unknown class: got %v", err)
	}
}

func TestPropertiesAreReadAsJavaReadsThem(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       map[string]string
	}{
		{"every separator", "a=1\nb:2\nc 3\nd\t=\f4\ne = : 5", map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": ": 5"}},
		{"white space", "  a = b c  ", map[string]string{"a": "b c  "}},
		{"comments and blank lines", "#a=1\n  !b=2\n\n \t\nc=#3", map[string]string{"c": "#3"}},
		{"every end of line", "a=1\rb=2\r\nc=3\n", map[string]string{"a": "1", "b": "2", "c": "3"}},
		{"continued lines", "a=1\\\n  2\\\n\\\n3\nb=x\\\\\nc=y", map[string]string{"a": "123", "b": `x\`, "c": "y"}},
		{"a comment in a continued line", "a=1\\\n#2", map[string]string{"a": "1#2"}},
		{"a backslash at the end", `a=1\`, map[string]string{"a": "1"}},
		{"escaped keys", `k\:e\ y\==v`, map[string]string{"k:e y=": "v"}},
		{"escapes", `a=\t\n\r\f\\\x\é`, map[string]string{"a": "\t\n\r\f\\xé"}},
		{"Unicode escapes", `a=\u00e9\ud83d\ude00\ud83d!`, map[string]string{"a": "é😀\uFFFD!"}},
		{"the last of equal keys", "a=1\na=2", map[string]string{"a": "2"}},
		{"keys without values", "a\nb=\nc:", map[string]string{"a": "", "b": "", "c": ""}},
		{"values without a key", "=v", map[string]string{"": "v"}},
		{"nothing", "", map[string]string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := provider.ParseProperties(tc.text)
			if err != nil || !maps.Equal(got, tc.want) {
				t.Errorf("got %q, %v, want %q", got, err, tc.want)
			}
		})
	}
	for _, text := range []string{`a=\u12`, `a=\u12g4`, `\u=1`} {
		if _, err := provider.ParseProperties(text); err == nil {
			t.Errorf("%q must be refused", text)
		}
	}
}

func FuzzParseProperties(f *testing.F) {
	for _, s := range []string{"a=1", "a\\\n b", "\\u00e9=\\", "#\n!\n", "=\n:\n ", "a\\", "\\\n\\\n", "k\\=é v"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := provider.ParseProperties(text)
		if err != nil {
			return
		}
		// Writing out what was read and reading it again changes nothing.
		var b strings.Builder
		escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`, " ", `\ `, "=", `\=`, ":", `\:`, "#", `\#`, "!", `\!`)
		for k, v := range got {
			b.WriteString(escape.Replace(k) + "=" + escape.Replace(v) + "\n")
		}
		again, err := provider.ParseProperties(b.String())
		if err != nil || !maps.Equal(got, again) {
			t.Fatalf("%q: %q became %q (%v)", text, got, again, err)
		}
	})
}
