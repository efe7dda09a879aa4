package task_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
)

// rotating is a worker with a secret in a file.
func rotating(t *testing.T, path string) *worker.Config {
	t.Helper()
	w, err := worker.New(map[string]string{
		"bootstrap.servers": "b:1", "group.id": "g", "config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "s",
		"key.converter": "K", "value.converter": "V", "client.rack": "${file:" + path + ":password}",
		"config.providers": "file", "config.providers.file.class": "FileConfigProvider",
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAFunctionBeginsAnewWhenASecretOfTheWorkerHasChanged(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		path := f.write("kafka.properties", "password=old")
		opened, broken := 0, false
		var last *store.Offsets // those before are closed by who opens others
		l, err := task.NewLambda(func() (*task.Handler, *store.Offsets, error) {
			if broken {
				return nil, nil, errors.New("no memory")
			}
			opened++
			o := f.Options
			o.Worker = rotating(t, path)
			h, err := task.NewHandler(o)
			if err != nil {
				return nil, nil, err
			}
			offsets, err := store.OpenOffsets(store.Options{Kafka: f.kafka, GroupID: "g", OffsetTopic: "offsets"})
			last = offsets
			return h, offsets, err
		})
		defer func() { last.Close() }()
		if err != nil {
			t.Fatal(err)
		}
		serve := func(after time.Duration) {
			t.Helper()
			pass(t, after)
			answer, err := l.Invoke(t.Context(), []byte(`{"op":"check","config":{"connector.class":"`+dataGen+`","kafka.topic":"t"}}`))
			if err != nil || !strings.Contains(string(answer), "quickstart") {
				t.Errorf("it answered %s, %v", answer, err)
			}
		}
		serve(0)
		if serve(6 * time.Minute); opened != 1 {
			t.Errorf("it was opened %d times without a reason", opened)
		}
		f.write("kafka.properties", "password=new")
		broken = true
		if serve(6 * time.Minute); opened != 1 || !strings.Contains(f.log.String(), "no memory") {
			t.Errorf("it did not go on with what it had: opened %d times", opened)
		}
		broken = false
		serve(6 * time.Minute)
		if serve(6 * time.Minute); opened != 2 {
			t.Errorf("it was opened %d times for one change", opened)
		}
	})
}
