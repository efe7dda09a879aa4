package connectorconfig_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// many returns a configuration with n of something.
type many func(n int) store.Properties

// manyTransforms has n transforms, of which the one in the middle lacks a key.
func manyTransforms(n int) store.Properties {
	p := config("name", "c", "connector.class", "FileStreamSource", "topic", "t", "file", "f")
	var aliases []string
	for i := range n {
		alias := fmt.Sprint("a", i)
		aliases = append(aliases, alias)
		prefix := "transforms." + alias + "."
		p = append(p, config(prefix+"type", "org.apache.kafka.connect.transforms.HoistField$Value")...)
		if i != n/2 {
			p = append(p, config(prefix+"field", "f")...)
		}
	}
	return append(p, config("transforms", strings.Join(aliases, ","))...)
}

// manyOf has n keys with a prefix, null or not.
func manyOf(prefix string, value *string) many {
	return func(n int) store.Properties {
		p := config("name", "c", "connector.class", "FileStreamSource", "topic", "t", "file", "f")
		for i := range n {
			p = append(p, store.Property{Name: fmt.Sprint(prefix, i), Value: value})
		}
		return p
	}
}

// Twice as much to validate takes twice as much, not four times: a request must not keep a function busy for minutes.
func TestValidationGrowsWithTheConfigurationAndNotWithItsSquare(t *testing.T) {
	v := newValidator(t, connectorconfig.Options{Catalog: embedded(t), Worker: standalone(t)})
	text := "v"
	for _, c := range []struct {
		name   string
		n      int
		config many
		errors int // of n
	}{
		{"transforms", 1_000, manyTransforms, 1},
		{"keys that nobody defines", 10_000, manyOf("x.", &text), 0},
		{"keys of clients", 10_000, manyOf("producer.override.x.", &text), 0},
		{"nulls", 10_000, manyOf("x.", nil), 10_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			bytes := func(n int) uint64 {
				config := c.config(n)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				infos, err := v.Validate(t.Context(), config)
				runtime.ReadMemStats(&after)
				if err != nil {
					t.Fatal(err)
				}
				if n == c.n && infos.ErrorCount != c.errors {
					t.Errorf("%d errors are found, want %d", infos.ErrorCount, c.errors)
				}
				return after.TotalAlloc - before.TotalAlloc
			}
			half, whole := bytes(c.n/2), bytes(c.n)
			if whole > 3*half {
				t.Errorf("%d take %d kB, and half of them %d kB", c.n, whole>>10, half>>10)
			}
		})
	}
}

// Values of a megabyte are judged as others are.
func TestAValueOfAMegabyteIsJudged(t *testing.T) {
	v := newValidator(t, connectorconfig.Options{Catalog: embedded(t), Worker: standalone(t)})
	for _, c := range []struct{ key, value, want string }{
		{"topics", strings.Repeat("t,", 1<<19) + "t", "Configuration 'topics' values must not be duplicated"},
		{"topics.regex", strings.Repeat("(a|b)*", 1<<17), "it has 786432 characters, and may have 65536"},
		{"name", strings.Repeat("n", 1<<20), ""},
		{"tasks.max", strings.Repeat("9", 1<<20), "Not a number of type INT"},
		{"transforms", strings.Repeat("a,", 1<<19) + "a", "Duplicate alias provided."},
	} {
		p := config("name", "c", "connector.class", "FileStreamSink", "file", "f", "errors.deadletterqueue.topic.name", "dead")
		if !strings.HasPrefix(c.key, "topics") {
			p = p.With("topics", "t")
		}
		infos, err := v.Validate(t.Context(), p.With(c.key, c.value))
		if err != nil {
			t.Errorf("%s: %.200v", c.key, err)
			continue
		}
		messages := strings.Join(infos.Messages(), "\n")
		if c.want == "" && messages != "" || !strings.Contains(messages, c.want) {
			t.Errorf("%s: messages %.300q do not say %q", c.key, messages, c.want)
		}
	}
}
