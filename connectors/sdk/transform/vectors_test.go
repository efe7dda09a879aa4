package transform_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/transform"
)

// Reasons for which cases differ on purpose.
const (
	nullConfig    = "a null in a configuration is the same as no value: Ferry's configurations are texts"
	byteBuffer    = "the message names byte[]: Ferry does not tell the two Java classes of bytes apart"
	linkedMap     = "the message names java.util.HashMap, which converters make: Ferry does not tell Java's classes of maps apart"
	noTimestamp   = "a timestamp of -1 is none, as in Kafka's own format"
	noCounterpart = "the value is of a Java class that Connect's data never holds"
)

func TestVectorTransforms(t *testing.T) {
	classes := make(map[string]connect.TransformClass)
	for _, c := range transform.Classes() {
		classes[c.Name] = c
	}
	cases := vectors.Where(vectors.Read(t, "transforms.jsonl"), func(c vectors.Case) bool {
		_, ok := classes[c.Class]
		return ok
	})
	differences := vectors.Differences{
		"regexrouter.cfg.9": nullConfig, "replace.cfg.14": nullConfig, "replace.cfg.15": nullConfig,
		"insertheader.cfg.4": nullConfig, "insertheader.cfg.5": nullConfig, "tsconv.cfg.15": nullConfig, "tsrouter.17.0": nullConfig, "tsrouter.17.4": nullConfig,
		"tsrouter.1.2": noTimestamp, "tsrouter.5.2": noTimestamp, "tsrouter.7.2": noTimestamp, "tsrouter.13.2": noTimestamp,
		"cast.cfg.null": nullConfig, "extract.cfg.null": nullConfig, "mask.cfg.5": nullConfig,
		"cast.cfg.26":                            "a spec of nothing but a colon is reported as a mistake in the configuration, not as an index out of bounds",
		"cast.field.schema.bytes.3.to.int16":     byteBuffer,
		"cast.field.schema.bytes.3.to.int64":     byteBuffer,
		"cast.field.nosc.bytes.3.to.int16":       byteBuffer,
		"cast.whole.schema.bytes.3.to.float32":   byteBuffer,
		"cast.whole.schema.bytes.3.to.float64":   byteBuffer,
		"cast.whole.schema.bytes.3.to.int32.key": byteBuffer,
		"cast.whole.nosc.bytes.3.to.int8.key":    byteBuffer,
		"extract.mapschema":                      linkedMap,
		"flatten.mapschema":                      linkedMap,
		"mask.map.123.st":                        linkedMap,
		"mask.map.1e3.st":                        linkedMap,
		"mask.map.300.st":                        linkedMap,
		"mask.nosc.3.*":                          linkedMap,
		"flatten.map.bigint":                     "a BigInteger is a decimal of scale 0 in Ferry, and refused as such",
		"mask.nosc.6.*":                          noCounterpart,
		"mask.nosc.7.*":                          noCounterpart,
	}
	vectors.Run(t, cases, differences, func(t *testing.T, c vectors.Case) error {
		tr, err := classes[c.Class].New(config(c))
		if err != nil {
			return agrees(c.Error, "configure", err)
		}
		r, err := record(t, c)
		if err != nil {
			return err
		}
		keep, err := tr.Apply(r, new(connect.Arena))
		switch {
		case err != nil:
			return agrees(c.Error, "apply", err)
		case c.Error != nil:
			return fmt.Errorf("went well, but the real class threw %s", c.Error.Text())
		}
		want := vectors.Decode[struct {
			Record  json.RawMessage
			Dropped bool
		}](t, c.Output)
		if keep == want.Dropped {
			return fmt.Errorf("keep is %t, want dropped %t", keep, want.Dropped)
		}
		if want.Dropped {
			return nil
		}
		return vectors.EqualRecord(want.Record, r)
	})
}

func TestVectorPredicates(t *testing.T) {
	classes := make(map[string]connect.PredicateClass)
	for _, c := range transform.Predicates() {
		classes[c.Name] = c
	}
	cases := vectors.Where(vectors.Read(t, "predicates.jsonl"), func(c vectors.Case) bool {
		_, ok := classes[c.Class]
		return ok
	})
	differences := vectors.Differences{"topicname.nulltopic": "every record in Ferry has a topic", "hasheader.cfg.null": nullConfig}
	vectors.Run(t, cases, differences, func(t *testing.T, c vectors.Case) error {
		p, err := classes[c.Class].New(config(c))
		if err != nil {
			return agrees(c.Error, "configure", err)
		}
		r, err := record(t, c)
		if err != nil {
			return err
		}
		got, err := p.Test(r)
		switch {
		case err != nil:
			return agrees(c.Error, "test", err)
		case c.Error != nil:
			return fmt.Errorf("went well, but the real class threw %s", c.Error.Text())
		}
		if want := vectors.Decode[struct{ Result bool }](t, c.Output); got != want.Result {
			return fmt.Errorf("got %t, want %t", got, want.Result)
		}
		return nil
	})
}

func TestVectorDefinitions(t *testing.T) {
	for _, c := range transform.Classes() {
		vectors.CheckDefinition(t, "dump."+c.Name[strings.LastIndexByte(c.Name, '.')+1:], c.Config, nil)
	}
	for _, c := range transform.Predicates() {
		vectors.CheckDefinition(t, "dump.predicate."+c.Name[strings.LastIndexByte(c.Name, '.')+1:], c.Config, nil)
	}
}

func config(c vectors.Case) map[string]string {
	m := make(map[string]string)
	for key, value := range c.Config {
		if value != nil {
			m[key] = *value
		}
	}
	return m
}

func record(t *testing.T, c vectors.Case) (*connect.Record, error) {
	t.Helper()
	return vectors.Record(vectors.Decode[struct{ Record json.RawMessage }](t, c.Input).Record)
}

// agrees compares an error with the recorded one: where it was raised, its class and its text.
func agrees(want *vectors.Error, stage string, err error) error {
	e, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return fmt.Errorf("failed without a class: %w", err)
	}
	if want != nil && want.Stage != "" && want.Stage != stage {
		return fmt.Errorf("failed to %s, but the real class failed to %s: %w", stage, want.Stage, err)
	}
	return want.Agrees(e.SimpleClass(), e.Message)
}
