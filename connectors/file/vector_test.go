package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
)

// TestVectorFileStream compares both tasks and both alterOffsets with what the real classes did.
func TestVectorFileStream(t *testing.T) {
	cases := vectors.Where(vectors.Group(vectors.Read(t, "offsets.jsonl"), "FileStreamSource", "FileStreamSink", "alterOffsets"),
		func(c vectors.Case) bool { return strings.HasPrefix(c.Class, "org.apache.kafka.connect.file.") })
	vectors.Run(t, cases, sourceDifferences(t, cases), func(t *testing.T, c vectors.Case) error {
		switch c.Group {
		case "FileStreamSource":
			return compareSource(t, c)
		case "FileStreamSink":
			return compareSink(t, c)
		}
		return compareAlterOffsets(t, c)
	})
}

// sourceDifferences names the cases that differ on purpose. There are two kinds.
func sourceDifferences(t *testing.T, cases []vectors.Case) vectors.Differences {
	differences := make(vectors.Differences)
	for _, c := range vectors.Group(cases, "FileStreamSource") {
		text, position := sourceInput(t, c)
		lines, _ := plainLines(text[min(position, int64(len(text))):])
		size, err := strconv.Atoi(config(c)["batch.size"])
		switch {
		case strings.IndexFunc(strings.Join(lines, ""), func(r rune) bool { return r >= 0x80 }) >= 0:
			differences[c.ID] = "positions count bytes, not UTF-16 units: Kafka Connect resumes at a byte, so its own count repeats text that is not ASCII"
		case err == nil && len(lines) > max(1, size):
			differences[c.ID] = "a batch.size smaller than what was read delivers the rest at the next poll; the real task keeps it until the file grows"
		}
	}
	return differences
}

func sourceInput(t *testing.T, c vectors.Case) (content string, position int64) {
	input := vectors.Decode[struct {
		Content        string
		StoredPosition any
	}](t, c.Input)
	if input.StoredPosition != nil {
		n, err := strconv.ParseInt(fmt.Sprint(input.StoredPosition), 10, 64)
		if err != nil {
			t.Fatalf("%s: stored position: %v", c.ID, err)
		}
		position = n
	}
	return input.Content, position
}

// TestVectorFileStreamConfig compares the definitions of both classes.
func TestVectorFileStreamConfig(t *testing.T) {
	cases := vectors.Where(vectors.Group(vectors.Read(t, "configdef.jsonl"), "dump"),
		func(c vectors.Case) bool { return strings.HasPrefix(c.Class, "org.apache.kafka.connect.file.") })
	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) error {
		type key struct {
			Name, Type, Importance string
			Required               bool
			DefaultText            *string
			Validator              *string
			DisplayName, Width     string
			Order                  int
		}
		want := vectors.Decode[struct{ Keys []key }](t, c.Output).Keys
		var got []key
		for _, k := range class(t, c.Class).Config.Keys() {
			g := key{Name: k.Name, Type: k.Type.String(), Importance: k.Importance.String(), Required: k.Required, DefaultText: k.DefaultText(),
				DisplayName: k.DisplayName, Width: k.Width.String(), Order: k.OrderInGroup}
			if k.Validator != nil {
				text := k.Validator.String()
				g.Validator = &text
			}
			got = append(got, g)
		}
		return sameJSON(got, want)
	})
}

func sameJSON(got, want any) error {
	g, err := json.Marshal(got)
	if err != nil {
		return err
	}
	w, err := json.Marshal(want)
	if err != nil {
		return err
	}
	if string(g) != string(w) {
		return fmt.Errorf("got  %s\nwant %s", g, w)
	}
	return nil
}

func class(t testing.TB, name string) *connect.Class {
	t.Helper()
	classes := Classes()
	i := slices.IndexFunc(classes, func(c *connect.Class) bool { return c.Name == name || strings.HasSuffix(c.Name, "."+name) })
	if i < 0 {
		t.Fatalf("no class %s", name)
	}
	return classes[i]
}

func config(c vectors.Case) map[string]string {
	config := make(map[string]string)
	for k, v := range c.Config {
		if v != nil {
			config[k] = *v
		}
	}
	return config
}

func compareSource(t *testing.T, c vectors.Case) error {
	content, position := sourceInput(t, c)
	path := filepath.Join(t.TempDir(), "input.txt")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return err
	}
	cfg := config(c)
	name := cfg["file"]
	cfg["file"] = path
	stored := connect.Null()
	if position > 0 {
		stored = positionOffset(position)
	}
	source := class(t, "FileStreamSourceConnector").Source()
	if err := source.Open(t.Context(), &connect.SourceRuntime{Config: cfg, Offsets: fixedOffset(stored), Log: slog.New(slog.DiscardHandler)}); err != nil {
		return err
	}
	defer func() { _ = source.Close(t.Context()) }()
	var polls []any
	for range vectors.Decode[struct{ Polls []any }](t, c.Output).Polls {
		b := connect.NewBatch(10_000, 1<<20)
		if err := source.Poll(t.Context(), b); err != nil {
			return err
		}
		polls = append(polls, pollJSON(b, path, name))
	}
	return sameJSON(polls, vectors.Decode[struct{ Polls []any }](t, c.Output).Polls)
}

type fixedOffset connect.Value

