package file

import (
	"context"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The configuration keys.
const (
	fileKey      = "file"
	topicKey     = "topic"
	batchSizeKey = "batch.size"
)

// The one field of a source partition and of a source offset.
const (
	filenameField = "filename"
	positionField = "position"
)

func sourceConfig() *configdef.Def {
	return configdef.MustNew(
		configdef.ConfigKey{
			Name: fileKey, Type: configdef.TypeString, Importance: configdef.ImportanceHigh,
			Documentation: "The file to read. If it is not given, standard input is read.",
		},
		configdef.ConfigKey{
			Name: topicKey, Type: configdef.TypeString, Required: true, Validator: configdef.NonEmptyString(),
			Importance: configdef.ImportanceHigh, Documentation: "The topic to write to.",
		},
		configdef.ConfigKey{
			Name: batchSizeKey, Type: configdef.TypeInt, Default: 2000, Importance: configdef.ImportanceLow,
			Documentation: "The most lines to read at once.",
		},
	)
}

func sinkConfig() *configdef.Def {
	return configdef.MustNew(configdef.ConfigKey{
		Name: fileKey, Type: configdef.TypeString, Importance: configdef.ImportanceHigh,
		Documentation: "The file to append to; it is created if it does not exist. If it is not given, records go to standard output.",
	})
}

// parse reads a task's configuration; mistakes are one KindConfig error that names every key.
func parse(def *configdef.Def, config map[string]string) (configdef.Config, error) {
	c, err := def.Parse(config)
	if err != nil {
		return c, connect.ConfigError(err.Error())
	}
	return c, nil
}

// exactlyOnce: standard input cannot be read a second time, a file can.
func exactlyOnce(config map[string]string) bool { return strings.TrimSpace(config[fileKey]) != "" }

// alterSourceOffsets checks offsets that a user wants to set. The file name itself is not compared, so that offsets can be
// prepared for a file that the configuration does not name yet.
func alterSourceOffsets(_ context.Context, config map[string]string, offsets []connect.SourceOffset) (bool, error) {
	if !exactlyOnce(config) {
		return false, refused("Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.")
	}
	for _, o := range offsets {
		if o.Offset.IsNull() {
			continue // resetting needs no check
		}
		if err := checkOffset(o); err != nil {
			return false, err
		}
	}
	return true, nil
}

func checkOffset(o connect.SourceOffset) error {
	position, ok := field(o.Offset, positionField)
	switch {
	case !ok:
		return refused("Offset objects should either be null or contain the key 'position'")
	case position.Kind() != connect.KindInt64:
		return refused("The value for the 'position' key in the offset is expected to be a Long value")
	case position.Int() < 0:
		return refused("The value for the 'position' key in the offset should be a non-negative value")
	case o.Partition == nil || o.Partition.Value().IsNull():
		return refused("Partition objects cannot be null")
	}
	if _, ok := field(o.Partition.Value(), filenameField); !ok {
		return refused("Partition objects should contain the key 'filename'")
	}
	return nil
}

func field(v connect.Value, name string) (connect.Value, bool) {
	if v.Kind() != connect.KindMap {
		return connect.Null(), false
	}
	return v.Map().Get(name)
}

func refused(message string) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException, Message: message}
}

// alterSinkOffsets agrees to everything: a sink's offsets are its consumer group's, and the file is not looked at.
func alterSinkOffsets(context.Context, map[string]string, []connect.SourceOffset) (bool, error) {
	return true, nil
}
