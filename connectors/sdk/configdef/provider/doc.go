// Package provider holds the config providers that Kafka ships, which look up the
// placeholders of a configuration in files, directories and environment
// variables:
//
//	${file:/etc/secrets/db.properties:password}
//	${directory:/etc/secrets:password}
//	${env:DB_PASSWORD}
//
// The word before the first colon is the name a worker gave the provider in its
// config.providers setting.
//
// None of them reports what it does not find: the placeholder then stays in the
// configuration as it was written.
package provider
