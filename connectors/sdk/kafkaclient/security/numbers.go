package security

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"time"
)

// number reads a whole number within bounds.
func number(s Settings, key string, def, least, most int64) (int64, error) {
	text := s.Get(key)
	if text == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, invalid(s, key, "Not a number")
	}
	if n < least || n > most {
		return 0, invalid(s, key, fmt.Sprintf("Value must be between %d and %d", least, most))
	}
	return n, nil
}

// millis reads a duration in milliseconds.
func millis(s Settings, key string, def time.Duration) (time.Duration, error) {
	n, err := number(s, key, def.Milliseconds(), 0, 1<<31-1)
	return time.Duration(n) * time.Millisecond, err
}

func decimal(s Settings, key string, def, least, most float64) (float64, error) {
	text := s.Get(key)
	if text == "" {
		return def, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, invalid(s, key, "Not a number")
	}
	if n < least || n > most {
		return 0, invalid(s, key, fmt.Sprintf("Value must be between %g and %g", least, most))
	}
	return n, nil
}

// jitterOf is a number from 0 to 1 that differs from token to token.
func jitterOf(token string) float64 {
	h := fnv.New32a()
	h.Write([]byte(token))
	return float64(h.Sum32()) / (1<<32 - 1)
}
