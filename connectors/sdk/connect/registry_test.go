package connect_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func source(name string) *connect.Class {
	return &connect.Class{Name: name, Version: "1.0", Source: func() connect.Source { return nil }}
}

func sinkClass(name string) *connect.Class {
	return &connect.Class{Name: name, Version: "1.0", Sink: func() connect.Sink { return nil }}
}

func plugins() connect.Plugins {
	aliased := sinkClass("x.BlobSink")
	aliased.Aliases = []string{"com.example.OldBlobSink"}
	return connect.Plugins{
		Connectors: []*connect.Class{
			source("org.apache.kafka.connect.file.FileStreamSourceConnector"), sinkClass("org.apache.kafka.connect.file.FileStreamSinkConnector"),
			source("a.JdbcConnector"), source("b.JdbcConnector"), source("a.TwinConnector"), aliased,
		},
		Transforms:       []*connect.TransformClass{{Name: "t.Cast$Key"}, {Name: "t.Cast$Value"}, {Name: "t.RegexRouter"}, {Name: "t.Mask$Key"}},
		Predicates:       []*connect.PredicateClass{{Name: "p.HasHeaderKey"}, {Name: "p.Twin"}},
		Converters:       []*connect.ConverterClass{{Name: "c.JsonConverter", Version: "2"}, {Name: "c.StringConverter"}},
		HeaderConverters: []*connect.HeaderConverterClass{{Name: "c.JsonConverter", Version: "2"}, {Name: "c.SimpleHeaderConverter"}},
	}
}

