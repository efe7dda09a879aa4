package provider

import (
	"fmt"
	"io"
	"os"
)

// maxFile bounds what is read of one file, in bytes. Secret stores hold 64 KiB at
// most; the rest is for bundles of certificates.
const maxFile = 1 << 20

// read returns the content of a regular file. Anything else might never end, as a
// named pipe or a terminal does.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxFile {
		return nil, fmt.Errorf("%s has more than %d bytes, which no configuration needs", path, maxFile)
	}
	return content, nil
}
