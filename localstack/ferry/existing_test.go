package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFlagsOfDevWinOverTheWorkersFile(t *testing.T) {
	cases := map[string]struct {
		file          string // empty: no --worker
		bootstrap     string
		listenIsGiven bool
		want          map[string]string
	}{
		"bootstrap servers alone": {
			bootstrap: "a:1",
			want: map[string]string{
				"bootstrap.servers": "a:1", "group.id": "connect-cluster", "listeners": "http://127.0.0.1:1",
				"config.storage.topic": "connect-configs", "offset.storage.topic": "connect-offsets", "status.storage.topic": "connect-status",
			},
		},
		"a file alone": {
			file: "bootstrap.servers=b:2\ngroup.id=g\nlisteners=http://:8084\n",
			want: map[string]string{"bootstrap.servers": "b:2", "group.id": "g", "listeners": "http://:8084", "config.storage.topic": ""},
		},
		"a file without listeners": {
			file: "bootstrap.servers=b:2\n",
			want: map[string]string{"listeners": "http://127.0.0.1:1"},
		},
		"a file and flags": {
			file: "bootstrap.servers=b:2\ngroup.id=g\nlisteners=http://:8084\n", bootstrap: "a:1", listenIsGiven: true,
			want: map[string]string{"bootstrap.servers": "a:1", "group.id": "g", "listeners": "http://127.0.0.1:1"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			// given
			e := existing{bootstrap: c.bootstrap, listen: c.listenIsGiven}
			if c.file != "" {
				e.worker = filepath.Join(t.TempDir(), "worker.properties")
				if err := os.WriteFile(e.worker, []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}

			// when
			props, err := e.properties("127.0.0.1:1")
			if err != nil {
				t.Fatal(err)
			}

			// then
			for key, want := range c.want {
				if props[key] != want {
					t.Errorf("%s is %q, want %q", key, props[key], want)
				}
			}
		})
	}
}

func TestWithoutFlagsThatNameAClusterTheBrokerIsEmbedded(t *testing.T) {
	props, err := (&existing{}).properties("127.0.0.1:1")
	if props != nil || err != nil {
		t.Errorf("the worker's properties are %v (%v), want none", props, err)
	}
}

func TestVariablesStandForKeysAndNameAClusterToo(t *testing.T) {
	t.Setenv("CONNECT_BOOTSTRAP_SERVERS", "c:3")
	t.Setenv("CONNECT_GROUP_ID", "from-the-environment")
	props, err := (&existing{}).properties("127.0.0.1:1")
	if err != nil || props["bootstrap.servers"] != "c:3" || props["group.id"] != "from-the-environment" || props["listeners"] != "http://127.0.0.1:1" {
		t.Errorf("the worker's properties are %v, %v", props, err)
	}
	props, err = (&existing{bootstrap: "a:1"}).properties("127.0.0.1:1")
	if err != nil || props["bootstrap.servers"] != "a:1" {
		t.Errorf("a flag does not win: %v, %v", props, err)
	}
}
