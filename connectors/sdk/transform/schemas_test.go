package transform_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// BenchmarkSchemasInTurns applies a transform to records of so many schemas, one after the other and over again: once with the same
// schemas, and once with schemas that are equal, but made anew.
func BenchmarkSchemasInTurns(b *testing.B) {
	for _, schemas := range []int{1, 10, 1000, 5000, 20000} {
		for _, c := range []struct {
			class  string
			config []string
		}{
			{"Cast$Value", []string{"spec", "f0:string"}},
			{"Flatten$Value", nil},
			{"InsertField$Value", []string{"topic.field", "topic"}},
		} {
			tr := newTransform(b, "org.apache.kafka.connect.transforms."+c.class, c.config...)
			known, anew := make([]connect.Record, schemas), make([]connect.Record, schemas)
			for i := range schemas {
				for _, records := range [][]connect.Record{known, anew} {
					s := orderSchema("order"+strconv.Itoa(i), 10)
					records[i] = sinkRecord(s, order(s).Value())
				}
			}
			inTurns := func(records ...[]connect.Record) func(*testing.B) {
				return func(b *testing.B) {
					var a connect.Arena
					r, i := new(connect.Record), 0
					b.ReportAllocs()
					for b.Loop() {
						*r = records[i/schemas%len(records)][i%schemas]
						apply(b, tr, r, &a)
						if i++; i%50 == 0 {
							a.Reset()
						}
					}
				}
			}
			b.Run(fmt.Sprintf("%s/%d/same", c.class, schemas), inTurns(known))
			b.Run(fmt.Sprintf("%s/%d/equal", c.class, schemas), inTurns(known, anew))
		}
	}
}
