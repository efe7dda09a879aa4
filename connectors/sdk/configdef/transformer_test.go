package configdef_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// vault is a provider that knows a few values and remembers what it was asked.
type vault struct {
	values map[string]string // by path/key
	ttls   map[string]time.Duration
	err    error
	asked  []string
}

func (v *vault) Get(_ context.Context, path string, keys []string) (configdef.ConfigData, error) {
	v.asked = append(v.asked, path+" "+strings.Join(keys, ","))
	data := make(map[string]string)
	for _, key := range keys {
		if value, ok := v.values[path+"/"+key]; ok {
			data[key] = value
		}
	}
	return configdef.ConfigData{Data: data, TTL: v.ttls[path]}, v.err
}

func TestEachPathIsAskedOnceAndExpiresWithTheShortestTTL(t *testing.T) {
	a := &vault{values: map[string]string{"p/x": "1", "p/y": "2", "q/x": "3"}, ttls: map[string]time.Duration{"p": time.Hour}}
	b := &vault{values: map[string]string{"p/x": "4"}, ttls: map[string]time.Duration{"p": time.Minute}}
	transformer := configdef.NewConfigTransformer(map[string]configdef.ConfigProvider{"a": a, "b": b})
	result, err := transformer.Transform(t.Context(), map[string]string{
		"one": "${a:p:y}-${a:p:x}", "two": "${a:p:x}${b:p:x}", "three": "${a:q:x}", "four": "${a:q:ghost} ${c:q:x}",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"one": "2-1", "two": "14", "three": "3", "four": "${a:q:ghost} ${c:q:x}"}
	if !maps.Equal(result.Data, want) {
		t.Errorf("data %v, want %v", result.Data, want)
	}
	if !maps.Equal(result.TTLs, map[string]time.Duration{"p": time.Minute}) {
		t.Errorf("TTLs %v", result.TTLs)
	}
	if want := []string{"p x,y", "q ghost,x"}; !reflect.DeepEqual(a.asked, want) {
		t.Errorf("asked %q, want %q", a.asked, want)
	}
}

func TestAValuePutInPlaceIsNotLookedAtAgain(t *testing.T) {
	v := &vault{values: map[string]string{"/a": "${v:b}", "/b": "deep"}}
	result, err := configdef.NewConfigTransformer(map[string]configdef.ConfigProvider{"v": v}).Transform(t.Context(), map[string]string{"k": "${v:a}"})
	if err != nil || result.Data["k"] != "${v:b}" {
		t.Errorf("got %v, %v", result.Data, err)
	}
}

func TestAProvidersErrorNamesItAndCanBeTakenApart(t *testing.T) {
	down := errors.New("vault is sealed")
	v := &vault{err: down}
	_, err := configdef.NewConfigTransformer(map[string]configdef.ConfigProvider{"v": v}).Transform(t.Context(), map[string]string{"k": "${v:a}"})
	if !errors.Is(err, down) || !strings.Contains(err.Error(), `config provider "v"`) {
		t.Errorf("got %v", err)
	}
}

// variablesByHand reads placeholders without a regular expression.
func variablesByHand(value string) []configdef.ConfigVariable {
	var found []configdef.ConfigVariable
	for at := 0; at < len(value); {
		end := strings.IndexByte(value[at:], '}')
		if !strings.HasPrefix(value[at:], "${") || end < 0 {
			at++
			continue
		}
		provider, rest, ok := strings.Cut(value[at+2:at+end], ":")
		if !ok {
			at++
			continue
		}
		path, key, ok := strings.Cut(rest, ":")
		if !ok {
			path, key = "", rest
		}
		found = append(found, configdef.ConfigVariable{Provider: provider, Path: path, Key: key})
		at += end + 1
	}
	return found
}

func FuzzPlaceholder(f *testing.F) {
	for _, s := range []string{
		"", "${a:b}", "${a:b:c}", "${a:b:c:d}", "x${a:b}y${c:d}z", "${a}", "${a:${b:c}}", "${:}", "${::}", "$${a:b}", "{a:b}", "${a:b", "${a:\n}", "${${a:b}", "${a${b:c}}", "\xff${a:\xff}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, want := configdef.Variables(value), variablesByHand(value)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %q, by hand %q", value, got, want)
		}
		if configdef.HasVariable(value) != (len(want) > 0) {
			t.Fatalf("%q: HasVariable disagrees with Variables", value)
		}
		known := &echo{}
		transformer := configdef.NewConfigTransformer(map[string]configdef.ConfigProvider{"a": known})
		result, err := transformer.Transform(t.Context(), map[string]string{"k": value})
		if err != nil {
			t.Fatal(err)
		}
		if rest := strings.Count(result.Data["k"], known.mark()); rest < countOf(want, "a") {
			t.Fatalf("%q: %d of %d placeholders were replaced: %q", value, rest, countOf(want, "a"), result.Data["k"])
		}
	})
}

// echo knows every key.
type echo struct{}

func (*echo) mark() string { return "<found>" }

func (e *echo) Get(_ context.Context, _ string, keys []string) (configdef.ConfigData, error) {
	data := make(map[string]string)
	for _, key := range keys {
		data[key] = e.mark()
	}
	return configdef.ConfigData{Data: data}, nil
}

func countOf(variables []configdef.ConfigVariable, provider string) int {
	n := 0
	for _, v := range variables {
		if v.Provider == provider {
			n++
		}
	}
	return n
}

func ExampleConfigTransformer() {
	providers := map[string]configdef.ConfigProvider{"vault": &vault{values: map[string]string{"db/password": "pw"}}}
	result, err := configdef.NewConfigTransformer(providers).Transform(context.Background(), map[string]string{
		"connection.url": "jdbc:postgresql://db/orders?password=${vault:db:password}",
	})
	fmt.Println(result.Data["connection.url"], err)
	// Output: jdbc:postgresql://db/orders?password=pw <nil>
}
