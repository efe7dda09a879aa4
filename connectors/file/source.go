package file

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	// chunkSize is how much is read at once; minChunk is the least, when few lines are asked for.
	chunkSize = 64 << 10
	minChunk  = 1 << 10
	// maxLine bounds a line, and with it memory. Kafka's brokers refuse records far smaller than this.
	maxLine = 64 << 20
)

// Source reads lines. The values of its records point into the chunks they were read with, which lie in the batch's
// arena; nothing is copied and nothing is kept between two polls but a position, so that memory does not depend on how
// long the last, still incomplete line is.
type Source struct {
	def   *configdef.Def
	now   func() time.Time
	stdin func() (input, error)
	chunk int // largest chunk; small in tests

	log       *slog.Logger
	path      string // empty for standard input
	topic     string
	batchSize int
	partition *connect.SourcePartition

	in       input // nil as long as the file does not exist
	pos      int64 // where the next line begins
	aligned  bool  // the byte before pos is known to be a line end
	tail     int64 // bytes after pos that were looked at and hold no line end
	lineSize int   // bytes a line took of late
	waiting  bool  // the absence of the file was logged
	replaced bool  // malformed text was logged
}

// input is a file that may grow, or standard input. ReadAt returns io.EOF for "nothing more now".
type input interface {
	io.ReaderAt
	io.Closer
	// done says that nothing before pos will be read again.
	done(pos int64)
	// check is called when nothing more is there. It fails when the input no longer reaches pos, and reports its size and
	// whether it is still the one that the configuration names.
	check(pos int64) (size int64, same bool, err error)
}

// Open looks up the position to go on from. The file itself is opened by the first Poll that finds it.
func (s *Source) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	c, err := parse(s.def, rt.Config)
	if err != nil {
		return err
	}
	s.log, s.path, s.topic, s.batchSize = rt.Log, c.String(fileKey), c.String(topicKey), max(1, c.Int(batchSizeKey))
	s.lineSize = 128
	filename := connect.String(s.path)
	if c.IsNull(fileKey) {
		filename = connect.Null()
	}
	s.partition = connect.NewSourcePartition(filenameField, filename)
	if s.path == "" {
		s.in, err = s.stdin()
		return err
	}
	s.pos, err = committedPosition(ctx, rt.Offsets, s.partition)
	return err
}

func committedPosition(ctx context.Context, offsets connect.OffsetReader, p *connect.SourcePartition) (int64, error) {
	offset, err := offsets.Offset(ctx, p)
	if err != nil {
		return 0, fmt.Errorf("read the committed position: %w", err)
	}
	position, _ := field(offset, positionField)
	switch {
	case position.IsNull():
		return 0, nil
	case position.Kind() != connect.KindInt64 || position.Int() < 0:
		return 0, &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException, Message: "Offset position is the incorrect type",
			Hint: "it is " + position.String() + ", and must be an integer of at least 0; reset or alter the connector's offsets"}
	}
	return position.Int(), nil
}

// Poll appends the lines that are there, up to batch.size. An error that would end the task waits until the lines before
// it are delivered: the same state leads to the same error next time.
func (s *Source) Poll(ctx context.Context, b *connect.Batch) error {
	if s.in == nil {
		if err := s.openFile(); err != nil || s.in == nil {
			return err
		}
	}
	room, _ := b.Remaining()
	now := s.now().UnixMilli()
	for limit := min(s.batchSize, room); limit > 0 && !b.Full() && ctx.Err() == nil; {
		text, more, err := s.read(b, limit)
		if err != nil {
			if b.Len() > 0 {
				return nil
			}
			return err
		}
		limit -= s.appendLines(b, text, limit, now)
		if !more {
			break
		}
	}
	s.in.done(s.pos)
	if b.Len() > 0 || ctx.Err() != nil {
		return nil
	}
	return s.checkInput()
}

// appendLines appends at most limit of the lines that text begins with, and moves on by as much.
func (s *Source) appendLines(b *connect.Batch, text []byte, limit int, now int64) int {
	l, n := newLines(text), 0
	for ; n < limit && !b.Full(); n++ {
		begin := l.at
		line, ok := l.next()
		if !ok {
			break
		}
		r := b.Append()
		r.Topic, r.Timestamp = s.topic, now
		r.ValueSchema, r.Value = connect.StringSchema, connect.StringBytes(s.valid(b, line, begin))
		r.SourcePartition, r.SourceOffset = s.partition, s.offset(b, s.pos+int64(l.at))
		b.AddBytes(l.at - begin)
	}
	if n > 0 {
		s.pos, s.aligned, s.tail = s.pos+int64(l.at), true, 0
		s.lineSize = l.at/n + 1
	}
	return n
}

// offset returns {"position": pos}. Standard input has no position to return to.
func (s *Source) offset(b *connect.Batch, pos int64) connect.Value {
	slots := b.Arena.Values(2)
	slots[0] = connect.String(positionField)
	if s.path != "" {
		slots[1] = connect.Int64(pos)
	}
	return connect.NewMap(slots).Value()
}

// valid returns line itself when it is UTF-8, else a copy in which U+FFFD stands for what is not, as Kafka Connect reads
// it: a STRING cannot hold anything else.
func (s *Source) valid(b *connect.Batch, line []byte, at int) []byte {
	if utf8.Valid(line) {
		return line
	}
	if !s.replaced {
		s.replaced = true
		s.log.Warn("text is not UTF-8; what cannot be read is replaced by U+FFFD, as Kafka Connect does",
			"file", s.name(), "position", s.pos+int64(at))
	}
	return appendValid(b.Arena.Bytes(3 * len(line))[:0], line)
}

func (s *Source) name() string {
	if s.path == "" {
		return "stdin"
	}
	return s.path
}

// Committed does nothing: a file needs no acknowledgement.
func (s *Source) Committed(context.Context, []connect.SourceOffset) error { return nil }

// Close closes the file.
func (s *Source) Close(context.Context) error {
	if s.in == nil {
		return nil
	}
	s.in.done(s.pos) // also where Poll could not say so
	err := s.in.Close()
	s.in = nil
	return err
}
