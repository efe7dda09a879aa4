package datagen

import (
	"fmt"
	"os"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The configuration keys. taskIDKey is added by plan.
const (
	topicKey          = "kafka.topic"
	maxIntervalKey    = "max.interval"
	iterationsKey     = "iterations"
	schemaStringKey   = "schema.string"
	schemaFilenameKey = "schema.filename"
	schemaKeyfieldKey = "schema.keyfield"
	quickstartKey     = "quickstart"
	randomSeedKey     = "random.seed"
	taskIDKey         = "task.id"
)

func config() *configdef.Def {
	high := func(name string, t configdef.Type, value any, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{Name: name, Type: t, Default: value, Importance: configdef.ImportanceHigh, Documentation: doc}
	}
	topic := high(topicKey, configdef.TypeString, nil, "The topic to write to.")
	topic.Required = true
	quickstart := high(quickstartKey, configdef.TypeString, "", "The name of one of the schemas that come with the connector.")
	quickstart.Recommender = configdef.Recommend(quickstartNames()...)
	return configdef.MustNew(
		topic,
		high(maxIntervalKey, configdef.TypeLong, 500, "The longest time between two records of a task, in milliseconds. Times are chosen evenly between 0 and this. "+
			"0 or less: as fast as possible."),
		high(iterationsKey, configdef.TypeInt, -1, "How many records each task makes. Less than 1: no end."),
		high(schemaStringKey, configdef.TypeString, "", "An Avro schema, as JSON text."),
		high(schemaFilenameKey, configdef.TypeString, "", "The file that holds an Avro schema."),
		high(schemaKeyfieldKey, configdef.TypeString, "", "The field whose value becomes the record's key. By default a quickstart's own key field, or none."),
		quickstart,
		configdef.ConfigKey{Name: randomSeedKey, Type: configdef.TypeLong, Importance: configdef.ImportanceLow,
			Documentation: "A number that determines all values: connectors with the same seed make the same records. Tasks of one connector differ."},
	)
}

// check looks at what a definition cannot say: exactly one of three keys names a schema, which must exist, be readable and have
// the key field.
func check(def *configdef.Def, config map[string]string) map[string][]string {
	sources := []string{schemaStringKey, schemaFilenameKey, quickstartKey}
	var given []string
	for _, key := range sources {
		if strings.TrimSpace(config[key]) != "" {
			given = append(given, key)
		}
	}
	if len(given) != 1 {
		messages := make(map[string][]string)
		for _, key := range sources {
			if len(given) == 0 || strings.TrimSpace(config[key]) != "" {
				messages[key] = []string{"Must set exactly one of " + strings.Join(sources, ", ")}
			}
		}
		return messages
	}
	c, err := def.Parse(config)
	if err != nil {
		return nil // reported key by key already
	}
	_, _, key, err := schemaOf(c)
	if err == nil {
		return nil
	}
	return map[string][]string{key: {err.Error()}}
}

// schemaOf returns the generator that a configuration asks for and the position of the key field, -1 for none. When it
// fails, key names the setting to blame.
func schemaOf(c configdef.Config) (records *recordGenerator, keyField int, key string, err error) {
	text, keyName := c.String(schemaStringKey), c.String(schemaKeyfieldKey)
	key = schemaStringKey
	switch {
	case c.String(quickstartKey) != "":
		key = quickstartKey
		q, err := findQuickstart(c.String(quickstartKey))
		if err != nil {
			return nil, -1, key, err
		}
		if text, err = q.schema(); err != nil {
			return nil, -1, key, err
		}
		if keyName == "" {
			keyName = q.key
		}
	case c.String(schemaFilenameKey) != "":
		key = schemaFilenameKey
		file, err := os.ReadFile(c.String(schemaFilenameKey))
		if err != nil {
			return nil, -1, key, fmt.Errorf("read the schema: %w", err)
		}
		text = string(file)
	}
	if records, err = parseSchema(text); err != nil {
		return nil, -1, key, fmt.Errorf("the Avro schema cannot be used: %w", err)
	}
	if keyName == "" {
		return records, -1, "", nil
	}
	if keyField = records.schema.FieldIndex(keyName); keyField < 0 {
		return nil, -1, schemaKeyfieldKey, fmt.Errorf("the schema has no field %s", keyName)
	}
	return records, keyField, "", nil
}

// parse reads a task's configuration; mistakes are one KindConfig error.
func parse(def *configdef.Def, config map[string]string) (configdef.Config, error) {
	c, err := def.Parse(config)
	if err != nil {
		return c, connect.ConfigError(err.Error())
	}
	return c, nil
}
