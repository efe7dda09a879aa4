package textlines_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/textlines"
)

func TestLinesAreHandedOverOneByOne(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for in, want := range map[string]string{
		"":                       "",
		"\n":                     `1"" `,
		"a\nb":                   `1"a" 2"b" `,
		"a\r\n\nb\n":             `1"a" 2"" 3"b" `,
		"12345\n123456\n1234567": `1"12345" 2"123456" 3too long `,
		long + "\na\n":           `1too long 2"a" `,
		long:                     `1too long `,
	} {
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(in), "byte by byte": iotest.OneByteReader(strings.NewReader(in))} {
			var got strings.Builder
			err := textlines.Each(t.Context(), r, 6, func(l textlines.Line) error {
				if l.TooLong {
					fmt.Fprintf(&got, "%dtoo long ", l.Number)
				} else {
					fmt.Fprintf(&got, "%d%q ", l.Number, l.Text)
				}
				return nil
			})
			if err != nil || got.String() != want {
				t.Errorf("%.20q, %s: %s, %v; want %s", in, name, got.String(), err, want)
			}
		}
	}
}

func TestErrorsOfEitherSideEndTheReading(t *testing.T) {
	broken := errors.New("broken")
	lines := 0
	err := textlines.Each(t.Context(), io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), 10, func(textlines.Line) error { lines++; return nil })
	if !errors.Is(err, broken) || lines != 1 {
		t.Errorf("%d lines, %v", lines, err)
	}
	if err := textlines.Each(t.Context(), strings.NewReader("a\nb\n"), 10, func(textlines.Line) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := textlines.Each(ctx, r, 10, func(textlines.Line) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
