package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// connectorOffsets is the body of the requests about offsets.
type connectorOffsets struct {
	Offsets []connectorOffset `json:"offsets"`
}

// connectorOffset is a partition, and its offset or null. Both are JSON objects; a partition that is null is possible.
type connectorOffset struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

type message struct {
	Message string `json:"message"`
}

// offsets is GET /connectors/{name}/offsets.
func (h *handler) offsets(ctx context.Context, r *request) (*response, error) {
	c, err := h.find(ctx, r, connectorNotFound)
	if err != nil {
		return nil, err
	}
	e, err := h.entry(c)
	if err != nil {
		return nil, err
	}
	if !r.asOf.IsZero() {
		return nil, errorf(http.StatusInternalServerError, "Kafka does not answer, so the offsets of connector %s cannot be read: try again later", c.Name)
	}
	list, err := h.offsetsOf(ctx, c, e)
	if err != nil {
		return nil, err
	}
	body := connectorOffsets{Offsets: make([]connectorOffset, len(list))}
	for i, o := range list {
		if body.Offsets[i], err = encodeOffset(o); err != nil {
			return nil, err
		}
	}
	return ok(body)
}

// entry returns what the catalog knows of a connector's class.
func (h *handler) entry(c *store.Connector) (catalog.Entry, error) {
	class, _ := c.Config.Get(connectorconfig.ConnectorClassKey)
	return h.validator.Connector(class)
}

// offsetsOf returns a source's offsets from the offsets topics, a sink's from its consumer group.
func (h *handler) offsetsOf(ctx context.Context, c *store.Connector, e catalog.Entry) ([]connect.SourceOffset, error) {
	if e.Type == connect.TypeSink {
		return h.groupOffsets(ctx, c)
	}
	return h.Store.Offsets().All(ctx, c.Name, ownTopic(c))
}

// ownTopic is the connector's own offsets topic, empty when it has none.
func ownTopic(c *store.Connector) string {
	topic, _ := c.Config.Get("offsets.storage.topic")
	return topic
}

func encodeOffset(o connect.SourceOffset) (connectorOffset, error) {
	partition := connect.Null()
	if o.Partition != nil {
		partition = o.Partition.Value()
	}
	p, err := encodeMap(partition)
	if err != nil {
		return connectorOffset{}, err
	}
	v, err := encodeMap(o.Offset)
	return connectorOffset{p, v}, err
}

func encodeMap(v connect.Value) (json.RawMessage, error) {
	if v.IsNull() {
		return json.RawMessage("null"), nil
	}
	return offsets.AppendValue(nil, v)
}

// alterOffsets is PATCH /connectors/{name}/offsets.
func (h *handler) alterOffsets(ctx context.Context, r *request) (*response, error) {
	wanted, err := readOffsets(r)
	if err != nil {
		return nil, err
	}
	return h.modify(ctx, r.connector(), "altered", func(context.Context, *store.Connector, catalog.Entry) ([]connect.SourceOffset, error) {
		return wanted, nil
	})
}

// resetOffsets is DELETE /connectors/{name}/offsets: every partition that is known is reset.
func (h *handler) resetOffsets(ctx context.Context, r *request) (*response, error) {
	return h.modify(ctx, r.connector(), "reset", func(ctx context.Context, c *store.Connector, e catalog.Entry) ([]connect.SourceOffset, error) {
		list, err := h.offsetsOf(ctx, c, e)
		for i := range list {
			list[i].Offset = connect.Null()
		}
		return list, err
	})
}

