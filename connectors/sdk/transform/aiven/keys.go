package aiven

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

// text returns a key for a text that may be missing.
func text(name, doc string) configdef.ConfigKey {
	return configdef.ConfigKey{Name: name, Type: configdef.TypeString, Importance: configdef.ImportanceHigh, Documentation: doc}
}

// requiredText returns a key for a text that must be there and not empty.
func requiredText(name, doc string) configdef.ConfigKey {
	key := text(name, doc)
	key.Required, key.Validator = true, configdef.NonEmptyString()
	return key
}

// requiredList returns a key for a list that must be there.
func requiredList(name, doc string) configdef.ConfigKey {
	return configdef.ConfigKey{Name: name, Type: configdef.TypeList, Required: true, Importance: configdef.ImportanceHigh, Documentation: doc}
}

func skipKey() configdef.ConfigKey {
	return configdef.ConfigKey{
		Name: "skip.missing.or.null", Type: configdef.TypeBoolean, Default: false, Importance: configdef.ImportanceLow,
		Documentation: "Whether records in which the value is missing or null pass unchanged. Otherwise they are an error.",
	}
}

// recordError is an error about a record, which its text shows.
func recordError(r *connect.Record, parts ...string) error {
	return connect.DataError(strings.Join(parts, "") + ": " + smt.RecordText(r))
}
