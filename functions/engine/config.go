package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
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

// client returns the settings of one of the task's clients.
func (t *Task) client(kind kafkaclient.Kind) kafkaclient.Settings {
	return kafkaclient.New(kind, t.Worker, t.Config)
}

// connection returns the options that each of the task's clients has. kind names it, as client.id of Kafka Connect does: connector-<kind>-<connector>-<task>.
func (t *Task) connection(s kafkaclient.Settings, kind string) ([]kgo.Opt, error) {
	opts := append([]kgo.Opt{
		kgo.DisableClientMetrics(), kgo.ConnIdleTimeout(idleConnections), kgo.ClientID(fmt.Sprintf("connector-%s-%s-%d", kind, t.Connector, t.ID)),
	}, t.Kafka...)
	secure, err := t.Security.Options(s)
	if err != nil {
		return nil, err
	}
	own, err := s.Connection()
	return append(append(opts, secure...), own...), err
}

// newClient makes a client. What goes wrong is a mistake of its settings: it connects later.
func newClient(what string, opts []kgo.Opt) (*kgo.Client, error) {
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException, Message: "configure " + what, Cause: err}
	}
	return cl, nil
}

// admin returns a client that creates topics: cl, the task's producer, unless the settings of admin clients say otherwise. It is closed by
// the function that is returned.
func (t *Task) admin(cl *kgo.Client, kind string) (*kgo.Client, func(), error) {
	s := t.client(kafkaclient.Admin)
	if t.client(kafkaclient.Producer).Serves(s) {
		return cl, func() {}, nil
	}
	opts, err := t.connection(s, kind)
	if err != nil {
		return nil, nil, err
	}
	own, err := newClient("the admin client", opts)
	if err != nil {
		return nil, nil, err
	}
	return own, own.Close, nil
}
