package vectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// ErrNoCounterpart says that a golden vector holds a Java object that a
// configuration's value in Go cannot be, such as a map or a list with a null.
var ErrNoCounterpart = errors.New("no configuration value in Go corresponds to the Java object")

// ConfigValue decodes tagged data ({"int32":5}) into a value as package configdef
// knows it; {"float32":"1.5"} becomes a float32. It returns ErrNoCounterpart for what
// configurations cannot hold.
func ConfigValue(raw json.RawMessage) (any, error) {
	var tagged map[string]json.RawMessage
	if err := json.Unmarshal(raw, &tagged); err != nil {
		return nil, fmt.Errorf("decode configuration value %s: %w", raw, err)
	}
	for tag, content := range tagged {
		decode, ok := configTags[tag]
		if !ok {
			return nil, fmt.Errorf("%s: %w", raw, ErrNoCounterpart)
		}
		return decode(content)
	}
	return nil, fmt.Errorf("decode configuration value %s: no tag", raw)
}

// ConfigValues decodes a list of tagged data.
func ConfigValues(raws []json.RawMessage) ([]any, error) {
	values := make([]any, len(raws))
	for i, raw := range raws {
		value, err := ConfigValue(raw)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// configTags decodes the content of each tag.
//
//nolint:gochecknoglobals // a constant table; Go has no constant maps or arrays
var configTags = map[string]func(json.RawMessage) (any, error){
	"null":   func(json.RawMessage) (any, error) { return nil, nil },
	"bool":   decodeAs(func(v bool) any { return v }),
	"string": decodeAs(func(v string) any { return v }),
	"int16":  decodeAs(func(v int16) any { return v }),
	"int32":  decodeAs(func(v int32) any { return v }),
	"class":  decodeAs(func(v string) any { return configdef.Class(v) }),
	"int64": func(raw json.RawMessage) (any, error) {
		return decodeText(raw, func(s string) (any, error) { return strconv.ParseInt(s, 10, 64) })
	},
	"float32": func(raw json.RawMessage) (any, error) {
		return decodeText(raw, func(s string) (any, error) {
			f, err := strconv.ParseFloat(s, 32)
			return float32(f), err
		})
	},
	"float64": func(raw json.RawMessage) (any, error) {
		return decodeText(raw, func(s string) (any, error) { return strconv.ParseFloat(s, 64) })
	},
	"password": decodeAs(func(v string) any { return configdef.NewPassword(v) }),
	"array":    decodeList,
}

func decodeAs[T any](wrap func(T) any) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("decode configuration value %s: %w", raw, err)
		}
		return wrap(v), nil
	}
}

func decodeText(raw json.RawMessage, parse func(string) (any, error)) (any, error) {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("decode configuration value %s: %w", raw, err)
	}
	return parse(s)
}

func decodeList(raw json.RawMessage) (any, error) {
	var elements []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, fmt.Errorf("decode configuration value %s: %w", raw, err)
	}
	list := make([]string, len(elements))
	for i, e := range elements {
		content, isText := e["string"]
		if !isText {
			return nil, fmt.Errorf("list %s: %w", raw, ErrNoCounterpart)
		}
		if err := json.Unmarshal(content, &list[i]); err != nil {
			return nil, fmt.Errorf("decode configuration value %s: %w", raw, err)
		}
	}
	return list, nil
}
