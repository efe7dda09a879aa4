package coordinator_test

import (
	"slices"
	"testing"

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
