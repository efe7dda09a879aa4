// Package awsprovider holds the config providers that users of MSK Connect have (msk-config-providers of AWS), under their class names:
//
//	${secretsmanager:db-credentials:password}           a member of a secret, which is a JSON object
//	${ssm::/prod/db/password}                           a parameter, decrypted
//	${s3import:eu-west-1:bucket/certs/truststore.jks}   the path of a file with the object's content
//
// A secret may be named by its ARN, as it is or with %3A for its colons; it is then read from the ARN's region. A key may end in
// ?ttl=60000: for so many milliseconds the value is good.
//
// # Lifetime
//
// Values are kept for as long as their ttl says, or for five minutes, in the process that asked: an invocation that finds its function
// warm does not ask again. All keys of one secret are one call, parameters are asked for by ten. Forget drops what is kept: it is
// for whoever was refused with a value that may have been rotated.
//
// # Failures
//
// What may pass by itself, throttling and whatever the network does, is tried five times within six seconds, with jitter, and is a
// KindRetriable error after that. Everything else is KindConfig. Errors name the secret and the key, and never quote a value.
package awsprovider
