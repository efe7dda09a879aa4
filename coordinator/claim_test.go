package coordinator_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// another opens the internal topics a second time, as the API function does beside the coordinator function.
func (c *cluster) another() *store.Store {
	c.t.Helper()
	s, err := store.Open(c.t.Context(), store.Options{
		Kafka: c.kafka, GroupID: "g", ConfigTopic: "configs", OffsetTopic: "offsets", StatusTopic: "status",
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(s.Close)
	return s
}

// The API and the coordinator are two processes that write the config topic, and each takes the claim from the other.
func TestAPassClaimsTheConfigTopicBackFromTheAPI(t *testing.T) {
	c := newCluster(t)
	api := c.another()
	c.function.plan(1, nil)
	for _, name := range []string{"a", "b", "c"} {
		// given an API that wrote last
		config := store.Properties{}.With("connector.class", fileSource).With("name", name)
		if err := api.Configs().PutConnector(t.Context(), name, config, nil); err != nil {
			t.Fatal(err)
		}
		// then
		if result := c.pass(name); !result.Published || !slices.Equal(result.Started, []int{0}) {
			t.Errorf("the pass over %s did %+v", name, result)
		}
		if got := c.connectorState(name); got != store.StateRunning {
			t.Errorf("%s is %s", name, got)
		}
	}
}

// A plan that could not be written is not a plan that came to nothing.
func TestAResumedConnectorIsPlannedAlthoughTheClaimWasLost(t *testing.T) {
	c := newCluster(t)
	c.function.plan(1, nil)
	c.put("a")
	c.pass("a")
	c.target("a", store.Stopped)
	c.pass("a")
	api := c.another()
	if err := api.Configs().PutTarget(t.Context(), "a", store.Started); err != nil {
		t.Fatal(err)
	}
	if result := c.pass("a"); !slices.Equal(result.Started, []int{0}) {
		t.Errorf("the pass did %+v", result)
	}
}

// Two coordinators and two APIs, each a process, take the claim from each other all the time. None stands still: every change is made, and
// when there are no more, a pass finds what it wants to find.
func TestFourProcessesThatClaimFromEachOtherAllComeThrough(t *testing.T) {
	const changes = 6
	c := newCluster(t)
	second := c.Options
	second.Store, second.Owner = c.another(), "second"
	coordinators := []*coordinator.Coordinator{c.Coordinator, coordinator.New(second)}
	names := []string{"a", "b", "c"}
	apis, done := sync.WaitGroup{}, make(chan struct{})
	for api := range 2 {
		s := c.another()
		apis.Go(func() {
			for i := range changes * len(names) {
				name, key := names[i%len(names)], fmt.Sprint("api.", api, ".", i)
				config := func(tx *store.Tx) store.Properties {
					if conn, exists := tx.Snapshot.Connectors[name]; exists {
						return conn.Config.With(key, "there")
					}
					return store.Properties{}.With("connector.class", fileSource).With("name", name).With(key, "there")
				}
				if err := s.Configs().Update(t.Context(), func(tx *store.Tx) error { return tx.PutConnector(name, config(tx), nil) }); err != nil {
					t.Errorf("change %d of API %d: %v", i, api, err)
				}
			}
		})
	}
	var passes sync.WaitGroup
	for _, each := range coordinators {
		passes.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default: // a pass that is overtaken again and again leaves the rest to the next
					_, _ = each.Pass(t.Context(), names[i%len(names)])
				}
			}
		})
	}
	apis.Wait()
	close(done)
	passes.Wait()
	for _, name := range names {
		c.pass(name)
		conn := c.Store.Configs().Snapshot().Connectors[name]
		if !maps.Equal(conn.Applied, conn.Config.Map()) || conn.TaskCount != 1 || conn.PendingFencing || c.connectorState(name) != store.StateRunning {
			t.Errorf("in the end %s is %+v", name, conn)
		}
		if got, want := len(conn.Config), 2+2*changes; got != want {
			t.Errorf("%s has %d properties, want %d: a change is lost", name, got, want)
		}
	}
}
