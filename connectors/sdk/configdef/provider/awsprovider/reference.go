package awsprovider

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// lifetime is for how long a value is kept that has no ttl of its own.
const lifetime = 5 * time.Minute

// option matches one option after the ? of a key: name=value, up to the next or the end.
var option = regexp.MustCompile(`^(\w+)=(.*)$`)

// cutOptions splits key?ttl=1000 into the key and its ttl, 0 if it has none. Options that are not known are left out, as in the
// original.
func cutOptions(keyWithOptions string) (key string, ttl time.Duration, err error) {
	key, options, _ := strings.Cut(keyWithOptions, "?")
	for o := range strings.SplitSeq(options, ",") {
		m := option.FindStringSubmatch(o)
		if m == nil || m[1] != "ttl" {
			continue
		}
		millis, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil || millis < 1 || millis > int64(time.Duration(1<<63-1)/time.Millisecond) {
			return "", 0, connect.ConfigError(fmt.Sprintf("the ttl of %s must be a positive number of milliseconds", keyWithOptions))
		}
		ttl = time.Duration(millis) * time.Millisecond
	}
	return key, ttl, nil
}

// orLifetime is for how long a value with this ttl is kept.
func orLifetime(ttl time.Duration) time.Duration {
	if ttl == 0 {
		return lifetime
	}
	return ttl
}

// shorter is the shorter of two ttls, of which 0 is none.
func shorter(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// secretARNParts is of how many parts the ARN of a secret consists: arn:aws:secretsmanager:region:account:secret:name.
const secretARNParts = 7

// secretOf returns the secret that a placeholder names and the key in it. A placeholder's path ends at its first colon, so that an ARN is
// torn apart: ${p:arn:aws:…:secret:name:key} has the path arn. Or its colons are written as %3A, which no name of a secret contains.
func secretOf(path, key string) (id, member string, err error) {
	if path != "arn" {
		return strings.NewReplacer("%3A", ":", "%3a", ":").Replace(path), key, nil
	}
	parts := strings.SplitN("arn:"+key, ":", secretARNParts+1)
	if len(parts) <= secretARNParts {
		return "", "", connect.ConfigError(fmt.Sprintf("arn:%s is no ARN of a secret with a key after it: arn:aws:secretsmanager:region:account:secret:name:key", key))
	}
	return strings.Join(parts[:secretARNParts], ":"), parts[secretARNParts], nil
}

// regionIn returns the region of an ARN, empty for what is none.
func regionIn(id string) string {
	parts := strings.SplitN(id, ":", 5)
	if len(parts) < 5 || parts[0] != "arn" {
		return ""
	}
	return parts[3]
}
