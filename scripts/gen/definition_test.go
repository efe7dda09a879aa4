package main

import (
	"reflect"
	"testing"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/coordinator/catalog"
)

// The API validates with the catalog's definitions. Whatever a configuration says, they must find what the connectors' own
// definitions find, in the same words.
func TestTheCatalogValidatesAsTheConnectorsDo(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	described, err := c.Connectors()
	if err != nil {
		t.Fatal(err)
	}
	own := connectors.Plugins().Connectors
	if len(described) != len(own) {
		t.Fatalf("the catalog has %d connectors, there are %d", len(described), len(own))
	}
	for _, class := range own {
		e, ok := c.Find(class.Name)
		if !ok {
			t.Fatalf("%s is missing", class.Name)
		}
		def, err := e.Def()
		if err != nil {
			t.Fatal(err)
		}
		configs := []map[string]string{{}}
		for _, value := range []string{"", " ", "x", "0", "-1", "1.5", "true", "a,b,a", "99999999999999999999"} {
			config := make(map[string]string)
			for _, key := range class.Config.Names() {
				config[key] = value
			}
			configs = append(configs, config)
		}
		for _, config := range configs {
			if got, want := def.Validate(config), class.Config.Validate(config); !reflect.DeepEqual(got, want) {
				t.Errorf("%s with %v:\ngot  %+v\nwant %+v", class.Name, config, got, want)
			}
		}
	}
}
