package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// meanwhile has the coordinator's parts in the API, and something happen when the tasks of a connector have been ended.
func meanwhile(c **cluster, happen func()) option {
	return func(o *rest.Options) {
		o.Hold = func(ctx context.Context, connector string, do func(context.Context) error) error {
			return (*c).coordinator.Hold(ctx, connector, do)
		}
		o.Fence = func(ctx context.Context, connector string) error {
			if err := (*c).coordinator.Fence(ctx, connector); err != nil {
				return err
			}
			happen()
			return nil
		}
	}
}

// Process A finds the connector STOPPED and ends its tasks. Process B resumes it, and makes a pass. Were the pass to start a task, it
// would read the old offsets, write the records behind them and commit; then A would write the altered offsets over them.
func TestNoTaskStartsWhileOffsetsAreAltered(t *testing.T) {
	var c *cluster
	c = newCluster(t, meanwhile(&c, func() { c.resumeElsewhere("a") }))
	file := filepath.Join(t.TempDir(), "in.txt")
	if err := os.WriteFile(file, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.expect(http.StatusCreated, "POST", "/connectors", create("a", `{"connector.class":"FileStreamSource","file":"`+file+`","topic":"out",
		"value.converter":"org.apache.kafka.connect.storage.StringConverter"}`, "STOPPED"))
	c.pass(t.Context())
	c.expect(http.StatusOK, "PATCH", "/connectors/a/offsets", fmt.Sprintf(`{"offsets":[{"partition":{"filename":%q},"offset":{"position":4}}]}`, file))
	if !slices.Contains(c.takeTriggered(), "a") {
		t.Error("the connector was resumed meanwhile, and no pass was asked for")
	}
	c.pass(t.Context())
	if got, want := c.values("out", 2), []string{"two", "three"}; !slices.Equal(got, want) {
		t.Errorf("the topic has %q, want %q", got, want)
	}
}

// resumeElsewhere resumes a connector in another process, which makes a pass over it.
func (c *cluster) resumeElsewhere(name string) {
	c.t.Helper()
	options := c.coordinator.Options
	options.Store, options.Owner = c.openStore(), "other"
	if err := options.Store.Configs().PutTarget(c.t.Context(), name, store.Started); err != nil {
		c.t.Error(err)
	}
	if _, err := coordinator.New(options).Pass(c.t.Context(), name); err != nil {
		c.t.Error(err)
	}
	c.invoker.Wait()
}

// values returns what a topic of one partition has, at least n records; it waits for them.
func (c *cluster) values(topic string, n int) (values []string) {
	c.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.broker.ListenAddrs()...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		c.t.Fatal(err)
	}
	defer cl.Close()
	for len(values) < n {
		fetches := cl.PollFetches(c.t.Context())
		if err := fetches.Err(); err != nil {
			c.t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { values = append(values, string(r.Value)) })
	}
	return values
}

func TestOtherConnectorsChangeWhileOffsetsAreAltered(t *testing.T) {
	var c *cluster
	c = newCluster(t, meanwhile(&c, func() { c.expect(http.StatusCreated, "POST", "/connectors", create("b", sourceConfig, "PAUSED")) }))
	c.expect(http.StatusCreated, "POST", "/connectors", create("a", sourceConfig, "STOPPED"))
	c.expect(http.StatusOK, "PATCH", "/connectors/a/offsets", `{"offsets":[{"partition":{"filename":"in.txt"},"offset":{"position":1}}]}`)
	c.expect(http.StatusOK, "GET", "/connectors/b", "")
}

func TestOffsetsAreNotAlteredWhileAPassHoldsTheConnector(t *testing.T) {
	c := newCluster(t, func(o *rest.Options) {
		o.Hold = func(_ context.Context, connector string, _ func(context.Context) error) error {
			return fmt.Errorf("hold: %w", &lease.HeldError{Key: lease.Key{Connector: connector, Task: -1}, Until: time.Now()})
		}
	})
	c.expect(http.StatusCreated, "POST", "/connectors", create("a", sourceConfig, "STOPPED"))
	text := c.expect(http.StatusConflict, "PATCH", "/connectors/a/offsets", `{"offsets":[{"partition":{"filename":"in.txt"},"offset":{"position":1}}]}`)
	if want := `{"error_code":409,"message":"Cannot complete request because of a conflicting operation (e.g. worker rebalance)"}`; text != want {
		t.Errorf("the answer is %s, want %s", text, want)
	}
	if got := c.expect(http.StatusOK, "GET", "/connectors/a/offsets", ""); got != `{"offsets":[]}` {
		t.Errorf("offsets are %s", got)
	}
}

// What comes between must not hold up the alteration, nor bring a task to life: it is answered as if it came before.
func TestOffsetsAreAlteredAlthoughTheConnectorChangesMeanwhile(t *testing.T) {
	for name, change := range map[string]func(c *cluster){
		"resumed and stopped": func(c *cluster) {
			c.resumeElsewhere("a")
			c.expect(http.StatusNoContent, "PUT", "/connectors/a/stop", "")
		},
		"deleted": func(c *cluster) { c.expect(http.StatusNoContent, "DELETE", "/connectors/a", "") },
		"deleted and created again": func(c *cluster) {
			c.expect(http.StatusNoContent, "DELETE", "/connectors/a", "")
			c.expect(http.StatusCreated, "POST", "/connectors", create("a", sourceConfig, "RUNNING"))
			c.pass(c.t.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			var c *cluster
			c = newCluster(t, meanwhile(&c, func() { change(c) }))
			c.expect(http.StatusCreated, "POST", "/connectors", create("a", sourceConfig, "STOPPED"))
			c.expect(http.StatusOK, "PATCH", "/connectors/a/offsets", `{"offsets":[{"partition":{"filename":"in.txt"},"offset":{"position":1}}]}`)
			items, err := c.leases.List(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range items {
				if item.Task >= 0 {
					t.Errorf("task %d has a lease", item.Task)
				}
			}
		})
	}
}
