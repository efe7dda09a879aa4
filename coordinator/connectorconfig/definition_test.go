package connectorconfig

import (
	"reflect"
	"slices"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/coordinator/catalog"
)

func TestKafkaConnectsOwnKeysAreDefinedAsThere(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlugins(c)
	if err != nil {
		t.Fatal(err)
	}
	v := &Validator{plugins: p}
	for id, kind := range map[string]connect.PluginType{
		"dump.ConnectorConfig":       "",
		"dump.SourceConnectorConfig": connect.TypeSource,
		"dump.SinkConnectorConfig":   connect.TypeSink,
	} {
		t.Run(id, func(t *testing.T) {
			var def *configdef.Def
			if def, err = v.framework(kind, defaults{}); err != nil {
				t.Fatal(err)
			}
			vectors.CheckDefinition(t, id, def, nil)
		})
	}
}

func TestTheSettingsOfKafkasClientsAreThoseOfTheRealOnes(t *testing.T) {
	all, err := parseClients()
	if err != nil {
		t.Fatal(err)
	}
	type setting struct {
		Name, Type, Importance string
		Required               bool
		DefaultText            *string
		Internal               bool
		Group                  *string
		Order                  int
		Width, DisplayName     string
	}
	for prefix, id := range map[kafkaclient.Kind]string{
		kafkaclient.Producer: "dump.policy.ProducerConfig", kafkaclient.Consumer: "dump.policy.ConsumerConfig", kafkaclient.Admin: "dump.policy.AdminClientConfig",
	} {
		cases := vectors.Where(vectors.Read(t, "configdef.jsonl"), func(c vectors.Case) bool { return c.ID == id })
		if len(cases) != 1 {
			t.Fatalf("%d cases %s", len(cases), id)
		}
		want := vectors.Decode[struct{ Keys []setting }](t, cases[0].Output).Keys
		want = slices.DeleteFunc(want, func(w setting) bool { return w.Internal })
		if len(want) != len(all[prefix]) {
			t.Errorf("%s has %d settings, want %d", prefix, len(all[prefix]), len(want))
		}
		for _, w := range want {
			got := all[prefix][w.Name].info("")
			have := setting{got.Name, got.Type, got.Importance, got.Required, got.DefaultValue, false, got.Group, got.OrderInGroup, got.Width, got.DisplayName}
			if !reflect.DeepEqual(have, w) {
				t.Errorf("%s%s is %+v, want %+v", prefix, w.Name, have, w)
			}
		}
		t.Logf("%s: %d settings", id, len(want))
	}
}
