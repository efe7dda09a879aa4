package confluent

// GzipDecompress replaces bytes that gzip compressed by what they were.
//
// Supported: GzipDecompress$Key and GzipDecompress$Value, which have no keys of their own. A null key or value passes. Bytes that
// would be more than 256 MiB are an error.

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

// maxDecompressed bounds the memory that a small record can ask for.
const maxDecompressed = 256 << 20

// maxKept bounds the buffer that is kept for the next record.
const maxKept = 1 << 20

func gzipDecompress() []connect.TransformClass {
	return smt.KeyAndValue(packageName+"GzipDecompress", configdef.MustNew(), func(o smt.Operand, _ configdef.Config) (connect.Transform, error) {
		return &decompressor{Operand: o}, nil
	})
}

// decompressor keeps its reader and its buffer, so that a record costs no memory beside its own.
type decompressor struct {
	smt.Operand
	in      bytes.Reader
	zip     gzip.Reader
	limited io.LimitedReader
	out     bytes.Buffer
}

// Apply implements connect.Transform.
func (t *decompressor) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case v.IsNull():
		return true, nil
	case v.Kind() != connect.KindBytes:
		return false, connect.DataError("Only bytes can be decompressed, but the " + t.String() + " is a " + v.Kind().JavaClass())
	}
	if err := t.decompress(v.Bytes()); err != nil {
		e := connect.DataError("The " + t.String() + " cannot be decompressed: " + err.Error())
		e.Cause = err
		return false, e
	}
	t.Set(r, s, connect.Bytes(a.CopyBytes(t.out.Bytes())))
	if t.out.Cap() > maxKept {
		t.out = bytes.Buffer{}
	}
	return true, nil
}

func (t *decompressor) decompress(b []byte) error {
	t.in.Reset(b)
	t.out.Reset()
	if err := t.zip.Reset(&t.in); err != nil {
		return err
	}
	t.limited = io.LimitedReader{R: &t.zip, N: maxDecompressed + 1}
	n, err := t.out.ReadFrom(&t.limited)
	if err == nil && n > maxDecompressed {
		err = fmt.Errorf("more than %d bytes come out of %d", maxDecompressed, len(b))
	}
	return err
}
