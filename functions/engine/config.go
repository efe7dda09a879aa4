package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// withPrefix returns the keys that begin with prefix, without it.
func withPrefix(config map[string]string, prefix string) map[string]string {
	own := make(map[string]string)
	for k, v := range config {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			own[rest] = v
		}
	}
	return own
}

// list splits a value of type LIST: by commas, trimmed, without empty elements and repetitions.
func list(value string) []string {
	var l []string
	seen := make(map[string]bool)
	for e := range strings.SplitSeq(value, ",") {
		if e = strings.TrimSpace(e); e != "" && !seen[e] {
			seen[e] = true
			l = append(l, e)
		}
	}
	return l
}

// aliasList is a list in which a repetition is a mistake.
func aliasList(config map[string]string, key string) ([]string, error) {
	l := list(config[key])
	n := 0
	for e := range strings.SplitSeq(config[key], ",") {
		if strings.TrimSpace(e) != "" {
			n++
		}
	}
	if n != len(l) {
		return nil, invalid(key, config[key], "Duplicate alias provided.")
	}
	return l, nil
}

func boolSetting(config map[string]string, key string) (bool, error) {
	switch v := strings.TrimSpace(config[key]); {
	case v == "" || strings.EqualFold(v, "false"):
		return false, nil
	case strings.EqualFold(v, "true"):
		return true, nil
	default:
		return false, invalid(key, v, "Expected value to be either true or false")
	}
}

// millisSetting returns a duration given in milliseconds; a negative one is returned as it is.
func millisSetting(config map[string]string, key string, def time.Duration) (time.Duration, error) {
	n, err := intSetting(config, key, def.Milliseconds())
	return time.Duration(n) * time.Millisecond, err
}

func intSetting(config map[string]string, key string, def int64) (int64, error) {
	v := strings.TrimSpace(config[key])
	if v == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, invalid(key, v, "Not a number")
	}
	return n, nil
}

func invalid(key, value, why string) error {
	return connect.ConfigError(fmt.Sprintf("Invalid value %s for configuration %s: %s", value, key, why))
}

// clientSettings returns the settings of the task's producer or consumer: the worker's under kind, then the connector's
// under kind.override.
func clientSettings(t *Task, kind string) map[string]string {
	s := withPrefix(t.Worker, kind+".")
	for k, v := range withPrefix(t.Config, kind+".override.") {
		s[k] = v
	}
	return s
}
