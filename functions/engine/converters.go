package engine

import (
	"fmt"
	"maps"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// converters are the three converters of a task, with the class names that errors are reported under.
type converters struct {
	key, value               connect.Converter
	header                   connect.HeaderConverter
	keyClass, valueClass     string
	headerClass              string
	keyIsBytes, valueIsBytes bool // bytes in, bytes out: nothing to decode
}

const (
	byteArrayConverter    = "org.apache.kafka.connect.converters.ByteArrayConverter"
	simpleHeaderConverter = "org.apache.kafka.connect.storage.SimpleHeaderConverter"
)

func newConverters(t *Task) (*converters, error) {
	var c converters
	var err error
	if c.key, c.keyClass, err = newConverter(t, "key"); err != nil {
		return nil, err
	}
	if c.value, c.valueClass, err = newConverter(t, "value"); err != nil {
		return nil, err
	}
	c.keyIsBytes, c.valueIsBytes = c.keyClass == byteArrayConverter, c.valueClass == byteArrayConverter
	name, config, source := converterConfig(t, "header")
	if name == "" {
		name = simpleHeaderConverter
	}
	class, err := t.Plugins.HeaderConverter(name)
	if err != nil {
		return nil, fmt.Errorf("%s of the %s: %w", "header.converter", source, err)
	}
	if c.header, err = class.New(config); err != nil {
		return nil, fmt.Errorf("%s of the %s: %w", "header.converter.*", source, err)
	}
	c.headerClass = class.Name
	return &c, nil
}

func newConverter(t *Task, kind string) (connect.Converter, string, error) {
	key := kind + ".converter"
	name, config, source := converterConfig(t, kind)
	if name == "" {
		return nil, "", connect.ConfigError(fmt.Sprintf("'%s' is set neither in the connector nor in the worker", key))
	}
	class, err := t.Plugins.Converter(name)
	if err != nil {
		return nil, "", fmt.Errorf("%s of the %s: %w", key, source, err)
	}
	c, err := class.New(config)
	if err != nil {
		return nil, "", fmt.Errorf("%s.* of the %s: %w", key, source, err)
	}
	return c, class.Name, nil
}

// converterConfig chooses between the connector's converter and the worker's, each with its own keys only: a connector
// that names no converter cannot configure the worker's, and one that names its own inherits nothing.
func converterConfig(t *Task, kind string) (class string, config map[string]string, source string) {
	key := kind + ".converter"
	from, source := t.Config, "connector"
	if from[key] == "" {
		from, source = t.Worker, "worker"
	}
	config = map[string]string{"converter.type": kind}
	maps.Copy(config, withPrefix(from, key+"."))
	delete(config, "plugin.version")
	return from[key], config, source
}
