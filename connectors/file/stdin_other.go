//go:build !unix

package file

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

func openStdin() (input, error) {
	return nil, connect.ConfigError("Standard input can be read on Unix only: set 'file'")
}
