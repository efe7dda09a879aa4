package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// workerReadme returns the table of the worker's keys.
func workerReadme(tree readTree) (output, error) {
	clients, err := kafkaclient.Keys()
	if err != nil {
		return output{}, err
	}
	keys := slices.Concat(worker.Keys(), worker.Prefixes())
	for i, k := range keys {
		if k.State != worker.OfClients {
			continue
		}
		if keys[i].State, keys[i].Note, err = ofClients(k.Name, clients); err != nil {
			return output{}, err
		}
	}
	return fill(tree, "coordinator/worker/README.md", map[string]string{"worker keys": workerTable(keys)})
}

// ofClients returns what becomes of a setting of the worker's own clients.
func ofClients(name string, clients []kafkaclient.Key) (worker.State, string, error) {
	states := map[kafkaclient.Use]worker.State{
		kafkaclient.Honoured: worker.Honoured, kafkaclient.Meaningless: worker.Meaningless, kafkaclient.Refused: worker.Refused,
	}
	i := slices.IndexFunc(clients, func(k kafkaclient.Key) bool { return k.Name == name })
	if i < 0 {
		return "", "", fmt.Errorf("%s is no setting of Kafka's clients", name)
	}
	return states[clients[i].Use], clients[i].Text, nil
}

func workerTable(keys []worker.Key) string {
	var b strings.Builder
	b.WriteString("| key | type | default | allowed | state | |\n|---|---|---|---|---|---|\n")
	for _, k := range keys {
		note := k.Note
		if k.Mode != worker.Both {
			note = "(" + string(k.Mode) + ") " + note
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", cell(k.Name), strings.ToLower(k.Type.String()), workerDefault(k), allowed(k), k.State, cell(note))
	}
	return b.String()
}

func workerDefault(k worker.Key) string {
	if strings.Contains(k.Name, "<") {
		return ""
	}
	def, err := configdef.New(configdef.ConfigKey{
		Name: k.Name, Type: k.Type, Required: k.Required, Default: k.Default, Importance: configdef.ImportanceLow,
	})
	if err != nil {
		return cell(err.Error()) // a test of package worker makes the same definition
	}
	return defaultCell(def.Keys()[0])
}

func allowed(k worker.Key) string {
	if k.Validator == nil {
		return ""
	}
	return cell(k.Validator.String())
}
