package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// longEncoded is up to which length, in bytes, a value is looked for in hexadecimal digits and base64: nobody prints a store of
// certificates that way, and it would cost ten times its size.
const longEncoded = 4 << 10

// forms are the ways in which a value is written, and in which parts of it are that are secret by themselves.
func forms(value string) []string {
	all := spellings(value)
	for _, part := range quoted(value) {
		all = append(all, spellings(part)...)
	}
	for _, line := range lines(value) {
		all = append(all, line, url.QueryEscape(line), strings.ToUpper(line), strings.ToLower(line))
	}
	return all
}

func spellings(text string) []string {
	inGo := strconv.Quote(text)
	inJSON, _ := json.Marshal(text) // a string always can be
	all := []string{text, inGo[1 : len(inGo)-1], string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(text), url.PathEscape(text), html.EscapeString(text)}
	if shortValue <= len(text) && len(text) <= longEncoded {
		all = append(all, strings.ToUpper(text), strings.ToLower(text), hex.EncodeToString([]byte(text)))
		all = append(all, inBase64(text)...)
	}
	return all
}

// inBase64 returns what all texts in base64 that contain value have in common: one for each place in a group of three bytes at which it
// may begin, as the password does in the header of basic authentication. The characters that it shares with its neighbours are left
// out.
func inBase64(value string) []string {
	var all []string
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + value))
			bits := 8 * (before + len(value))
			all = append(all, text[(8*before+5)/6:bits/6])
		}
	}
	return all
}

// quotedPart matches what stands in quotes, as the password does in a JAAS configuration.
var quotedPart = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)

// quoted returns the texts in quotes.
func quoted(value string) []string {
	var all []string
	for _, m := range quotedPart.FindAllStringSubmatch(value, -1) {
		if part := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[1]); len(part) >= shortValue {
			all = append(all, part)
		}
	}
	return all
}

// longLine is the length from which a line of a value is taken for a secret by itself. The lines of a private key have 64 bytes.
const longLine = 16

// lines returns the long lines of a value that has several.
func lines(value string) []string {
	if !strings.Contains(value, "\n") {
		return nil
	}
	var all []string
	for line := range strings.SplitSeq(value, "\n") {
		if line = strings.TrimSpace(line); len(line) >= longLine && !strings.HasPrefix(line, "-----") {
			all = append(all, line)
		}
	}
	return all
}
