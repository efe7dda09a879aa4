package connecttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// TransformHarness is what the suite must know about a transform.
type TransformHarness struct {
	// Class is the transform under test, Config its keys without prefix.
	Class  connect.TransformClass
	Config map[string]string
	// Records returns records that the transform changes, in memory of a. At least one must pass without error.
	Records func(a *connect.Arena) []connect.Record
	// Schemaless are configurations with which the map of a struct's fields becomes the map of what the struct becomes. The structs
	// have scalar fields f0, f1 and so on, three or more, and such a struct in the field n.
	Schemaless []map[string]string
	// Clock says that results depend on the time, so that two runs may differ.
	Clock bool
}

// Transform runs the conformance suite for a transform.
func Transform(t *testing.T, h TransformHarness) {
	t.Helper()
	runChecks(t, h.checks())
}

func (h TransformHarness) checks() []check {
	return []check{
		{"what comes out is valid", h.checkValid},
		{"the same record gives the same result, whatever became of earlier arenas", h.checkRetention},
		{"schemas and their defaults stay what they are", h.checkShared},
		{"what another record shares stays as it is", h.checkInput},
		{"any record passes, is dropped, or fails as data or for now", h.checkAnything},
		{"a failure that may pass leaves the record as it was", h.checkRetriable},
		{"a struct and the map of its fields become the same", h.checkSchemaless},
		{"two of them at once give what each gives alone", h.checkConcurrent},
		{"a thousand schemas in turn stay correct, and each keeps its output schema", h.checkThousandSchemas},
		{"of schemas that are made anew for each record one is kept", h.checkEqualSchemas},
		{"what is kept of schemas is bounded", h.checkBounded},
	}
}

func (h TransformHarness) new() (connect.Transform, error) {
	tr, err := h.Class.New(h.Config)
	if err != nil {
		return nil, fmt.Errorf("configure %s: %w", h.Class.Name, err)
	}
	return tr, nil
}

// outcome renders all that Apply did with a record.
func outcome(r *connect.Record, keep bool, err error) string {
	switch {
	case err != nil:
		return "error " + err.Error()
	case !keep:
		return "dropped"
	}
	text := fmt.Sprintf("%s partition %d timestamp %d key schema %s value schema %s", recordText(r), r.Partition, r.Timestamp, r.KeySchema, r.ValueSchema)
	for _, header := range r.Headers {
		text += fmt.Sprintf(" header %s: %s of %s", header.Key, valueText(header.Value), header.Schema)
	}
	return text
}

func (h TransformHarness) checkValid(context.Context, testing.TB) error {
	tr, err := h.new()
	if err != nil {
		return err
	}
	var a connect.Arena
	passed := 0
	for _, r := range h.Records(&a) {
		if _, err := tr.Apply(&r, &a); err != nil {
			continue
		}
		passed++
		if err := checkRecord(&r); err != nil {
			return err
		}
	}
	if passed == 0 {
		return errors.New("no record of the harness passes")
	}
	return nil
}

func (h TransformHarness) checkAnything(context.Context, testing.TB) error {
	tr, err := h.new()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(13, 13))
	var a connect.Arena
	for range 500 {
		a.Reset()
		record := anyRecord(r, &a)
		before := recordText(&record)
		keep, err := tr.Apply(&record, &a)
		switch {
		case err != nil && connect.KindOf(err) != connect.KindData && connect.KindOf(err) != connect.KindRetriable:
			return fmt.Errorf("record %s: the error is of kind %s, want data or retriable: %w", before, connect.KindOf(err), err)
		case err == nil && keep:
			if err := checkRecord(&record); err != nil {
				return fmt.Errorf("from record %s: %w", before, err)
			}
		}
	}
	return nil
}

// anyRecord returns a random record: with and without schemas, tombstones among them.
func anyRecord(r *rand.Rand, a *connect.Arena) connect.Record {
	record := connect.Record{Topic: "conformance", Timestamp: 1700000000000, Partition: 1, Offset: 5, OriginalOffset: 5, OriginalPartition: 1, OriginalTopic: "conformance"}
	if r.IntN(3) > 0 {
		record.KeySchema = AnySchema(r, 1)
		record.Key = AnyValue(r, record.KeySchema, a)
	}
	if r.IntN(8) > 0 {
		record.ValueSchema = AnySchema(r, 2)
		record.Value = AnyValue(r, record.ValueSchema, a)
	}
	if r.IntN(4) == 0 { // schemaless: a map from string to anything
		record.ValueSchema = nil
		record.Value = AnyValue(r, connect.NewMapSchema(connect.StringSchema, AnySchema(r, 1)).MustBuild(), a)
	}
	for range r.IntN(3) {
		s := AnySchema(r, 1)
		record.Headers = connect.AppendHeader(a, record.Headers, connect.Header{Key: fmt.Sprintf("h%d", r.IntN(2)), Schema: s, Value: AnyValue(r, s, a)})
	}
	return record
}

// checkRetriable compares records before and after a retriable error: the runtime applies the transform to them again.
func (h TransformHarness) checkRetriable(context.Context, testing.TB) error {
	tr, err := h.new()
	if err != nil {
		return err
	}
	var a connect.Arena
	records := h.Records(&a)
	r := rand.New(rand.NewPCG(17, 17))
	for range 200 {
		records = append(records, anyRecord(r, &a))
	}
	for _, r := range records {
		before := outcome(&r, true, nil)
		_, err := tr.Apply(&r, &a)
		if after := outcome(&r, true, nil); err != nil && connect.KindOf(err) == connect.KindRetriable && after != before {
			return fmt.Errorf("record %s has become %s after the error: %w", before, after, err)
		}
	}
	return nil
}
