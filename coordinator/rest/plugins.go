package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
)

type pluginInfo struct {
	Class   string             `json:"class"`
	Type    connect.PluginType `json:"type"`
	Version string             `json:"version,omitempty"`
}

// plugins is GET /connector-plugins.
func (h *handler) plugins(_ context.Context, r *request) (*response, error) {
	connectorsOnly := r.URL.Query().Get("connectorsOnly") == "" || r.flag("connectorsOnly")
	infos := []pluginInfo{}
	for _, e := range h.Catalog.Entries() {
		if !connectorsOnly || e.Function != "" {
			infos = append(infos, pluginInfo{e.Class, e.Type, e.Version})
		}
	}
	return ok(infos)
}

// pluginConfig is GET /connector-plugins/{plugin}/config.
func (h *handler) pluginConfig(_ context.Context, r *request) (*response, error) {
	version := "latest"
	if query := r.URL.Query(); query.Has("version") {
		version = query.Get("version")
	}
	keys, err := h.validator.Keys(r.params[0], version)
	if err != nil {
		return nil, err
	}
	return ok(keys)
}

// validate is PUT /connector-plugins/{plugin}/config/validate. A configuration that is wrong is a success; one that cannot be
// judged is status 500 and names the Java exception, as in Connect.
func (h *handler) validate(ctx context.Context, r *request) (*response, error) {
	config, err := r.properties()
	if err != nil {
		return nil, err
	}
	class, given := config.Get(connectorconfig.ConnectorClassKey)
	if given && !strings.HasSuffix(withoutKind(class), withoutKind(r.params[0])) {
		return nil, errorf(http.StatusBadRequest, "Included connector type %s does not match request type %s", class, r.params[0])
	}
	infos, err := h.validator.Validate(ctx, config)
	if e, ok := errors.AsType[*connect.Error](err); ok {
		return nil, errorf(http.StatusInternalServerError, "%s: %s", e.Class, messageOf(e))
	}
	if err != nil {
		return nil, err
	}
	return ok(infos)
}

// withoutKind cuts Connector off the end of a class name or alias that has more.
func withoutKind(name string) string {
	if rest, cut := strings.CutSuffix(name, "Connector"); cut && rest != "" {
		return rest
	}
	return name
}
