package vectors

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// FolderVariable names the environment variable that replaces the embedded
// vector files by those of a folder.
const FolderVariable = "FERRY_VECTORS"

//go:embed testdata/*.jsonl
var embedded embed.FS

// Case is one line of a vector file: a question to the real Kafka Connect and its
// answer. Exactly one of Output and Error is set.
type Case struct {
	// File is the name of the file the case was read from.
	File string `json:"-"`
	// ID names the case within its file.
	ID string `json:"id"`
	// Group is the function or plugin under test, for instance "parseType".
	Group string `json:"group"`
	// Class is the full name of the Java class that answered.
	Class string `json:"class"`
	// Config is what the class was configured with. A nil value is Java's null.
	Config map[string]*string `json:"config"`
	// Input is the question; its shape depends on the group.
	Input json.RawMessage `json:"input"`
	// Output is the answer; nil if the class threw.
	Output json.RawMessage `json:"output"`
	// Error is what the class threw; nil if it answered.
	Error *Error `json:"error"`
}

// Error is what the real class threw.
type Error struct {
	// Stage is where a plugin threw: "configure", "apply" or "test"; often empty.
	Stage string `json:"stage"`
	// Class is the simple name of the Java exception class.
	Class string `json:"class"`
	// Message is its text; nil if it had none.
	Message *string `json:"message"`
	// Cause is the wrapped exception, for information only.
	Cause *Error `json:"cause"`
	// Masked says that identity hashes were replaced in Message.
	Masked bool `json:"masked"`
	// JVMMessage says that the JVM, not Kafka, worded Message.
	JVMMessage bool `json:"jvmMessage"`
}

// SimpleClass returns the last part of the class name: "Cast$Value" for
// org.apache.kafka.connect.transforms.Cast$Value.
func (c Case) SimpleClass() string {
	return c.Class[strings.LastIndexByte(c.Class, '.')+1:]
}

// Text returns the recorded message, or the empty string if there was none.
func (e *Error) Text() string {
	if e == nil || e.Message == nil {
		return ""
	}
	return *e.Message
}

// Agrees says how text, and class if it is not empty, differ from the recorded
// error; nil means they agree. Texts made by the JVM and texts that hold identity
// hashes are not compared, and class is not compared when the JVM raised the
// error: there it is enough that there is an error.
func (e *Error) Agrees(class, text string) error {
	switch {
	case e == nil:
		return fmt.Errorf("failed with %q, but the real class answered", text)
	case e.JVMMessage:
		return nil
	case class != "" && class != e.Class:
		return fmt.Errorf("failed with class %s (%q), but the real class threw %s (%q)", class, text, e.Class, e.Text())
	case e.Masked || e.Message == nil:
		return nil
	case text != e.Text():
		return fmt.Errorf("failed with %q, but the real class said %q", text, e.Text())
	}
	return nil
}

// Read returns the cases of the named file, in the order of the file. It fails the
// test if the file is missing, empty or malformed, or if two cases share an id.
func Read(t testing.TB, name string) []Case {
	t.Helper()
	var cases []Case
	seen := make(map[string]bool)
	for n, line := range Lines(t, name) {
		c := Case{File: name}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatalf("%s:%d: %v", name, n+1, err)
		}
		if c.ID == "" || seen[c.ID] {
			t.Fatalf("%s:%d: missing or repeated id %q", name, n+1, c.ID)
		}
		if (c.Output == nil) == (c.Error == nil) {
			t.Fatalf("%s:%d: %s must have either an output or an error", name, n+1, c.ID)
		}
		seen[c.ID] = true
		cases = append(cases, c)
	}
	return cases
}

// Lines returns the lines of the named file as they are, for the files that are
// transcripts and not cases (rest.jsonl, topics.jsonl). It fails the test if the
// file is missing or empty.
func Lines(t testing.TB, name string) []json.RawMessage {
	t.Helper()
	data, err := fs.ReadFile(folder(t), name)
	if err != nil {
		t.Fatalf("read golden vectors: %v", err)
	}
	var lines []json.RawMessage
	scanner := bufio.NewScanner(bytes.NewReader(data))
	scanner.Buffer(nil, len(data)+1)
	for scanner.Scan() {
		if line := bytes.TrimSpace(scanner.Bytes()); len(line) > 0 {
			lines = append(lines, json.RawMessage(bytes.Clone(line)))
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatalf("read golden vectors %s: %v", name, err)
	}
	if len(lines) == 0 {
		t.Fatalf("golden vectors %s hold no line", name)
	}
	return lines
}

// Group returns the cases of the named groups, in their order.
func Group(cases []Case, groups ...string) []Case {
	return Where(cases, func(c Case) bool { return slices.Contains(groups, c.Group) })
}

// Where returns the cases for which keep returns true, in their order.
func Where(cases []Case, keep func(Case) bool) []Case {
	var kept []Case
	for _, c := range cases {
		if keep(c) {
			kept = append(kept, c)
		}
	}
	return kept
}

// Decode unmarshals part of a case (Input, Output) into a T and fails the test if
// it does not fit. Integers beyond 2^53 are written as strings in the files.
func Decode[T any](t testing.TB, raw json.RawMessage) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("decode %T from golden vector %s: %v", v, raw, err)
	}
	return v
}

// folder returns the file system the vectors are read from.
func folder(t testing.TB) fs.FS {
	t.Helper()
	if dir := os.Getenv(FolderVariable); dir != "" {
		return os.DirFS(dir)
	}
	dir, err := fs.Sub(embedded, "testdata")
	if err != nil {
		t.Fatalf("open the embedded golden vectors: %v", err)
	}
	return dir
}
