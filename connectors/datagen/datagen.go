// Package datagen makes up records: a source to try things out with, under the class name and the configuration keys of
// Confluent's Datagen connector.
//
// What a record looks like is said by an Avro schema with annotations (arg.properties) that tell how each value is
// chosen. Schemas come with the connector under the names that configurations use in quickstart, or from the user.
//
// # Determinism
//
// The n-th record of a task is a function of three numbers: the seed, the task and n. There is no state that runs from
// record to record, so resuming at an offset needs no replay, and a task that is killed and started again goes on with
// exactly the record it would have made. The seed is random.seed if that is set; otherwise it is drawn when a task starts for
// the first time, and read back from its offset ever after.
package datagen

import (
	"context"
	"maps"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// version is the release of the original whose configuration keys this connector has.
const version = "0.6.6"

// Classes returns DatagenConnector.
func Classes() []*connect.Class {
	def := config()
	return []*connect.Class{{
		Name:      "io.confluent.kafka.connect.datagen.DatagenConnector",
		Version:   version,
		TaskClass: "io.confluent.kafka.connect.datagen.DatagenTask",
		Config:    def,
		Source: func() connect.Source {
			return &Source{def: def, now: time.Now, drawSeed: rand.Int64}
		},
		Plan: plan,
		Check: func(_ context.Context, config map[string]string) map[string][]string {
			return check(def, config)
		},
		ExactlyOnce: func(map[string]string) bool { return true },
	}}
}

// plan gives every task the configuration and its number, which makes its data differ from the other tasks'.
func plan(_ context.Context, config map[string]string, maxTasks int) ([]map[string]string, error) {
	tasks := make([]map[string]string, maxTasks)
	for i := range tasks {
		tasks[i] = maps.Clone(config)
		tasks[i][taskIDKey] = strconv.Itoa(i)
	}
	return tasks, nil
}