// pollJSON renders a batch in the form of the vectors; nil when it is empty.
func pollJSON(b *connect.Batch, path, name string) any {
	if b.Len() == 0 {
		return nil
	}
	type object = map[string]any
	tagged := func(v connect.Value) any {
		switch v.Kind() {
		case connect.KindString:
			return object{"string": v.Str()}
		case connect.KindInt64:
			return object{"int64": strconv.FormatInt(v.Int(), 10)}
		}
		return object{"null": true}
	}
	single := func(v connect.Value) any {
		key, value := v.Map().Entry(0)
		if value.Kind() == connect.KindString && value.Str() == path {
			value = connect.String(name)
		}
		return object{"map": []any{[]any{tagged(key), tagged(value)}}}
	}
	var records []any
	for _, r := range b.Records() {
		when := any(r.Timestamp)
		if age := time.Since(time.UnixMilli(r.Timestamp)); age > -time.Minute && age < time.Minute {
			when = "NOW"
		}
		partition, keySchema := any(nil), any(nil)
		if r.Partition != connect.NoPartition {
			partition = r.Partition
		}
		if r.KeySchema != nil {
			keySchema = r.KeySchema.String()
		}
		records = append(records, object{
			"topic": r.Topic, "partition": partition, "keySchema": keySchema, "key": tagged(r.Key),
			"valueSchema": object{"type": r.ValueSchema.Type().String(), "optional": r.ValueSchema.Optional()}, "value": tagged(r.Value),
			"timestamp": when, "headers": append([]any{}, make([]any, len(r.Headers))...), "kind": "source",
			"sourcePartition": single(r.SourcePartition.Value()), "sourceOffset": single(r.SourceOffset),
		})
	}
	return records
}

func compareSink(t *testing.T, c vectors.Case) error {
	input := vectors.Decode[struct {
		Value  map[string]any
		Schema *struct {
			Fields []struct {
				Name   string
				Schema struct{ Type string }
			}
		}
	}](t, c.Input)
	path := filepath.Join(t.TempDir(), "output.txt")
	sink := class(t, "FileStreamSinkConnector").Sink()
	if err := sink.Open(t.Context(), &connect.SinkRuntime{Config: map[string]string{"file": path}, Log: slog.New(slog.DiscardHandler)}); err != nil {
		return err
	}
	b := connect.NewBatch(1, 1<<20)
	value, err := vectorValue(input.Value)
	if err != nil {
		return err
	}
	b.Append().Value = value
	if err := sink.Put(t.Context(), b); err != nil {
		return err
	}
	if _, err := sink.Flush(t.Context()); err != nil {
		return err
	}
	if err := sink.Close(t.Context()); err != nil {
		return err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return sameJSON(map[string]any{"content": string(content)}, vectors.Decode[map[string]any](t, c.Output))
}

// vectorValue reads the tags that the FileStreamSink cases use.
func vectorValue(tagged map[string]any) (connect.Value, error) {
	for tag, v := range tagged {
		switch tag {
		case "null":
			return connect.Null(), nil
		case "string":
			return connect.String(v.(string)), nil
		case "bool":
			return connect.Bool(v.(bool)), nil
		case "int32":
			return connect.Int32(int32(v.(float64))), nil
		case "int64":
			n, err := strconv.ParseInt(v.(string), 10, 64)
			return connect.Int64(n), err
		case "float64":
			f, err := strconv.ParseFloat(v.(string), 64)
			return connect.Float64(f), err
		case "struct":
			return vectorStruct(v.([]any))
		case "array":
			return vectorArray(v.([]any))
		case "map":
			return vectorMap(v.([]any))
		}
	}
	return connect.Null(), fmt.Errorf("unknown tags %v", tagged)
}

// vectorStruct makes a struct whose fields are of whatever type: only names and values matter for its text.
func vectorStruct(fields []any) (connect.Value, error) {
	builder := connect.NewStructSchema()
	for _, f := range fields {
		builder.Field(f.([]any)[0].(string), connect.OptionalStringSchema)
	}
	s := connect.NewStruct(builder.MustBuild())
	for i, f := range fields {
		v, err := vectorValue(f.([]any)[1].(map[string]any))
		if err != nil {
			return v, err
		}
		s.SetField(i, v)
	}
	return s.Value(), nil
}

func vectorArray(elems []any) (connect.Value, error) {
	values := make([]connect.Value, len(elems))
	for i, e := range elems {
		v, err := vectorValue(e.(map[string]any))
		if err != nil {
			return v, err
		}
		values[i] = v
	}
	return connect.Array(values), nil
}

func vectorMap(entries []any) (connect.Value, error) {
	var slots []connect.Value
	for _, e := range entries {
		for _, part := range e.([]any) {
			v, err := vectorValue(part.(map[string]any))
			if err != nil {
				return v, err
			}
			slots = append(slots, v)
		}
	}
	return connect.NewMap(slots).Value(), nil
}

func compareAlterOffsets(t *testing.T, c vectors.Case) error {
	input := vectors.Decode[struct{ Partition, Offset map[string]any }](t, c.Input)
	var offsets []connect.SourceOffset
	if input.Partition != nil {
		partition, err := vectorValue(input.Partition)
		if err != nil {
			return err
		}
		offset, err := vectorValue(input.Offset)
		if err != nil {
			return err
		}
		offsets = []connect.SourceOffset{{Partition: connect.SourcePartitionOf(partition), Offset: offset}}
	}
	altered, err := class(t, c.Class).AlterOffsets(t.Context(), config(c), offsets)
	if err == nil {
		if c.Error != nil {
			return fmt.Errorf("answered %v, but the real class threw %q", altered, c.Error.Text())
		}
		return sameJSON(map[string]any{"result": altered}, vectors.Decode[map[string]any](t, c.Output))
	}
	e, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return fmt.Errorf("%T is not a *connect.Error", err)
	}
	return c.Error.Agrees(e.SimpleClass(), e.Message)
}
