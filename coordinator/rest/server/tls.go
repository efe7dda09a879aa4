package server

import (
	"crypto/tls"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
)

// settings are the ssl. keys of a kind of listeners: those with its prefix if there is one, else those without.
type settings struct {
	properties map[string]string
	prefix     string
}

func newSettings(properties map[string]string, prefix string) settings {
	for key := range properties {
		if strings.HasPrefix(key, prefix) {
			return settings{properties, prefix}
		}
	}
	return settings{properties, ""}
}

// Get implements security.Settings. Whether a name fits is a matter of who calls a server, and not of the server.
func (s settings) Get(key string) string {
	if key == "ssl.endpoint.identification.algorithm" {
		return ""
	}
	return strings.TrimSpace(s.properties[s.prefix+key])
}

// Name implements security.Settings.
func (s settings) Name(key string) string { return s.prefix + key }

// tlsConfig is what listeners need to speak TLS: their certificate, and what is asked of clients. Errors name the key, and hold no secret.
func tlsConfig(properties map[string]string, prefix string) (*tls.Config, error) {
	s := newSettings(properties, prefix)
	client, err := security.TLS(s)
	if err != nil {
		return nil, err
	}
	if client.GetClientCertificate == nil {
		return nil, &connect.Error{
			Kind: connect.KindConfig, Class: connect.ConfigException, Message: "an https listener has no certificate",
			Hint: "set " + s.Name("ssl.keystore.location") + ", or " + s.Name("ssl.keystore.key") + " and " + s.Name("ssl.keystore.certificate.chain") + " with " + s.Name("ssl.keystore.type") + "=PEM",
		}
	}
	own, err := client.GetClientCertificate(nil)
	if err != nil {
		return nil, err
	}
	server := &tls.Config{
		Certificates: []tls.Certificate{*own}, ClientCAs: client.RootCAs,
		MinVersion: client.MinVersion, MaxVersion: client.MaxVersion, CipherSuites: client.CipherSuites, VerifyConnection: client.VerifyConnection,
		NextProtos: []string{"http/1.1"}, // as in Kafka Connect
	}
	server.ClientAuth, err = clientAuth(s)
	return server, err
}

// clientAuth is ssl.client.auth. A certificate that is presented must be good even if none is required, as in Java.
func clientAuth(s settings) (tls.ClientAuthType, error) {
	switch auth := s.Get("ssl.client.auth"); auth {
	case "", "none":
		return tls.NoClientCert, nil
	case "requested":
		return tls.VerifyClientCertIfGiven, nil
	case "required":
		return tls.RequireAndVerifyClientCert, nil
	default:
		return 0, connect.ConfigError("Invalid value " + auth + " for configuration " + s.Name("ssl.client.auth") + ": String must be one of: required, requested, none")
	}
}
