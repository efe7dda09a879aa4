package datagen

import "math/bits"

// random is splitmix64: a counter that is mixed. It is our own, and not math/rand's, because the records that a seed stands
// for must not change with the Go release, and because starting it anew for every record costs nothing.
//
// Reference: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (OOPSLA 2014).
type random struct{ state uint64 }

const golden = 0x9E3779B97F4A7C15

// newRandom returns the numbers for record n of a task.
func newRandom(seed, task, n int64) random {
	return random{mix(mix(uint64(seed)+golden*uint64(task+1)) + golden*uint64(n+1))}
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// next returns 64 random bits.
func (r *random) next() uint64 {
	r.state += golden
	return mix(r.state)
}

// below returns a number from 0 to n-1; n must not be 0. Multiplying instead of dividing favours some numbers by less than
// n in 2^64.
func (r *random) below(n uint64) uint64 {
	hi, _ := bits.Mul64(r.next(), n)
	return hi
}

// between returns a number from min to max-1; it is min when there is none.
func (r *random) between(min, max int64) int64 {
	if max <= min {
		return min
	}
	return min + int64(r.below(uint64(max)-uint64(min)))
}

// float returns a number from 0 to just below 1.
func (r *random) float() float64 { return float64(r.next()>>11) / (1 << 53) }
