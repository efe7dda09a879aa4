package lambda

import (
	"bytes"
	"os"
)

// tail returns the last of the log file, from the line that begins with start on if that is within.
func (s *sandbox) tail(start string) []byte {
	file, err := os.Open(s.path)
	if err != nil {
		return nil // the log is a convenience: without it the answer is still the answer
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil
	}
	from := max(0, info.Size()-tailSize)
	text := make([]byte, info.Size()-from)
	n, err := file.ReadAt(text, from)
	if err != nil && n < len(text) {
		return nil
	}
	if i := bytes.LastIndex(text, []byte(start)); i >= 0 {
		text = text[i:]
	}
	return text
}
