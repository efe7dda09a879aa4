package quickstart

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	// growing is how recently a file was written to that is said to grow by itself.
	growing = 10 * time.Minute
	// largest is the size up to which a file is chosen: it is copied twice.
	largest = 256 << 20
)

// File is what a quickstart reads.
type File struct {
	// Path is absolute.
	Path string
	// Size is its size, Grows whether it was written to just now. A file that does not exist yet has size -1.
	Size  int64
	Grows bool
}

// Look describes a file that the user chose. It need not exist yet.
func Look(path string, now time.Time) (File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return File{}, fmt.Errorf("find file %s: %w", path, err)
	}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return File{Path: abs, Size: -1}, nil
	case err != nil:
		return File{}, fmt.Errorf("look at file %s: %w", path, err)
	case !info.Mode().IsRegular():
		return File{}, fmt.Errorf("%s is not a regular file: name a text file with --file", path)
	}
	f, err := os.Open(abs)
	if err != nil {
		return File{}, fmt.Errorf("open file: %w", err)
	}
	if err := f.Close(); err != nil {
		return File{}, fmt.Errorf("close file: %w", err)
	}
	return File{Path: abs, Size: info.Size(), Grows: now.Sub(info.ModTime()) < growing}, nil
}

// Choose picks a log file of this machine, from the folder where these are: the one that was written to last, since that
// is the one most likely to grow. Without any it is the file fallback, which need not exist.
func Choose(folder, fallback string, now time.Time) (File, error) {
	var found []candidate
	for _, pattern := range []string{"syslog", "messages", "*.log", "*/*.log"} {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return File{}, fmt.Errorf("look for log files: %w", err)
		}
		for _, path := range paths {
			if c, ok := consider(path, now); ok {
				found = append(found, c)
			}
		}
	}
	if len(found) == 0 {
		return Look(fallback, now)
	}
	return slices.MaxFunc(found, candidate.compare).file, nil
}

type candidate struct {
	file    File
	written time.Time
}

// compare orders by the time of the last write; equally old files, as on a machine that was just installed, by size.
func (c candidate) compare(d candidate) int {
	return cmp.Or(c.written.Compare(d.written), cmp.Compare(c.file.Size, d.file.Size))
}

// consider refuses what cannot be read, what is empty, since there would be nothing to see, and what is huge.
func consider(path string, now time.Time) (candidate, bool) {
	file, err := Look(path, now)
	if err != nil || file.Size <= 0 || file.Size > largest {
		return candidate{}, false
	}
	info, err := os.Stat(path)
	if err != nil {
		return candidate{}, false
	}
	return candidate{file, info.ModTime()}, true
}
