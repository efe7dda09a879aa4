package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The files in testdata were written by java.io.ObjectOutputStream of OpenJDK 17, as FileOffsetBackingStore does it.

func golden(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".offsets"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAMapOfOneEntryIsWrittenByteForByteAsByJava(t *testing.T) {
	one := []entry{{key: []byte(`["local-file-source",{"filename":"test.txt"}]`), value: []byte(`{"position":42}`)}}
	for name, entries := range map[string][]entry{"one": one, "empty": nil} {
		if got, want := appendJavaMap(nil, entries), golden(t, name); !bytes.Equal(got, want) {
			t.Errorf("%s:\ngot  %x\nwant %x", name, got, want)
		}
	}
}

func TestAMapWrittenByJavaIsRead(t *testing.T) {
	entries, err := parseJavaMap(golden(t, "many"))
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, e := range entries {
		got[string(e.key)] = string(e.value)
		if e.value == nil {
			got[string(e.key)] = "null"
		}
	}
	if len(got) != 41 || got[`["ü",null]`] != "" {
		t.Fatalf("read %d entries: %v", len(got), got)
	}
	for i := range 40 {
		want := fmt.Sprintf(`{"position":%d}`, i)
		switch {
		case i%7 == 0:
			want = "null"
		case i%5 == 0:
			want = `{"position":0}` // one array for all of these: a reference in the stream
		}
		if key := fmt.Sprintf(`["c",{"table":"t%d"}]`, i); got[key] != want {
			t.Errorf("%s is %s, want %s", key, got[key], want)
		}
	}
	if again := len(appendJavaMap(nil, entries)); again < len(golden(t, "many")) {
		t.Errorf("written again it has %d bytes", again)
	}
}

func TestADamagedFileIsAnErrorThatSaysWhatToDo(t *testing.T) {
	whole := golden(t, "one")
	path := filepath.Join(t.TempDir(), "offsets")
	for n := 1; n < len(whole); n++ {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenFile(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "backup") {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
}

func FuzzJavaMap(f *testing.F) {
	for _, name := range []string{"empty", "one", "many"} {
		data, err := os.ReadFile(filepath.Join("testdata", name+".offsets"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := parseJavaMap(data)
		if err != nil {
			return
		}
		again, err := parseJavaMap(appendJavaMap(nil, entries))
		if err != nil || len(again) != len(entries) {
			t.Fatalf("%d entries read back as %d: %v", len(entries), len(again), err)
		}
		for i := range entries {
			if !bytes.Equal(entries[i].key, again[i].key) || !bytes.Equal(entries[i].value, again[i].value) || (entries[i].value == nil) != (again[i].value == nil) {
				t.Fatalf("entry %d: %q became %q", i, entries[i], again[i])
			}
		}
	})
}

func TestStandaloneOffsetsSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "connect.offsets")
	store, err := Standalone(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := connect.NewSourcePartition("filename", connect.String("a.txt"))
	position := func(n int64) connect.Value {
		return connect.NewMap([]connect.Value{connect.String("position"), connect.Int64(n)}).Value()
	}
	list := []connect.SourceOffset{{Partition: p, Offset: position(7)}, {Partition: connect.NewSourcePartition("filename", connect.String("b")), Offset: position(8)}}
	if err := store.Offsets().Alter(t.Context(), "c", "", list); err != nil {
		t.Fatal(err)
	}
	if err := store.Offsets().Alter(t.Context(), "c", "", []connect.SourceOffset{{Partition: list[1].Partition}}); err != nil {
		t.Fatal(err)
	}
	again, err := Standalone(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Offsets().Reader("c", "", &Hint{Partition: 3, Offset: 9}).Offset(t.Context(), p)
	if err != nil || !got.Equal(position(7)) {
		t.Errorf("read %s, %v", got, err)
	}
	if all, err := again.Offsets().All(t.Context(), "c", ""); err != nil || len(all) != 1 {
		t.Errorf("listed %v, %v", all, err)
	}
}

func TestAFailedWriteLeavesTheFileAsItWas(t *testing.T) {
	dir := t.TempDir()
	f, err := OpenFile(filepath.Join(dir, "gone", "offsets"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&kgo.Record{Key: []byte("k"), Value: []byte("v")}); err == nil {
		t.Fatal("wrote to a folder that does not exist")
	}
	if len(f.entries) != 0 {
		t.Error("what was not written is remembered")
	}
}

func TestStandaloneConfigurationsAndStatuses(t *testing.T) {
	store, err := Standalone(filepath.Join(t.TempDir(), "offsets"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Configs().PutConnector(t.Context(), "c", PropertiesOf(map[string]string{"a": "1"}), nil); err != nil {
		t.Fatal(err)
	}
	if err := store.Configs().PutTasks(t.Context(), "c", []map[string]string{{"t": "0"}}); err != nil {
		t.Fatal(err)
	}
	if err := store.Statuses().PutTasks(t.Context(), "c", Status{State: StateRunning}); err != nil {
		t.Fatal(err)
	}
	c := store.Configs().Snapshot().Connectors["c"]
	if c == nil || len(c.Tasks) != 1 || c.Config.Map()["name"] != "c" {
		t.Fatalf("the snapshot has %+v", c)
	}
	if s, ok := store.Statuses().Task("c", 0); !ok || s.State != StateRunning {
		t.Fatalf("the status is %+v", s)
	}
}
