package smt

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// numbered returns one of any number of schemas, made anew at each call.
func numbered(i, fields int) *connect.Schema {
	b := connect.NewStructSchema().Name("s" + strconv.Itoa(i))
	for j := range fields {
		b.Field("f"+strconv.Itoa(j), connect.OptionalInt32Schema)
	}
	return b.MustBuild()
}

// copied is the plan of these tests: another schema with the same fields.
func copied(s *connect.Schema) (*connect.Schema, error) {
	b := connect.NewSchemaLike(s)
	for _, f := range s.Fields() {
		b.Field(f.Name, f.Schema)
	}
	return b.Build()
}

func find(t testing.TB, p *Plans[*connect.Schema], s *connect.Schema) *connect.Schema {
	t.Helper()
	plan, err := p.Find(s, copied)
	if err != nil {
		t.Fatal(err)
	}
	if !(*plan).Equal(s) {
		t.Fatalf("schema %s has the plan of %s", s, *plan)
	}
	return *plan
}

func TestAThousandSchemasKeepTheirPlansWhateverLiesBetween(t *testing.T) {
	var p Plans[*connect.Schema]
	first := make([]*connect.Schema, 1000)
	for i := range first {
		first[i] = find(t, &p, numbered(i, 10))
	}
	for round := range 3 {
		for i := range first {
			i = i * 7 % len(first)
			if find(t, &p, numbered(i, 10)) != first[i] { // equal, and another pointer each time
				t.Fatalf("round %d: schema %d has another plan", round, i)
			}
		}
	}
}

func TestASchemaMadeAnewForEachRecordTakesNothing(t *testing.T) {
	var p Plans[*connect.Schema]
	schemas := [2]*connect.Schema{numbered(1, 10), numbered(1, 10)}
	find(t, &p, schemas[0])
	i := 0
	if n := testing.AllocsPerRun(100, func() { i++; find(t, &p, schemas[i%2]) }); n != 0 || len(p.queue) != 1 {
		t.Errorf("a look-up takes %v allocations, %d plans are kept", n, len(p.queue))
	}
}

func TestMemoryIsBoundedWhateverComes(t *testing.T) {
	for _, c := range []struct{ schemas, fields int }{{3 * maxPlans, 1}, {1000, 300}, {3, maxFields + 1}} {
		t.Run(fmt.Sprintf("%d schemas of %d fields", c.schemas, c.fields), func(t *testing.T) {
			var p Plans[*connect.Schema]
			before := heap()
			for i := range c.schemas {
				find(t, &p, numbered(i, c.fields))
			}
			if p.last.fields <= maxFields {
				p.last = nil // else it alone is kept, for the records that follow
			} else if len(p.queue) > 0 {
				t.Errorf("%d plans that are too large are kept", len(p.queue))
			}
			// The schema beside its plan, each of 100 bytes a field and 500 for itself.
			if grown := heap() - before; grown > 2*(100*maxFields+500*maxPlans) || p.fields > maxFields || len(p.queue) > maxPlans || len(p.queue) != len(p.known) {
				t.Errorf("%d plans with %d fields are kept, in %d bytes", len(p.queue), p.fields, grown)
			}
			runtime.KeepAlive(&p)
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// In turns with more others than there is room for, the oldest plan is always the next that is asked for.
func TestMostPlansAreFoundThoughThereAreMoreThanFit(t *testing.T) {
	var p Plans[*connect.Schema]
	schemas := make([]*connect.Schema, maxPlans+maxPlans/2)
	for i := range schemas {
		schemas[i] = numbered(i, 1)
	}
	made := 0
	for round := range 4 {
		if round == 2 {
			made = 0
		}
		for _, s := range schemas {
			if _, err := p.Find(s, func(s *connect.Schema) (*connect.Schema, error) { made++; return copied(s) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if made > len(schemas) { // of two rounds
		t.Errorf("of %d look-ups %d made a plan", 2*len(schemas), made)
	}
}

func TestSchemasOfOneHashAreKeptApart(t *testing.T) {
	var p Plans[string]
	one, other := numbered(1, 1), numbered(2, 1)
	const inverse = 0xef7bdef7bdef7bdf // of 31
	hash := (one.Hash() ^ other.Hash()) * inverse
	for range 3 {
		for s, h := range map[*connect.Schema]uint64{one: 0, other: hash} {
			name, _ := s.Name()
			plan, err := p.FindFor(s, h, func(*string) bool { return true }, func(*connect.Schema) (string, error) { return name, nil })
			if err != nil || *plan != name {
				t.Fatalf("schema %s has the plan of %s, %v", name, *plan, err)
			}
		}
	}
	if len(p.queue) != 1 {
		t.Errorf("%d plans are kept", len(p.queue))
	}
}

func TestPlansForSomethingElseBesideTheSchema(t *testing.T) {
	var p Plans[string]
	s, made := numbered(1, 1), 0
	for range 3 {
		for _, topic := range []string{"a", "b", "c"} {
			plan, err := p.FindFor(s, HashText(topic), func(made *string) bool { return *made == topic },
				func(*connect.Schema) (string, error) { made++; return topic, nil })
			if err != nil || *plan != topic {
				t.Fatalf("topic %s has the plan of %s, %v", topic, *plan, err)
			}
		}
	}
	if made != 3 {
		t.Errorf("%d plans were made for three topics", made)
	}
}

func TestTopicsAreRememberedWithinBounds(t *testing.T) {
	var topics Topics[int]
	var names Names
	for round := range 2 {
		for i := range 3 * maxTopics {
			name := "topic" + strconv.Itoa(i)
			if v, ok := topics.Find(name); ok && v != i {
				t.Fatalf("round %d: topic %s has the result of %d", round, name, v)
			} else if !ok {
				topics.Put(name, i)
			}
			if v, ok := topics.Find(name); !ok || v != i {
				t.Fatalf("round %d: topic %s has just been put, and %d is found", round, name, v)
			}
			if got := names.Intern([]byte(name)); got != name {
				t.Fatalf("round %d: topic %s became %s", round, name, got)
			}
		}
	}
	if len(topics.known) != maxTopics || len(topics.queue) != maxTopics || len(names.topics.known) != maxTopics {
		t.Errorf("%d, %d and %d topics are known", len(topics.known), len(topics.queue), len(names.topics.known))
	}
	long := string(make([]byte, maxName+1))
	var none Topics[int]
	none.Put(long, 1)
	if _, ok := none.Find(long); !ok || len(none.known) != 0 {
		t.Errorf("a name that no topic has is found: %t, and %d are known", ok, len(none.known))
	}
}
