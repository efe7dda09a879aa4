package connecttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// ConverterHarness is what the suite must know about a converter.
type ConverterHarness struct {
	// Class is the converter under test, Config its keys without prefix.
	Class  connect.ConverterClass
	Config map[string]string
	// Carries reports whether the format has values of this schema; nil means of every schema.
	Carries func(s *connect.Schema) bool
	// Back returns what is expected to come back for s and v; nil means s and v themselves.
	Back func(s *connect.Schema, v connect.Value) (*connect.Schema, connect.Value)
}

// HeaderConverterHarness is what the suite must know about a header converter.
type HeaderConverterHarness struct {
	// Class is the header converter under test, Config its keys without prefix.
	Class  connect.HeaderConverterClass
	Config map[string]string
	// Carries and Back are those of ConverterHarness.
	Carries func(s *connect.Schema) bool
	Back    func(s *connect.Schema, v connect.Value) (*connect.Schema, connect.Value)
}

// Converter runs the conformance suite for a converter.
func Converter(t *testing.T, h ConverterHarness) {
	t.Helper()
	runChecks(t, h.checks())
}

// HeaderConverter runs the conformance suite for a header converter.
func HeaderConverter(t *testing.T, h HeaderConverterHarness) {
	t.Helper()
	Converter(t, ConverterHarness{
		Class: connect.ConverterClass{
			Name: h.Class.Name, Version: h.Class.Version, Config: h.Class.Config,
			New: func(config map[string]string) (connect.Converter, error) {
				c, err := h.Class.New(config)
				return asConverter{c}, err
			},
		},
		Config: h.Config, Carries: h.Carries, Back: h.Back,
	})
}

// asConverter looks at a header converter through the header of one name.
type asConverter struct{ connect.HeaderConverter }

// AppendData implements connect.Converter.
func (c asConverter) AppendData(dst []byte, topic string, s *connect.Schema, v connect.Value) ([]byte, error) {
	return c.AppendHeader(dst, topic, "header", s, v)
}

// ReadData implements connect.Converter.
func (c asConverter) ReadData(a *connect.Arena, topic string, data []byte) (*connect.Schema, connect.Value, error) {
	return c.ReadHeader(a, topic, "header", data)
}

func (h ConverterHarness) checks() []check {
	return []check{
		{"every value comes back", h.checkRoundTrip},
		{"null is null, and nothing else is", h.checkNull},
		{"what stands before in the buffer stays", h.checkPrefix},
		{"neither buffers nor arenas are kept", h.checkRetention},
		{"spoilt bytes give an error or a valid value", h.checkSpoilt},
	}
}

const (
	converterTopic = "conformance"
	converterRuns  = 400
)

// sample is one generated value, on the heap.
type sample struct {
	schema *connect.Schema
	value  connect.Value
}

// samples returns values that the format carries, none of them null.
func (h ConverterHarness) samples() ([]sample, error) {
	r := rand.New(rand.NewPCG(7, 7))
	var all []sample
	for range 100 * converterRuns {
		s := AnySchema(r, 3)
		if h.Carries != nil && !h.Carries(s) {
			continue
		}
		if v := AnyValue(r, s, nil); !v.IsNull() {
			all = append(all, sample{s, v})
		}
		if len(all) == converterRuns {
			return all, nil
		}
	}
	if len(all) < 10 {
		return nil, errors.New("of all generated schemas the converter carries too few")
	}
	return all, nil
}

func (h ConverterHarness) back(s sample) sample {
	if h.Back == nil {
		return s
	}
	schema, v := h.Back(s.schema, s.value)
	return sample{schema, v}
}

func (h ConverterHarness) new() (connect.Converter, error) {
	c, err := h.Class.New(h.Config)
	if err != nil {
		return nil, fmt.Errorf("configure %s: %w", h.Class.Name, err)
	}
	return c, nil
}

// each makes a converter and calls f with every sample.
func (h ConverterHarness) each(f func(c connect.Converter, s sample) error) error {
	c, err := h.new()
	if err != nil {
		return err
	}
	samples, err := h.samples()
	if err != nil {
		return err
	}
	for i, s := range samples {
		if err := f(c, s); err != nil {
			return fmt.Errorf("sample %d, %s %s: %w", i, s.schema, valueText(s.value), err)
		}
	}
	return nil
}

func write(c connect.Converter, dst []byte, s sample) ([]byte, error) {
	data, err := c.AppendData(dst, converterTopic, s.schema, s.value)
	if err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	if data == nil {
		return nil, errors.New("a value that is not null became a Kafka null")
	}
	return data, nil
}

func (s sample) checkEqual(schema *connect.Schema, v connect.Value) error {
	if !s.schema.Equal(schema) {
		return fmt.Errorf("the schema came back as %s, want %s", schema, s.schema)
	}
	if !s.value.Equal(v) {
		return fmt.Errorf("came back as %s, want %s", valueText(v), valueText(s.value))
	}
	return nil
}