// readOffsets reads the body of PATCH. Partitions and offsets get the form in which they would be read back: all integers
// are INT64.
func readOffsets(r *request) ([]connect.SourceOffset, error) {
	fields, err := r.fields("offsets")
	if err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errorf(http.StatusInternalServerError, "The request has no offsets: its body must be {\"offsets\":[…]}")
	}
	var entries []json.RawMessage
	if raw := fields["offsets"]; len(raw) > 0 {
		if err := decode(raw, &entries); err != nil {
			return nil, err
		}
	}
	if len(entries) == 0 {
		return nil, errorf(http.StatusBadRequest, "Partitions / offsets need to be provided for an alter offsets request")
	}
	list := make([]connect.SourceOffset, len(entries))
	for i, entry := range entries {
		if list[i], err = readOffset(entry); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func readOffset(entry json.RawMessage) (connect.SourceOffset, error) {
	if string(entry) == "null" {
		return connect.SourceOffset{}, errorf(http.StatusBadRequest, "An entry of the offsets to alter is null: each must have a partition, and an offset or null")
	}
	fields, err := objectFields(entry, "partition", "offset")
	if err != nil {
		return connect.SourceOffset{}, err
	}
	partition, err := readMap(fields["partition"])
	if err != nil {
		return connect.SourceOffset{}, err
	}
	offset, err := readMap(fields["offset"])
	return connect.SourceOffset{Partition: connect.SourcePartitionOf(partition), Offset: offset}, err
}

func readMap(raw json.RawMessage) (connect.Value, error) {
	if len(raw) == 0 {
		return connect.Null(), nil
	}
	v, err := offsets.ParseValue(raw)
	if err == nil && !v.IsNull() && v.Kind() != connect.KindMap {
		err = errorf(http.StatusInternalServerError, "Cannot deserialize value of type `java.util.LinkedHashMap` from %.40s", raw)
	}
	return v, err
}

// wish is the offsets that a request asks for.
type wish func(context.Context, *store.Connector, catalog.Entry) ([]connect.SourceOffset, error)

// modify changes offsets of a stopped connector: it ends what is left of its tasks, asks the connector's own code, and writes. The
// connector is held meanwhile, see Options.Hold; other connectors are changed as ever. That it is stopped is looked at before, to
// answer at once, and again when it is held, since only that look counts.
func (h *handler) modify(ctx context.Context, name, done string, wanted wish) (*response, error) {
	if _, err := h.stopped(ctx, name); err != nil {
		return nil, err
	}
	var confirmed bool
	err := h.hold(ctx, name, func(ctx context.Context) (err error) {
		confirmed, err = h.modifyHeld(ctx, name, wanted)
		return err
	})
	if err != nil {
		return nil, err
	}
	seen := h.Store.Configs().Snapshot()
	changeOf(ctx).of(seen, seen)
	if confirmed {
		return ok(message{fmt.Sprintf("The offsets for this connector have been %s successfully", done)})
	}
	return ok(message{fmt.Sprintf("The Connect framework-managed offsets for this connector have been %s successfully. However, if this connector manages "+
		"offsets externally, they will need to be manually %s in the system that the connector uses.", done, done)})
}

// hold is Options.Hold. A connector that was resumed meanwhile was refused to the pass that came for it, so that another is asked for.
func (h *handler) hold(ctx context.Context, name string, do func(context.Context) error) error {
	if h.Hold == nil {
		return do(ctx)
	}
	err := h.Hold(ctx, name, do)
	if h.configs.fresh(ctx) == nil { // else the schedule finds the change
		if c, ok := h.Store.Configs().Snapshot().Connectors[name]; ok && c.Target != store.Stopped {
			h.Trigger(name)
		}
	}
	return err
}

// stopped returns a connector, from the config topic, read to its end, if it is stopped and has no tasks.
func (h *handler) stopped(ctx context.Context, name string) (*store.Connector, error) {
	if err := h.configs.fresh(ctx); err != nil {
		return nil, err
	}
	c, exists := h.Store.Configs().Snapshot().Connectors[name]
	if !exists {
		return nil, notFound(connectorNotFound, name)
	}
	if c.Target != store.Stopped || c.TaskCount > 0 {
		return nil, errorf(http.StatusBadRequest, "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for "+
			"the specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' endpoint", name)
	}
	return c, nil
}

// modifyHeld reports whether the connector confirmed the change itself. Offsets are read behind the fence, and the connector is asked
// behind it: what a task still committed would escape them.
func (h *handler) modifyHeld(ctx context.Context, name string, wanted wish) (confirmed bool, err error) {
	c, err := h.stopped(ctx, name)
	if err != nil {
		return false, err
	}
	e, err := h.entry(c)
	if err != nil {
		return false, err
	}
	if h.Fence != nil {
		if err := h.Fence(ctx, c.Name); err != nil {
			return false, fmt.Errorf("end the tasks of connector %s: %w", c.Name, err)
		}
	}
	list, err := wanted(ctx, c, e)
	if err != nil {
		return false, err
	}
	changeOf(ctx).offsets = len(list)
	return h.apply(ctx, c, e, list)
}

// apply reports whether the connector confirmed the change itself.
func (h *handler) apply(ctx context.Context, c *store.Connector, e catalog.Entry, list []connect.SourceOffset) (confirmed bool, err error) {
	sink := e.Type == connect.TypeSink
	var group []offsets.SinkOffset
	if sink {
		if group, err = parseGroupOffsets(list); err != nil {
			return false, err
		}
	}
	if confirmed, err = h.askConnector(ctx, c, e, list); err != nil {
		return false, err
	}
	if sink {
		return confirmed, h.alterGroup(ctx, c, group)
	}
	return confirmed, h.Store.Offsets().Alter(ctx, c.Name, ownTopic(c), list)
}

// askConnector lets the connector's own code check the offsets, and apply them where it keeps its own.
func (h *handler) askConnector(ctx context.Context, c *store.Connector, e catalog.Entry, list []connect.SourceOffset) (bool, error) {
	req := &invoke.Request{Op: invoke.OpAlter, Connector: c.Name, Config: c.Config.Map(), Offsets: make([]invoke.Offset, len(list)),
		Loggers: h.Store.Configs().Snapshot().Loggers}
	for i, o := range list {
		encoded, err := encodeOffset(o)
		if err != nil {
			return false, err
		}
		req.Offsets[i] = invoke.Offset(encoded)
	}
	if !e.AltersOffsets {
		return false, nil
	}
	resp, err := h.Invoker.Invoke(ctx, e.Function, req)
	if err == nil {
		err = resp.Error.Err()
	}
	if err != nil {
		if _, refused := errors.AsType[*connect.Error](err); refused {
			return false, err
		}
		return false, fmt.Errorf("ask the connector's function %s about the offsets: %w", e.Function, err)
	}
	return resp.Altered, nil
}
