package transform_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform"
)

// FuzzTransforms configures any transform with three texts for its first keys and applies it to random records. Nothing may panic; a
// bad configuration is an error of that kind and names a key; a record that does not fit is an error about data.
func FuzzTransforms(f *testing.F) {
	classes := transform.Classes()
	for i := range classes {
		for _, config := range [][3]string{
			{"f0", "f1", "V2"}, {"f0:int8,f1:string,k0:boolean,f2:int64,f3:float32", "true", ""}, {"f0.f1", "false", "V2"},
			{"`f0`.f1", "", "v2"}, {"", "", ""}, {":", "x", "V3"}, {"string", "", ""}, {"f0,f1,k0,k1", "12", ""}, {"k0", "k1", "k2"}, {".", ".", "."},
		} {
			f.Add(uint8(i), config[0], config[1], config[2], uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, first, second, third string, seed uint64) {
		class := classes[int(which)%len(classes)]
		config := make(map[string]string)
		keys := class.Config.Names()
		for i, text := range []string{first, second, third} {
			if text != "" && i < len(keys) {
				config[keys[i]] = text
			}
		}
		tr, err := class.New(config)
		if err != nil {
			requireNamedKey(t, err, keys)
			return
		}
		r := rand.New(rand.NewPCG(seed, 29))
		var a connect.Arena
		for range 30 {
			a.Reset()
			record := randomRecord(r, &a)
			if _, err := tr.Apply(&record, &a); err != nil && connect.KindOf(err) != connect.KindData {
				t.Errorf("%s with %q: the error is of kind %s: %v", class.Name, config, connect.KindOf(err), err)
			}
		}
	})
}

func requireNamedKey(t *testing.T, err error, keys []string) {
	t.Helper()
	if connect.KindOf(err) != connect.KindConfig {
		t.Errorf("the error is of kind %s: %v", connect.KindOf(err), err)
	}
	for _, key := range keys {
		if strings.Contains(err.Error(), key) {
			return
		}
	}
	t.Errorf("the error names none of the keys %q: %v", keys, err)
}

// randomRecord returns a record whose key and value are structs, maps without schema or anything else.
func randomRecord(r *rand.Rand, a *connect.Arena) connect.Record {
	record := connect.Record{Topic: "fuzz", Timestamp: 1700000000000, Partition: 1, Offset: 5}
	record.KeySchema, record.Key = randomPart(r, a)
	record.ValueSchema, record.Value = randomPart(r, a)
	return record
}

func randomPart(r *rand.Rand, a *connect.Arena) (*connect.Schema, connect.Value) {
	s := connecttest.AnySchema(r, 3)
	switch r.IntN(4) {
	case 0:
		m := connect.NewMapSchema(connect.StringSchema, s).MustBuild()
		return nil, connecttest.AnyValue(r, m, a)
	case 1:
		return nil, connecttest.AnyValue(r, s, a)
	}
	for s.Type() != connect.TypeStruct {
		s = connecttest.AnySchema(r, 3)
	}
	return s, connecttest.AnyValue(r, s, a)
}
