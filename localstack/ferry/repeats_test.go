package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAWarningIsNotSaidAgainWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		log := slog.New(newWithoutRepeats(slog.NewTextHandler(&text, nil)))
		count := func() int {
			n := strings.Count(text.String(), "\n")
			text.Reset()
			return n
		}
		for range 59 { // a task each second
			log.With("connector", "a").Warn("no such topic", "topic", "t")
			log.With("connector", "b").Warn("no such topic", "topic", "t")
			<-time.After(time.Second)
		}
		if n := count(); n != 2 {
			t.Errorf("said %d times in a minute, want once for each connector", n)
		}
		<-time.After(2 * time.Second)
		log.With("connector", "a").Warn("no such topic", "topic", "t")
		log.With("connector", "a").Warn("no such topic", "topic", "another")
		if n := count(); n != 2 {
			t.Errorf("said %d times, want again after a minute, and once of another topic", n)
		}
		log.Info("done")
		log.Info("done")
		log.Error("broken")
		log.Error("broken")
		if n := count(); n != 4 {
			t.Errorf("%d lines that are no warnings came through, want all 4", n)
		}
	})
}