func (h ConverterHarness) checkRoundTrip(context.Context, testing.TB) error {
	var a connect.Arena
	return h.each(func(c connect.Converter, s sample) error {
		a.Reset()
		data, err := write(c, []byte{}, s)
		if err != nil {
			return err
		}
		schema, v, err := c.ReadData(&a, converterTopic, data)
		if err != nil {
			return fmt.Errorf("read %q: %w", data, err)
		}
		if err := connect.ValidateValue("value", schema, v); err != nil {
			return fmt.Errorf("read %q: %w", data, err)
		}
		return h.back(s).checkEqual(schema, v)
	})
}

func (h ConverterHarness) checkNull(context.Context, testing.TB) error {
	c, err := h.new()
	if err != nil {
		return err
	}
	data, err := c.AppendData([]byte{}, converterTopic, nil, connect.Null())
	if err != nil {
		return fmt.Errorf("write null without schema: %w", err)
	}
	if data != nil {
		return fmt.Errorf("null without schema became %q, want a Kafka null", data)
	}
	schema, v, err := c.ReadData(new(connect.Arena), converterTopic, nil)
	if err != nil {
		return fmt.Errorf("read a Kafka null: %w", err)
	}
	if schema != nil && !schema.Optional() || !v.IsNull() {
		return fmt.Errorf("a Kafka null became %s of %s", valueText(v), schema)
	}
	return nil
}

func (h ConverterHarness) checkPrefix(context.Context, testing.TB) error {
	const prefix = "what stands before"
	return h.each(func(c connect.Converter, s sample) error {
		alone, err := write(c, []byte{}, s)
		if err != nil {
			return err
		}
		for _, spare := range []int{0, 3, 4096} {
			dst := append(make([]byte, 0, len(prefix)+spare), prefix...)
			data, err := write(c, dst, s)
			if err != nil {
				return err
			}
			if string(data) != prefix+string(alone) {
				return fmt.Errorf("behind a prefix, with %d bytes of room, %q is written, alone %q", spare, data, alone)
			}
		}
		return nil
	})
}

// checkRetention overwrites all memory that a converter was given before it is used again.
func (h ConverterHarness) checkRetention(context.Context, testing.TB) error {
	return h.each(func(c connect.Converter, s sample) error {
		first, err := write(c, []byte{}, s)
		if err != nil {
			return err
		}
		kept := string(first)
		spoilt, fresh := new(connect.Arena), new(connect.Arena)
		if _, _, err = c.ReadData(spoilt, converterTopic, first); err != nil {
			return fmt.Errorf("read %q: %w", kept, err)
		}
		for i := range first {
			first[i] = 0xDB
		}
		spoilt.Poison()
		second, err := write(c, []byte{}, s)
		if err != nil {
			return err
		}
		if string(second) != kept {
			return fmt.Errorf("was first written as %q, then as %q", kept, second)
		}
		schema, v, err := c.ReadData(fresh, converterTopic, []byte(kept))
		if err != nil {
			return fmt.Errorf("read %q again: %w", kept, err)
		}
		return h.back(s).checkEqual(schema, v)
	})
}

func (h ConverterHarness) checkSpoilt(context.Context, testing.TB) error {
	r := rand.New(rand.NewPCG(11, 11))
	var a connect.Arena
	return h.each(func(c connect.Converter, s sample) error {
		data, err := write(c, []byte{}, s)
		if err != nil {
			return err
		}
		for range 20 {
			a.Reset()
			if err := checkSpoiltOnce(c, &a, spoil(r, data)); err != nil {
				return err
			}
		}
		return nil
	})
}

func checkSpoiltOnce(c connect.Converter, a *connect.Arena, data []byte) error {
	schema, v, err := c.ReadData(a, converterTopic, data)
	if err != nil {
		if connect.KindOf(err) != connect.KindData {
			return fmt.Errorf("read spoilt bytes %q: the error is of kind %s, want data: %w", data, connect.KindOf(err), err)
		}
		return nil
	}
	if err := connect.ValidateValue("value", schema, v); err != nil {
		return fmt.Errorf("read spoilt bytes %q: %w", data, err)
	}
	return nil
}

// spoil returns a copy of data that is cut, changed, lengthened or replaced.
func spoil(r *rand.Rand, data []byte) []byte {
	spoilt := append([]byte{}, data...)
	switch r.IntN(4) {
	case 0:
		return spoilt[:r.IntN(len(spoilt)+1)]
	case 1:
		for range 1 + r.IntN(3) {
			if len(spoilt) > 0 {
				spoilt[r.IntN(len(spoilt))] = byte(r.Uint32())
			}
		}
		return spoilt
	case 2:
		return append(spoilt, byte(r.Uint32()))
	}
	random := make([]byte, r.IntN(64))
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	return random
}
