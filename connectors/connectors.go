// Package connectors is the one list of all connectors. Tools and the local command link it; a function links its own
// connector package only.
package connectors

import (
	"github.com/ferry-connect/ferry/connectors/datagen"
	"github.com/ferry-connect/ferry/connectors/file"
	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Package is one connector package, which is served by one function.
type Package struct {
	// Name is the name of the folder here, of the folder under functions/task, and of the function.
	Name string
	// Classes are its connectors.
	Classes []*connect.Class
}

// All returns all connector packages, sorted by name.
func All() []Package {
	return []Package{
		{"datagen", datagen.Classes()},
		{"file", file.Classes()},
	}
}

// Plugins returns all connectors and all built-in plugins.
func Plugins() connect.Plugins {
	var classes []*connect.Class
	for _, p := range All() {
		classes = append(classes, p.Classes...)
	}
	return builtin.With(classes...)
}
