package environment

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ferry-connect/ferry/coordinator/worker"
)

func TestARotatedSecretOfTheWorkerIsNoticedWithinFiveMinutes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kafka.properties")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		write("password=old")
		w, err := worker.New(map[string]string{
			"bootstrap.servers": "b:1", "group.id": "g", "config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "s",
			"key.converter": "K", "value.converter": "V", "client.rack": "${file:" + path + ":password}",
			"config.providers": "file", "config.providers.file.class": "FileConfigProvider",
		})
		if err != nil {
			t.Fatal(err)
		}
		var r Rotation
		for _, step := range []struct {
			name, content string
			after         time.Duration
			happened      bool
		}{
			{"at the start", "password=old", 0, false},
			{"it is as it was", "password=old", 5 * time.Minute, false},
			{"it is another, and was looked at just now", "password=new", time.Minute, false},
			{"it is another", "password=new", 4 * time.Minute, true},
			{"it cannot be read", "password=\\u", 5 * time.Minute, false},
			{"it is as it was again", "password=old", 5 * time.Minute, false},
		} {
			write(step.content)
			<-time.After(step.after)
			if got := r.Happened(t.Context(), w); got != step.happened {
				t.Errorf("%s: %v", step.name, got)
			}
		}
		plain, err := worker.New(map[string]string{
			"bootstrap.servers": "b:1", "group.id": "g", "config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "s", "key.converter": "K", "value.converter": "V",
		})
		if err != nil || new(Rotation).Happened(t.Context(), plain) {
			t.Errorf("without secrets: %v", err)
		}
	})
}
