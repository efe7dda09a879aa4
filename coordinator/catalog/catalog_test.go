package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConnectorsAreFoundByClassAndAlias(t *testing.T) {
	c := load(t)
	for _, name := range []string{"org.apache.kafka.connect.file.FileStreamSourceConnector", "FileStreamSourceConnector", "FileStreamSource"} {
		e, ok := c.Find(name)
		if !ok || e.Class != "org.apache.kafka.connect.file.FileStreamSourceConnector" || e.Type != connect.TypeSource {
			t.Errorf("%s: got %+v, %v", name, e, ok)
		}
		if function, ok := c.FunctionOf(name); !ok || function != "file" {
			t.Errorf("%s is served by %q, %v", name, function, ok)
		}
	}
	if e, ok := c.Find("NoSuch"); ok {
		t.Errorf("NoSuch is %s", e.Class)
	}
}

func TestOnlyConnectorsHaveAFunction(t *testing.T) {
	c := load(t)
	for _, e := range c.Entries() {
		isConnector := e.Type == connect.TypeSource || e.Type == connect.TypeSink
		if (e.Function != "") != isConnector || (e.TaskClass != "") != isConnector {
			t.Errorf("%s %s has function %q and task class %q", e.Type, e.Class, e.Function, e.TaskClass)
		}
	}
	if function, ok := c.FunctionOf("JsonConverter"); ok {
		t.Errorf("JsonConverter is served by %q", function)
	}
}

