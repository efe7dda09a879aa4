package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

// clientsFile returns the page about settings of Kafka's clients with its table brought up to date.
func clientsFile(tree readTree) (output, error) {
	keys, err := kafkaclient.Keys()
	if err != nil {
		return output{}, err
	}
	return fill(tree, "connectors/sdk/kafkaclient/README.md", map[string]string{"settings of clients": clientTable(keys)})
}

func clientTable(keys []kafkaclient.Key) string {
	words := map[kafkaclient.Use]string{kafkaclient.Honoured: "honoured", kafkaclient.Meaningless: "no effect", kafkaclient.Refused: "refused"}
	var b strings.Builder
	b.WriteString("| setting | clients | | |\n|---|---|---|---|\n")
	for _, k := range keys {
		var clients []string
		for _, kind := range kafkaclient.Kinds() {
			if _, ok := k.Clients[kind]; ok {
				clients = append(clients, string(kind))
			}
		}
		list := strings.Join(clients, ", ")
		if slices.Equal(clients, []string{"producer", "consumer", "admin"}) {
			list = "all"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Name, list, words[k.Use], cell(k.Text))
	}
	return b.String()
}
