package javaregex

import (
	_ "embed"
	"strconv"
	"strings"
)

// unicodeText is what Go's tables lack: the blocks with their names, and the short names of scripts. See testdata/README.md.
//
//go:embed unicode.txt
var unicodeText string

// unicodeName looks for a block or a script by one of its names. It returns what stands for it: the first and the last character of a
// block, the long name of a script.
func unicodeName(kind, name string) (what string, ok bool) {
	name = strings.ToUpper(name)
	for line := range strings.Lines(unicodeText) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), kind+" ")
		if !ok {
			continue
		}
		if kind == "script" {
			if short, long, _ := strings.Cut(line, " "); short == name {
				return long, true
			}
			continue
		}
		parts := strings.SplitN(line, " ", 3)
		for known := range strings.SplitSeq(parts[2], "|") {
			if known == name {
				return parts[0] + " " + parts[1], true
			}
		}
	}
	return "", false
}

// block returns the characters of a block of Unicode.
func block(name string) (set, bool) {
	what, ok := unicodeName("block", name)
	if !ok {
		return nil, false
	}
	first, last, _ := strings.Cut(what, " ")
	low, _ := strconv.ParseInt(first, 16, 32)
	high, _ := strconv.ParseInt(last, 16, 32)
	return ranges(rune(low), rune(high)), true
}