func TestConnectorsCanBeRegistered(t *testing.T) {
	classes, err := load(t).Connectors()
	if err != nil {
		t.Fatal(err)
	}
	registry, err := connect.NewRegistry(connect.Plugins{Connectors: classes})
	if err != nil {
		t.Fatal(err)
	}
	sink, err := registry.Connector("FileStreamSink")
	if err != nil || sink.Type() != connect.TypeSink || !slices.Equal(sink.Config.Names(), []string{"file"}) {
		t.Fatalf("got %+v, %v", sink, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{`: "read the catalog",
		`[{"class":"a.X","aliases":["X"]},{"class":"b.X","aliases":["X"]}]`:                                             "X names both a.X and b.X",
		`[{"class":"a.X","config":[{"name":"k","type":"TEXT"}]}]`:                                                       "TEXT",
		`[{"class":"a.X","config":[{"name":"k","type":"INT","importance":"HIGH","width":"WIDE"}]}]`:                     "WIDE",
		`[{"class":"a.X","config":[{"name":"k","type":"INT","importance":"VERY","width":"NONE"}]}]`:                     "VERY",
		`[{"class":"a.X","config":[{"name":"k","type":"INT","importance":"HIGH","width":"NONE","default_value":"x"}]}]`: "number",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestConnectorsOfOnesOwnAreListedAmongTheOthers(t *testing.T) {
	c, err := LoadWith([]byte(`[{"class":"org.example.Own","type":"source","function":"own","task_class":"org.example.Task","config":[]}]`))
	if err != nil {
		t.Fatal(err)
	}
	if function, ok := c.FunctionOf("org.example.Own"); !ok || function != "own" {
		t.Errorf("it is served by %q, %v", function, ok)
	}
	var types, want []string
	for _, e := range c.Entries() {
		types = append(types, string(e.Type)+" "+e.Class)
	}
	for _, e := range load(t).Entries() {
		want = append(want, string(e.Type)+" "+e.Class)
	}
	at := slices.Index(types, "source org.example.Own")
	if at < 0 || !slices.Equal(slices.Delete(slices.Clone(types), at, at+1), want) || !strings.HasPrefix(types[at+1], "transformation") {
		t.Errorf("at %d of %v", at, types)
	}
}

func TestLoadWithRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{`: "read the catalog",
		`[{"class":"a.X","type":"converter","config":[]}]`:                                        "a.X is not a connector",
		`[{"class":"a.X","type":"sink","config":[]}]`:                                             "needs a function",
		`[{"class":"a.X","type":"sink","function":"x","aliases":["FileStreamSink"],"config":[]}]`: "FileStreamSink names both",
	} {
		if _, err := LoadWith([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestAKeyIsTheSameAfterDescribing(t *testing.T) {
	for _, k := range []configdef.ConfigKey{
		{Name: "a", Type: configdef.TypeInt, Default: 5, Validator: configdef.Between(1, 9), Importance: configdef.ImportanceLow, Documentation: "A."},
		{Name: "b", Type: configdef.TypeList, Default: "x,y", Importance: configdef.ImportanceHigh, Group: "G", OrderInGroup: 3, Width: configdef.WidthLong, DisplayName: "B"},
		{Name: "c", Type: configdef.TypeString, Required: true, Recommender: configdef.Recommend("p", "q"), Importance: configdef.ImportanceMedium},
		{Name: "d", Type: configdef.TypeBoolean, Default: true, Importance: configdef.ImportanceLow},
		{Name: "e", Type: configdef.TypeString, Importance: configdef.ImportanceLow},
	} {
		def := configdef.MustNew(k)
		prepared, _ := def.Key(k.Name)
		described, err := DescribeKey(prepared)
		if err != nil {
			t.Fatal(err)
		}
		e := Entry{Config: []Key{described}}
		rebuilt, err := e.Def()
		if err != nil {
			t.Fatal(err)
		}
		again, _ := rebuilt.Key(k.Name)
		twice, err := DescribeKey(again)
		if err != nil || !sameKey(described, twice) {
			t.Errorf("%s: got %+v, want %+v, %v", k.Name, twice, described, err)
		}
	}
}

func sameKey(a, b Key) bool {
	text := func(s *string) string {
		if s == nil {
			return "null"
		}
		return "=" + *s
	}
	same := text(a.DefaultValue) == text(b.DefaultValue) && text(a.Group) == text(b.Group) &&
		slices.Equal(a.Dependents, b.Dependents) && slices.Equal(a.Recommended, b.Recommended)
	a.DefaultValue, a.Group, a.Dependents, a.Recommended = nil, nil, nil, nil
	b.DefaultValue, b.Group, b.Dependents, b.Recommended = nil, nil, nil, nil
	return same && a.Name == b.Name && a.Type == b.Type && a.Required == b.Required && a.Importance == b.Importance && a.Documentation == b.Documentation &&
		a.Width == b.Width && a.DisplayName == b.DisplayName && a.Order == b.Order && a.Validator == b.Validator
}

func TestParsedValidatorsSayTheSame(t *testing.T) {
	values := []any{nil, "", " ", "x", "A", "a\x00b", int32(-1), int32(0), int32(1), int32(5), int64(1 << 40), 0.5, []string{}, []string{"x"}}
	for _, v := range []configdef.Validator{
		configdef.NonEmptyString(), configdef.NonNull(), configdef.NonEmptyStringWithoutControlChars(), configdef.NonEmptyList(),
		configdef.AtLeast(1), configdef.AtMost(5), configdef.Between(0, 1), configdef.AtLeast(0.5), configdef.Between(-1.5, 2.5),
		configdef.ValidString("x"), configdef.ValidString("a", "b c", "x"), configdef.CaseInsensitiveValidString("a", "none", "all"),
	} {
		parsed, ok := ParseValidator(v.String())
		if !ok {
			t.Errorf("%s is not understood", v)
			continue
		}
		for _, value := range values {
			got, want := parsed.Validate("k", value), v.Validate("k", value)
			if (got == nil) != (want == nil) || got != nil && got.Error() != want.Error() {
				t.Errorf("%s about %#v: got %v, want %v", v, value, got, want)
			}
		}
	}
}

func TestParseValidatorLeavesAloneWhatIsNoData(t *testing.T) {
	for _, text := range []string{"valid regex", "[", "[...]", "[1,...,x]", "List containing maximum of 3 elements", "[1,...], non-null string", "(case insensitive) x"} {
		if v, ok := ParseValidator(text); ok {
			t.Errorf("%q becomes %v", text, v)
		}
	}
}
