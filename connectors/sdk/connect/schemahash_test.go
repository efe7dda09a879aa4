package connect_test

import (
	"math/rand/v2"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

func TestEqualSchemasAndOnlyTheyHaveOneHash(t *testing.T) {
	byHash := make(map[uint64]*connect.Schema)
	for seed := range uint64(3000) {
		s, again := connecttest.AnySchema(rand.New(rand.NewPCG(seed, 1)), 2), connecttest.AnySchema(rand.New(rand.NewPCG(seed, 1)), 2)
		if !s.Equal(again) || s.Hash() != again.Hash() {
			t.Fatalf("seed %d: equal is %t, the hashes are %x and %x", seed, s.Equal(again), s.Hash(), again.Hash())
		}
		if other := byHash[s.Hash()]; other != nil && !other.Equal(s) {
			t.Errorf("%s and %s have one hash", s, other)
		}
		byHash[s.Hash()] = s
	}
}

func TestTheHashIsThatOfWhatIsCompared(t *testing.T) {
	param := func(b *connect.SchemaBuilder, keys ...string) *connect.Schema {
		for _, key := range keys {
			b.Parameter(key, "v"+key)
		}
		return b.MustBuild()
	}
	text := func() *connect.SchemaBuilder { return connect.NewSchema(connect.TypeString) }
	for name, pair := range map[string][2]*connect.Schema{
		"a shared one and one that was built": {connect.StringSchema, text().MustBuild()},
		"a shared one with a name":            {connect.TimestampSchema, connect.NewTimestampSchema().MustBuild()},
		"parameters in another order":         {param(text(), "a", "b"), param(text(), "b", "a")},
		"none":                                {nil, nil},
	} {
		if !pair[0].Equal(pair[1]) || pair[0].Hash() != pair[1].Hash() {
			t.Errorf("%s: equal is %t, the hashes are %x and %x", name, pair[0].Equal(pair[1]), pair[0].Hash(), pair[1].Hash())
		}
	}
	plain := text().MustBuild().Hash()
	for name, s := range map[string]*connect.Schema{
		"optional": text().Optional().MustBuild(), "named": text().Name("n").MustBuild(), "versioned": text().Version(0).MustBuild(),
		"documented": text().Doc("").MustBuild(), "with a default": text().Default(connect.String("")).MustBuild(),
		"with parameters": text().Parameters().MustBuild(), "of another type": connect.BytesSchema,
	} {
		if s.Hash() == plain {
			t.Errorf("a schema has the hash of one that is %s", name)
		}
	}
}
