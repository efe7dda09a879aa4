package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The naive transforms are what one writes in Go for records that are maps, one after the other, as Kafka Connect's do it: a transform
// makes a new map, so that nobody sees a record change. They know no schema, no null, no path and no mistake.

// naiveData is a record of the naive transforms.
type naiveData struct {
	topic   string
	time    int64
	key     any
	value   any
	schema  map[string]any
	headers []naiveHeader
}

type naiveHeader struct {
	key   string
	value any
}

// naiveTransform returns what a record becomes, and false if it is dropped.
type naiveTransform func(naiveData) (naiveData, bool)

// onMap makes a transform of what is done to a copy of the value.
func onMap(change func(m map[string]any, r *naiveData)) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		m := maps.Clone(r.value.(map[string]any))
		change(m, &r)
		r.value = m
		return r, true
	}
}

func naiveReplace(exclude []string, renames map[string]string) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		from := r.value.(map[string]any)
		to := make(map[string]any, len(from))
		for name, v := range from {
			if slices.Contains(exclude, name) {
				continue
			}
			if renamed, ok := renames[name]; ok {
				name = renamed
			}
			to[name] = v
		}
		r.value = to
		return r, true
	}
}

func naiveInsert(field, text string) naiveTransform {
	return onMap(func(m map[string]any, _ *naiveData) { m[field] = text })
}

// naiveCast changes the types of numbers.
func naiveCast(types map[string]string) naiveTransform {
	return onMap(func(m map[string]any, _ *naiveData) {
		for field, to := range types {
			n, _ := m[field].(float64)
			switch to {
			case "int16":
				m[field] = int16(n)
			case "int64":
				m[field] = int64(n)
			case "float32":
				m[field] = float32(n)
			case "float64":
				m[field] = n
			}
		}
	})
}

func naiveMask(fields ...string) naiveTransform {
	return onMap(func(m map[string]any, _ *naiveData) {
		for _, field := range fields {
			switch m[field].(type) {
			case string:
				m[field] = ""
			case float64:
				m[field] = 0.0
			}
		}
	})
}

func naiveTime(field, layout string) naiveTransform {
	return onMap(func(m map[string]any, _ *naiveData) {
		millis, _ := m[field].(float64)
		m[field] = time.UnixMilli(int64(millis)).UTC().Format(layout)
	})
}

func naiveHeaderFrom(field, header string) naiveTransform {
	return onMap(func(m map[string]any, r *naiveData) {
		r.headers = append(slices.Clone(r.headers), naiveHeader{header, m[field]})
		delete(m, field)
	})
}

func naiveFlatten(r naiveData) (naiveData, bool) {
	to := make(map[string]any)
	var flatten func(prefix string, m map[string]any)
	flatten = func(prefix string, m map[string]any) {
		for name, v := range m {
			if inner, ok := v.(map[string]any); ok {
				flatten(prefix+name+".", inner)
				continue
			}
			to[prefix+name] = v
		}
	}
	flatten("", r.value.(map[string]any))
	r.value = to
	return r, true
}

func naiveExtract(field string) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		r.value = r.value.(map[string]any)[field]
		return r, true
	}
}

func naiveHoist(field string) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		r.value = map[string]any{field: r.value}
		return r, true
	}
}

func naiveValueToKey(fields ...string) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		key := make(map[string]any, len(fields))
		for _, field := range fields {
			key[field] = r.value.(map[string]any)[field]
		}
		r.key = key
		return r, true
	}
}

func naiveInsertHeader(header, text string) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		r.headers = append(slices.Clone(r.headers), naiveHeader{header, text})
		return r, true
	}
}

func naiveDropHeaders(names ...string) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		r.headers = slices.DeleteFunc(slices.Clone(r.headers), func(h naiveHeader) bool { return slices.Contains(names, h.key) })
		return r, true
	}
}

func naiveFilter(r naiveData) (naiveData, bool) { return r, false }

func naiveSchemaName(name string, version int) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		r.schema = maps.Clone(r.schema)
		r.schema["name"], r.schema["version"] = name, version
		return r, true
	}
}

func naiveRegexRouter(pattern, replacement string) naiveTransform {
	regex := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return func(r naiveData) (naiveData, bool) {
		r.topic = regex.ReplaceAllString(r.topic, replacement)
		return r, true
	}
}

func naiveTimestampRouter(format, layout string) naiveTransform {
	return func(r naiveData) (naiveData, bool) {
		at := time.UnixMilli(r.time).UTC().Format(layout)
		r.topic = strings.NewReplacer("${topic}", r.topic, "${timestamp}", at).Replace(format)
		return r, true
	}
}

// naiveChainOfThree does what chainOfThree does.
func naiveChainOfThree() []naiveTransform {
	return []naiveTransform{
		naiveReplace([]string{"tags"}, map[string]string{"note": "comment"}),
		naiveInsert("origin", "bench"),
		naiveCast(map[string]string{"seq": "int64", "score": "float64"}),
	}
}

// naiveJSON reads values into maps, sends them through the chain of three, and calls out with what it writes of them.
func naiveJSON(values [][]byte, out func([]byte)) func(int) error {
	chain := naiveChainOfThree()
	return func(n int) error {
		for i := range n {
			var value map[string]any
			if err := json.Unmarshal(values[i%len(values)], &value); err != nil {
				return err
			}
			r := naiveData{topic: sourceTopic, value: value}
			for _, transform := range chain {
				r, _ = transform(r)
			}
			data, err := json.Marshal(r.value)
			if err != nil {
				return err
			}
			out(data)
		}
		return nil
	}
}
