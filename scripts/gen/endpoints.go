package main

import (
	"fmt"
	"strings"

	"github.com/ferry-connect/ferry/coordinator/rest"
)

// compatibilityFile returns COMPATIBILITY.md with the tables of the API's endpoints and of Kafka Connect's own keys of connectors.
func compatibilityFile(tree readTree) (output, error) {
	keys, err := frameworkTable()
	if err != nil {
		return output{}, err
	}
	return fill(tree, "COMPATIBILITY.md", map[string]string{"endpoints": endpointTable(rest.Endpoints()), "framework keys": keys})
}

func endpointTable(endpoints []rest.Endpoint) string {
	var b strings.Builder
	b.WriteString("| endpoint | methods | as Kafka Connect |\n|---|---|---|\n")
	for _, e := range endpoints {
		state := "yes"
		switch {
		case strings.HasPrefix(e.Path, "/ferry/"):
			state = "Ferry's own"
		case e.Differs != "":
			state = "yes, but " + e.Differs
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Path, strings.Join(e.Methods, ", "), cell(state))
	}
	return b.String()
}
