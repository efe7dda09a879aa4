package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// job is what the environment asks for.
type job struct {
	path      string
	name      string
	config    map[string]string
	bootstrap []string
	workload  string
	topic     string
	n, step   int64
	out       string
}

// readJob reads the variables. Errors name the variable.
func readJob(env func(string) string) (*job, error) {
	j := &job{path: env("BENCH_CONFIG"), workload: env("BENCH_WORKLOAD"), topic: env("BENCH_TOPIC"), out: env("BENCH_OUT")}
	for _, required := range []string{"BENCH_CONFIG", "BENCH_BOOTSTRAP", "BENCH_N"} {
		if env(required) == "" {
			return nil, fmt.Errorf("the environment variable %s is not set", required)
		}
	}
	j.bootstrap = strings.Split(env("BENCH_BOOTSTRAP"), ",")
	var err error
	if j.n, err = count(env, "BENCH_N", 0); err != nil {
		return nil, err
	}
	if j.step, err = count(env, "BENCH_STEP", j.n); err != nil {
		return nil, err
	}
	return j, j.readConfig()
}

func count(env func(string) string, name string, def int64) (int64, error) {
	if env(name) == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(env(name), 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s is %q, and should be a number of records", name, env(name))
	}
	return n, nil
}

// readConfig reads the connector's JSON. As over REST, numbers and booleans count as their text.
func (j *job) readConfig() error {
	text, err := os.ReadFile(j.path)
	if err != nil {
		return fmt.Errorf("BENCH_CONFIG: %w", err)
	}
	var connector struct {
		Name   string                     `json:"name"`
		Config map[string]json.RawMessage `json:"config"`
	}
	if err := json.Unmarshal(text, &connector); err != nil {
		return fmt.Errorf("BENCH_CONFIG %s: %w", j.path, err)
	}
	j.name, j.config = connector.Name, make(map[string]string)
	for k, raw := range connector.Config {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw)
		}
		j.config[k] = s
	}
	if j.name == "" || j.config["connector.class"] == "" {
		return fmt.Errorf("BENCH_CONFIG %s needs a name and a config with connector.class", j.path)
	}
	j.config["name"] = j.name
	return nil
}
