// Package builtin lists the plugins that every function has, whatever its connector: converters, header converters,
// transforms and predicates. It is one list, in one place, so that the catalog and the functions cannot disagree.
package builtin

import (
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/headerconv"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/primconv"
	"github.com/ferry-connect/ferry/connectors/sdk/transform"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/aiven"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/confluent"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/debezium"
)

// Version is the Kafka Connect release whose plugins these are equal to; the REST API reports it.
const Version = "4.3.1"

// Plugins returns the list, anew at each call. Connectors is empty.
func Plugins() connect.Plugins {
	json, jsonHeader, simple := jsonconv.Class(), jsonconv.HeaderClass(), headerconv.SimpleHeaderConverter()
	p := connect.Plugins{
		Transforms:       pointers(transform.Classes()),
		Predicates:       pointers(transform.Predicates()),
		Converters:       append(pointers(primconv.Classes()), &json),
		HeaderConverters: append(pointers(primconv.HeaderClasses()), &jsonHeader, &simple),
	}
	for _, c := range p.Transforms {
		c.Version = Version
	}
	// These have versions of their own.
	p.Transforms = append(p.Transforms, pointers(confluent.Classes())...)
	p.Transforms = append(p.Transforms, pointers(aiven.Classes())...)
	p.Transforms = append(p.Transforms, pointers(debezium.Classes())...)
	for _, c := range p.Predicates {
		c.Version = Version
	}
	for _, c := range p.Converters {
		c.Version = Version
	}
	for _, c := range p.HeaderConverters {
		c.Version = Version
	}
	return p
}

// With returns the list with connectors added: what a function of a connector package has.
func With(connectors ...*connect.Class) connect.Plugins {
	p := Plugins()
	p.Connectors = connectors
	return p
}

func pointers[T any](values []T) []*T {
	ps := make([]*T, len(values))
	for i := range values {
		ps[i] = &values[i]
	}
	return ps
}