func registry(t *testing.T) *connect.Registry {
	t.Helper()
	r, err := connect.NewRegistry(plugins())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestConnectorsAreFoundByNameAndAlias(t *testing.T) {
	r := registry(t)
	for name, want := range map[string]string{
		"org.apache.kafka.connect.file.FileStreamSinkConnector": "org.apache.kafka.connect.file.FileStreamSinkConnector",
		"FileStreamSinkConnector":                               "org.apache.kafka.connect.file.FileStreamSinkConnector",
		"FileStreamSink":                                        "org.apache.kafka.connect.file.FileStreamSinkConnector",
		"FileStreamSource":                                      "org.apache.kafka.connect.file.FileStreamSourceConnector",
		"a.JdbcConnector":                                       "a.JdbcConnector",
		"BlobSink":                                              "x.BlobSink",
		"com.example.OldBlobSink":                               "x.BlobSink",
		"Twin":                                                  "a.TwinConnector", // shared with a predicate, but only one connector
	} {
		c, err := r.Connector(name)
		if err != nil || c.Name != want {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

func TestOtherPluginsAreFoundByNameAndAlias(t *testing.T) {
	r := registry(t)
	for _, name := range []string{"c.JsonConverter", "JsonConverter", "Json"} {
		if c, err := r.Converter(name); err != nil || c.Name != "c.JsonConverter" {
			t.Errorf("converter %s: %v, %v", name, c, err)
		}
		if c, err := r.HeaderConverter(name); err != nil || c.Name != "c.JsonConverter" {
			t.Errorf("header converter %s: %v, %v", name, c, err)
		}
	}
	if c, err := r.HeaderConverter("Simple"); err != nil || c.Name != "c.SimpleHeaderConverter" {
		t.Errorf("Simple: %v, %v", c, err)
	}
	if c, err := r.Transform("RegexRouter"); err != nil || c.Name != "t.RegexRouter" {
		t.Errorf("RegexRouter: %v, %v", c, err)
	}
	if c, err := r.Transform("t.Cast$Value"); err != nil || c.Name != "t.Cast$Value" {
		t.Errorf("Cast$Value: %v, %v", c, err)
	}
	if c, err := r.Predicate("HasHeaderKey"); err != nil || c.Name != "p.HasHeaderKey" {
		t.Errorf("HasHeaderKey: %v, %v", c, err)
	}
}

func TestAmbiguousAliasesAreNobodys(t *testing.T) {
	r := registry(t)
	for _, name := range []string{"Key", "Twin", "Jdbc"} {
		if class, ok := r.Resolve(name); ok {
			t.Errorf("%s stands for %s", name, class)
		}
	}
	if _, err := r.Predicate("Twin"); err == nil {
		t.Error("a predicate is found by an alias it shares")
	}
	_, err := r.Connector("Jdbc")
	want := "More than one connector matches alias Jdbc. Please use full package and class name instead. Classes found: " +
		"PluginDesc{klass=class a.JdbcConnector, name='a.JdbcConnector', version='1.0', encodedVersion=1.0, type=source, typeName='source', location='classpath'}, " +
		"PluginDesc{klass=class b.JdbcConnector, name='b.JdbcConnector', version='1.0', encodedVersion=1.0, type=source, typeName='source', location='classpath'}"
	if err == nil || err.Error() != want || connect.KindOf(err) != connect.KindConfig {
		t.Errorf("got %v", err)
	}
}

func TestApachesClassKeepsAnAliasThatOthersShare(t *testing.T) {
	r, err := connect.NewRegistry(connect.Plugins{Transforms: []*connect.TransformClass{
		{Name: "io.a.Filter"}, {Name: "org.apache.kafka.connect.transforms.Filter"}, {Name: "z.Filter"},
		{Name: "io.a.Cast$Key"}, {Name: "org.apache.kafka.connect.transforms.Cast$Key"}, {Name: "org.apache.kafka.connect.transforms.Mask$Key"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := r.Resolve("Filter"); !ok || got != "org.apache.kafka.connect.transforms.Filter" {
		t.Errorf("Filter is %s, %t", got, ok)
	}
	if got, ok := r.Resolve("Key"); ok {
		t.Errorf("Key is %s", got)
	}
}

func TestUnknownPluginsAreListedAgainstWhatThereIs(t *testing.T) {
	r := registry(t)
	_, connector := r.Connector("NoSuch")
	_, wrongKind := r.Connector("c.JsonConverter")
	_, transform := r.Transform("NoSuch")
	_, predicate := r.Predicate("NoSuch")
	_, converter := r.Converter("NoSuch")
	_, header := r.HeaderConverter("NoSuch")
	for _, tc := range []struct {
		err         error
		begin, last string
	}{
		{connector, "Failed to find any class that implements Connector and which name matches NoSuch, available connectors are: PluginDesc{klass=class org.apache.kafka.connect.file.FileStreamSinkConnector, name=", "location='classpath'}"},
		{wrongKind, "Failed to find any class that implements Connector and which name matches c.JsonConverter, ", "location='classpath'}"},
		{transform, "Failed to find any class that implements Transformation and which name matches NoSuch, available transformations are: ", ""},
		{predicate, "Failed to find any class that implements Predicate and which name matches NoSuch, available predicates are: ", ""},
		{converter, "Failed to find any class that implements Converter and which name matches NoSuch, available converters are: ", ""},
		{header, "Failed to find any class that implements HeaderConverter and which name matches NoSuch, available header converters are: ", ""},
	} {
		e, ok := errors.AsType[*connect.Error](tc.err)
		if !ok || !strings.HasPrefix(e.Message, tc.begin) || !strings.HasSuffix(e.Message, tc.last) || e.Class != connect.ConnectException || e.Kind != connect.KindConfig {
			t.Errorf("got %v, want %s…", tc.err, tc.begin)
		}
	}
}

func TestPluginsAreListedByKindAndName(t *testing.T) {
	var got []string
	for _, p := range registry(t).Plugins() {
		got = append(got, string(p.Type)+" "+p.Name)
	}
	want := []string{
		"sink org.apache.kafka.connect.file.FileStreamSinkConnector", "sink x.BlobSink",
		"source a.JdbcConnector", "source a.TwinConnector", "source b.JdbcConnector", "source org.apache.kafka.connect.file.FileStreamSourceConnector",
		"transformation t.Cast$Key", "transformation t.Cast$Value", "transformation t.Mask$Key", "transformation t.RegexRouter",
		"predicate p.HasHeaderKey", "predicate p.Twin", "converter c.JsonConverter", "converter c.StringConverter",
		"header_converter c.JsonConverter", "header_converter c.SimpleHeaderConverter",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestMistakesInThePluginListsAreRefused(t *testing.T) {
	both := source("a.Both")
	both.Sink = func() connect.Sink { return nil }
	for name, p := range map[string]connect.Plugins{
		"listed twice":  {Connectors: []*connect.Class{source("a.B"), sinkClass("a.B")}},
		"two kinds":     {Transforms: []*connect.TransformClass{{Name: "a.B"}}, Predicates: []*connect.PredicateClass{{Name: "a.B"}}},
		"no name":       {Converters: []*connect.ConverterClass{{}}},
		"source & sink": {Connectors: []*connect.Class{both}},
		"neither":       {Connectors: []*connect.Class{{Name: "a.Neither"}}},
	} {
		if _, err := connect.NewRegistry(p); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
