// Package security makes the TLS and SASL options of a Kafka client from the settings that users of Java clients have:
// security.protocol, ssl.* and sasl.*. The worker's own clients and those of connectors use it alike.
//
// # What is read when
//
// Options reads stores, keys and JAAS texts at once, so that a mistake is told when a client is configured, and names the key and the
// file. Nothing of them is read again: who renews a certificate restarts the task. Tokens and AWS keys are fetched when a
// connection authenticates, and kept as long as a Java client keeps them. Nothing runs in between: a function that is frozen
// refreshes nothing, and finds out at its next connection.
//
// # Secrets
//
// No error holds a value of a password key, a private key, a JAAS option or a token, nor a part of one. So JAAS errors tell the place in
// the text and not what is there, and an answer of a token endpoint is quoted by its two OAuth error fields alone.
//
// # What is refused
//
// A setting that would protect the connection otherwise than here is refused by name, and never ignored: nobody connects with less
// protection than was asked for. That is Kerberos, classes of one's own, and names of protocols that Go does not have.
package security
