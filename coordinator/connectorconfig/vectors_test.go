package connectorconfig_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// worker of the recording: Kafka Connect's defaults, with JsonConverter.
func standalone(t *testing.T, extra ...string) *worker.Config {
	t.Helper()
	const jsonConverter = "org.apache.kafka.connect.json.JsonConverter"
	props := map[string]string{
		"bootstrap.servers": "localhost:9092", "offset.storage.file.filename": "offsets",
		"key.converter": jsonConverter, "value.converter": jsonConverter,
	}
	for i := 0; i < len(extra); i += 2 {
		props[extra[i]] = extra[i+1]
	}
	w, err := worker.NewStandalone(props)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func embedded(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newValidator(t *testing.T, o connectorconfig.Options) *connectorconfig.Validator {
	t.Helper()
	v, err := connectorconfig.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// recorded is what the vectors keep of an answer: of values only those that are not as they would be anyway.
type recorded struct {
	Name       string
	ErrorCount int `json:"error_count"`
	Groups     []string
	Order      []string
	Values     []connectorconfig.ConfigInfo
	Configs    []connectorconfig.ConfigInfo
}

// herderDifferences are the cases that differ. Those about plugins that are not in the catalog are listed as long as they are
// not.
func herderDifferences(c *catalog.Catalog) vectors.Differences {
	const noJVM = "there is no class path: a class that is no plugin could not be found"
	d := vectors.Differences{"herder.validate.36": noJVM, "herder.validate.45": noJVM}
	for id, class := range map[string]string{
		"herder.validate.51": "org.apache.kafka.connect.transforms.Filter",
		"herder.validate.82": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
		"herder.validate.85": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
	} {
		if _, ok := c.Find(class); !ok {
			d[id] = "pending: " + class + " is not in the catalog yet"
		}
	}
	return d
}

func TestVectorHerder(t *testing.T) {
	c := embedded(t)
	v := newValidator(t, connectorconfig.Options{Catalog: c, Worker: standalone(t)})
	cases := vectors.Where(vectors.Read(t, "configdef.jsonl"), func(c vectors.Case) bool { return strings.HasPrefix(c.ID, "herder.") })
	vectors.Run(t, cases, herderDifferences(c), func(t *testing.T, vc vectors.Case) error {
		in := vectors.Decode[struct{ Config store.Properties }](t, vc.Input)
		got, err := v.Validate(t.Context(), in.Config)
		if err != nil {
			return compareError(vc, err)
		}
		if vc.Error != nil {
			return fmt.Errorf("answered, but the real class threw %s (%s)", vc.Error.Class, vc.Error.Text())
		}
		return compareInfos(c, vectors.Decode[recorded](t, vc.Output), got)
	})
}

// compareError compares class and text, without the list of available connectors.
func compareError(vc vectors.Case, err error) error {
	if e, ok := errors.AsType[*connect.Error](err); ok && vc.Error != nil {
		got, _, _ := strings.Cut(e.Message, "available connectors are:")
		want, _, _ := strings.Cut(vc.Error.Text(), "available connectors are:")
		if e.SimpleClass() == vc.Error.Class && got == want {
			return nil
		}
	}
	return vc.Error.Agrees("", err.Error())
}

func compareInfos(c *catalog.Catalog, want recorded, got *connectorconfig.ConfigInfos) error {
	if got.Name != want.Name || got.ErrorCount != want.ErrorCount || !slices.Equal(got.Groups, want.Groups) {
		return fmt.Errorf("got %s, %d errors, groups %q; want %s, %d, %q; messages %q", got.Name, got.ErrorCount, got.Groups, want.Name, want.ErrorCount, want.Groups, got.Messages())
	}
	for _, info := range want.Configs {
		want.Order = append(want.Order, info.Definition.Name)
	}
	var order []string
	byName := map[string]connectorconfig.ConfigInfo{}
	for _, info := range got.Configs {
		order = append(order, info.Value.Name)
		byName[info.Value.Name] = info
	}
	if !slices.Equal(order, want.Order) {
		return fmt.Errorf("keys are\n%q, want\n%q", order, want.Order)
	}
	return compareListed(c, append(want.Values, want.Configs...), byName)
}

func compareListed(c *catalog.Catalog, want []connectorconfig.ConfigInfo, got map[string]connectorconfig.ConfigInfo) error {
	for _, info := range want {
		g := got[info.Value.Name]
		delete(got, info.Value.Name)
		if err := compareInfo(c, info, g); err != nil {
			return fmt.Errorf("%s: %w", info.Value.Name, err)
		}
	}
	for name, g := range got {
		if len(g.Value.Errors) > 0 || !g.Value.Visible {
			return fmt.Errorf("%s has errors %q, visible %v, but the real class found nothing", name, g.Value.Errors, g.Value.Visible)
		}
	}
	return nil
}

// withoutCauses leaves out what the JVM says about a pattern, which is for information only.
func withoutCauses(messages []string) []string {
	cut := make([]string, len(messages))
	for i, m := range messages {
		cut[i], _, _ = strings.Cut(m, "Invalid regex: ")
	}
	return cut
}

// compareInfo compares a value, and a definition if one was recorded; not documentation. Of recommended classes only those
// count that the catalog has, and that the recorded worker could have had: Apache's.
func compareInfo(c *catalog.Catalog, want, got connectorconfig.ConfigInfo) error {
	want.Value.RecommendedValues = slices.DeleteFunc(want.Value.RecommendedValues, func(v string) bool {
		_, ok := c.Find(v)
		return strings.Contains(v, ".connect.") && !ok
	})
	value := *got.Value
	value.RecommendedValues = slices.DeleteFunc(slices.Clone(value.RecommendedValues), func(v string) bool {
		_, known := c.Find(v)
		return known && !strings.HasPrefix(v, "org.apache.kafka.")
	})
	value.Errors, want.Value.Errors = withoutCauses(value.Errors), withoutCauses(want.Value.Errors)
	if !reflect.DeepEqual(want.Value, &value) {
		return fmt.Errorf("value %s, want %s", text(got.Value), text(want.Value))
	}
	if want.Definition == nil {
		return nil
	}
	if got.Definition == nil {
		return errors.New("has no definition")
	}
	d := *got.Definition
	d.Documentation = ""
	want.Definition.Documentation = ""
	if !reflect.DeepEqual(want.Definition, &d) {
		return fmt.Errorf("definition %s, want %s", text(d), text(want.Definition))
	}
	return nil
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
