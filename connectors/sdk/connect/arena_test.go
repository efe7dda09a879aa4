package connect_test

import (
	"testing"
	"unsafe"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// span is the memory of one piece.
type span struct{ from, to uintptr }

func spanOf[T any](s []T) span {
	from := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
	return span{from, from + uintptr(len(s))*unsafe.Sizeof(*new(T))}
}

func TestPiecesOfAnArenaNeverOverlap(t *testing.T) {
	for _, seed := range seeds {
		r := random(seed)
		var a connect.Arena
		for range 3 {
			var spans []span
			for range 2000 {
				n := 1 + r.IntN(40)
				if r.IntN(100) == 0 {
					n *= 500 // larger than a chunk
				}
				var s span
				switch r.IntN(3) {
				case 0:
					s = spanOf(a.Values(n))
				case 1:
					s = spanOf(a.Headers(n))
				default:
					s = spanOf(a.Bytes(n))
				}
				spans = append(spans, s)
			}
			requireDisjoint(t, seed, spans)
			a.Reset()
		}
	}
}

func requireDisjoint(t *testing.T, seed uint64, spans []span) {
	t.Helper()
	byStart := make(map[uintptr]bool)
	for _, s := range spans {
		if byStart[s.from] {
			t.Fatalf("seed %d: two pieces begin at %x", seed, s.from)
		}
		byStart[s.from] = true
	}
	for _, s := range spans {
		for _, o := range spans {
			if s != o && s.from < o.to && o.from < s.to {
				t.Fatalf("seed %d: pieces %v and %v overlap", seed, s, o)
			}
		}
	}
}

func TestAppendingToAPieceLeavesItsNeighbourAlone(t *testing.T) {
	var a connect.Arena
	first, second := a.Bytes(4), a.Bytes(4)
	copy(second, "next")
	_ = append(first, "overrun"...)
	if string(second) != "next" {
		t.Errorf("the neighbour is now %q", second)
	}
	values, neighbour := a.Values(1), a.Values(1)
	_ = append(values, connect.Int8(1))
	if !neighbour[0].IsNull() {
		t.Errorf("the neighbour is now %s", neighbour[0])
	}
}

func TestWhatAnArenaHandsOutIsNullAlsoAfterResetAndPoison(t *testing.T) {
	for _, seed := range seeds {
		r := random(seed)
		var a connect.Arena
		for round := range 20 {
			for range r.IntN(200) {
				values := a.Values(r.IntN(300))
				for i := range values {
					if !values[i].IsNull() {
						t.Fatalf("seed %d round %d: a fresh slot holds %s", seed, round, values[i])
					}
					values[i] = connect.Int64(7)
				}
				for i, h := range a.Headers(r.IntN(5)) {
					if h.Key != "" || h.Schema != nil || !h.Value.IsNull() {
						t.Fatalf("seed %d round %d: fresh header %d is %v", seed, round, i, h)
					}
				}
			}
			if r.IntN(2) == 0 {
				a.Poison()
			}
			a.Reset()
		}
	}
}

func TestResetReusesMemory(t *testing.T) {
	var a connect.Arena
	fill := func() {
		for range 500 {
			a.Values(11)
			a.Bytes(100)
			a.Headers(2)
		}
	}
	fill()
	a.Reset()
	size := a.Size()
	for range 50 {
		fill()
		a.Reset()
	}
	if a.Size() != size {
		t.Errorf("the arena grew from %d to %d bytes in steady state", size, a.Size())
	}
}

func TestResetKeepsWhatLargeBatchesNeedAgainAndAgain(t *testing.T) {
	var a connect.Arena
	large := func() {
		for range 10_000 {
			a.Values(21)
		}
		a.Reset()
	}
	large()
	large()
	if n := testing.AllocsPerRun(10, large); n != 0 {
		t.Errorf("a large batch after large batches allocates %v times", n)
	}
	for range 4 {
		a.Values(21)
		a.Reset()
	}
	if a.Size() > 2<<20 {
		t.Errorf("%d bytes are kept though batches are small again", a.Size())
	}
}

func TestResetKeepsABoundedAmount(t *testing.T) {
	const bound = 4 << 20 // more than the three bounds together
	var a connect.Arena
	for range 100 {
		a.Values(10_000)
		a.Bytes(500_000)
		a.Headers(5_000)
	}
	if a.Size() < 10*bound {
		t.Fatalf("the batch was to be large, but took %d bytes", a.Size())
	}
	a.Reset()
	if a.Size() > bound {
		t.Errorf("%d bytes are kept after a large batch, want at most %d", a.Size(), bound)
	}
	a = connect.Arena{}
	a.Values(1 << 20) // one piece beyond the bound
	a.Reset()
	if a.Size() > bound {
		t.Errorf("%d bytes are kept after a large piece, want at most %d", a.Size(), bound)
	}
}

func TestPoisonIsSeenThroughKeptPointersAndSparesClones(t *testing.T) {
	var a connect.Arena
	s := connect.NewStructSchema().Field("name", connect.StringSchema).Field("tags", connect.NewArraySchema(connect.StringSchema).MustBuild()).MustBuild()
	st := a.NewStruct(s)
	tags := a.NewArray(1)
	tags.Array()[0] = connect.String(a.CopyString("red"))
	st.SetField(0, connect.String(a.CopyString("ann")))
	st.SetField(1, tags)
	kept, clone := st.Field(0), st.Value().Clone(nil)

	a.Poison()

	if kept.Str() == "ann" {
		t.Error("a kept string survived")
	}
	if e := tags.Array()[0]; e.Kind() == connect.KindString {
		t.Errorf("a kept array element survived: %s", e)
	}
	if got := clone.String(); got != "Struct{name=ann,tags=[red]}" {
		t.Errorf("the clone reads %s", got)
	}
}

func TestANilArenaAllocatesFromTheHeap(t *testing.T) {
	var a *connect.Arena
	if len(a.Values(3)) != 3 || len(a.Bytes(3)) != 3 || len(a.Headers(3)) != 3 || a.CopyString("x") != "x" || a.NewMap(2).Len() != 2 {
		t.Error("a nil arena gives pieces of the wrong size")
	}
}

func TestAnArenaRefusesStructsOfOtherSchemas(t *testing.T) {
	defer func() {
		if e, ok := recover().(error); !ok || e.Error() != "Not a struct schema: Schema{STRING}" {
			t.Errorf("panicked with %v", e)
		}
	}()
	new(connect.Arena).NewStruct(connect.StringSchema)
}
