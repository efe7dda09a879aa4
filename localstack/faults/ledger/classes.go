package ledger

import (
	"encoding/json"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The names of the classes.
const (
	SourceClass          = "org.ferry.ledger.LedgerSource"
	SinkClass            = "org.ferry.ledger.LedgerSink"
	ExactlyOnceSinkClass = "org.ferry.ledger.ExactlyOnceLedgerSink"
)

// Function is the name by which the coordinator knows the function of the classes.
const Function = "ledger"

// Classes returns the source and the two sinks.
func Classes() []*connect.Class {
	none := configdef.MustNew()
	return []*connect.Class{
		{
			Name: SourceClass, Version: "1", TaskClass: SourceClass + "Task", Config: none,
			Source:      func() connect.Source { return new(source) },
			ExactlyOnce: func(map[string]string) bool { return true },
		},
		{
			Name: SinkClass, Version: "1", TaskClass: SinkClass + "Task", Config: none,
			Sink: func() connect.Sink { return new(sink) },
		},
		{
			Name: ExactlyOnceSinkClass, Version: "1", TaskClass: ExactlyOnceSinkClass + "Task", Config: none,
			Sink: func() connect.Sink { return &sink{exactlyOnce: true} },
		},
	}
}

// Catalog returns what tells the coordinator and the API of the classes: the content of the file that FERRY_CATALOG names.
func Catalog() ([]byte, error) {
	var entries []map[string]any
	for _, c := range Classes() {
		entries = append(entries, map[string]any{
			"class": c.Name, "type": c.Type(), "version": c.Version, "task_class": c.TaskClass, "function": Function,
			"exactly_once": c.ExactlyOnce != nil, "config": []any{},
		})
	}
	return json.Marshal(entries)
}
