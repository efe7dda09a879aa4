package main

import (
	"archive/zip"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// size builds every function for arm64 and returns the size of the largest zip: what is uploaded, and what Lambda
// unpacks at a cold start.
func size(ctx context.Context) ([]row, error) {
	mains, err := filepath.Glob("functions/*/main.go")
	if err != nil {
		return nil, err
	}
	tasks, err := filepath.Glob("functions/task/*/main.go")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ferry-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	var largest int64
	var detail []string
	for _, main := range append(mains, tasks...) {
		folder := filepath.Dir(main)
		out := filepath.Join(dir, filepath.Base(folder))
		if err := buildFunction(ctx, folder, "arm64", out); err != nil {
			return nil, err
		}
		n, err := zipped(out)
		if err != nil {
			return nil, err
		}
		largest = max(largest, n)
		detail = append(detail, fmt.Sprintf("%s %.1f", filepath.Base(folder), float64(n)/1e6))
	}
	if largest == 0 {
		return nil, fmt.Errorf("no function was found below functions: run from the top of the checkout")
	}
	return []row{{Metric: "largest function, zip", Value: float64(largest) / 1e6, Unit: " MB", Gate: 12, Goal: 8, Detail: strings.Join(detail, ", ")}}, nil
}

// zipped returns how large a zip of the file is.
func zipped(path string) (int64, error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	var n counter
	w := zip.NewWriter(&n)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	entry, err := w.Create("bootstrap")
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(entry, in); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return int64(n), nil
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
