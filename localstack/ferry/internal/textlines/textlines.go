// Package textlines reads text line by line, in bounded memory.
package textlines

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
)

// Line is one line without its end.
type Line struct {
	// Number counts from 1.
	Number int
	// Text is the caller's. It is empty if the line is too long.
	Text []byte
	// TooLong says that the line has more bytes than are allowed; they were skipped.
	TooLong bool
}

// Each calls f for each line of in, the last one with or without an end, until f returns an error, which it returns, or ctx is done.
//
// Reading is done in a goroutine of its own, since nothing interrupts a read of a terminal or a pipe. It has ended when Each returns nil;
// after an error of f or the end of ctx it ends with the read that hangs, and hands nothing more over.
func Each(ctx context.Context, in io.Reader, limit int, f func(Line) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found, ended := make(chan Line), make(chan error, 1)
	go func() { ended <- read(ctx, in, limit, found) }()
	for {
		select {
		case l := <-found:
			if err := f(l); err != nil {
				return err
			}
		case err := <-ended:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func read(ctx context.Context, in io.Reader, limit int, found chan<- Line) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for number := 1; ; number++ {
		l, err := next(r, limit)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err == nil || len(l.Text) > 0 || l.TooLong {
			l.Number = number
			select {
			case found <- l:
			case <-ctx.Done():
				return nil
			}
		}
		if err != nil {
			return nil
		}
	}
}

// next reads one line; an error may come with the last one.
func next(r *bufio.Reader, limit int) (Line, error) {
	var l Line
	for {
		part, err := r.ReadSlice('\n')
		switch {
		case l.TooLong:
		case len(l.Text)+len(bytes.TrimRight(part, "\r\n")) > limit:
			l.Text, l.TooLong = nil, true
		default:
			l.Text = append(l.Text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			l.Text = bytes.TrimRight(l.Text, "\r\n")
			return l, err
		}
	}
}
