package connectorconfig

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// classesOf proposes every class of a kind.
type classesOf struct {
	plugins *plugins
	kind    connect.PluginType
}

// ValidValues implements configdef.Recommender.
func (r classesOf) ValidValues(string, map[string]any) ([]any, error) {
	return r.plugins.classes(r.kind), nil
}

// Visible implements configdef.Recommender.
func (classesOf) Visible(string, map[string]any) (bool, error) { return true, nil }

// connectorVersions proposes the versions of the connector.
type connectorVersions struct{ plugins *plugins }

// ValidValues implements configdef.Recommender.
func (r connectorVersions) ValidValues(_ string, parsed map[string]any) ([]any, error) {
	name, _ := parsed[ConnectorClassKey].(string)
	if e, err := r.plugins.connector(name); err == nil {
		return []any{e.Version}, nil
	}
	return nil, nil
}

// Visible implements configdef.Recommender.
func (connectorVersions) Visible(string, map[string]any) (bool, error) { return true, nil }

// versionsOf proposes the versions of the class that another key names.
type versionsOf struct {
	plugins  *plugins
	classKey string
	kind     connect.PluginType
	// hides says that the key is not shown while there is no class.
	hides bool
}

// ValidValues implements configdef.Recommender.
func (r versionsOf) ValidValues(_ string, parsed map[string]any) ([]any, error) {
	class, _ := parsed[r.classKey].(configdef.Class)
	if e, ok := r.plugins.find(r.kind, string(class)); ok {
		return []any{e.Version}, nil
	}
	return nil, nil
}

// Visible implements configdef.Recommender.
func (r versionsOf) Visible(_ string, parsed map[string]any) (bool, error) {
	return !r.hides || parsed[r.classKey] != nil, nil
}
