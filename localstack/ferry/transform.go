package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/preview"
	"github.com/ferry-connect/ferry/functions/task"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/chainview"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/terminal"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/textlines"
)

// maxLine bounds a line of records: what a Kafka record may have is far below.
const maxLine = 16 << 20

// transform is ferry transform.
type transform struct {
	streams
	config, in, worker, format string
}

func newTransform(s streams) *cobra.Command {
	c := &transform{streams: s}
	cmd := &cobra.Command{
		Use:   "transform --config connector.json [--in records.jsonl]",
		Short: "Show what a connector's converters and transforms do with records",
		Long: `Show what a connector's converters and transforms do with records: each record before and after, what
each transform changed or dropped, and how it failed. It is what a task does, without Kafka and without the
other system. On a terminal it is shown in colour; in a pipe each record is a line of JSON.

Records are read one a line, as JSON objects of

  topic                  text; all other fields may be missing
  partition, offset      whole numbers; a source's record has no offset
  timestamp              milliseconds since 1970
  key, value             see below; null and missing are the same
  headers                an array of {"key": …, "value": …}

Of a sink they are what is in Kafka: "value" is JSON of which bytes are made as the converter's data is written
(with JsonConverter the JSON itself, with StringConverter text, with LongConverter a number); "valueText" and
"valueBase64" give bytes as they are. Likewise for keys and headers.

Of a source they are what the connector hands over: "value" is JSON without a schema, or
{"schema": …, "payload": …} as JsonConverter has it.

Placeholders such as ${file:path:key} are looked up as a task would, by the config providers of the worker;
results show the placeholders again. Without --worker there are those of ferry dev: env, file and directory.

Exit codes: 0 all records passed or were dropped, 1 a record failed or is invalid, 2 wrong usage, 3 the
connector file is wrong.`,
		Example: `  ferry transform --config sink.json --in records.jsonl
  ferry transform --config sink.json --in records.jsonl | jq -c .after
  echo '{"topic": "orders", "key": "o-1", "value": {"id": 1}}' | ferry transform --config sink.json
  echo '{"topic": "orders", "valueText": "no JSON"}' | ferry transform --config sink.json
  echo '{"topic": "db", "value": {"schema": {"type": "int64"}, "payload": 5}}' | ferry transform --config source.json`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.config == "" {
				return &usageError{errors.New("--config is not given: the connector's file"), cmd.CommandPath()}
			}
			return c.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&c.config, "config", "", "the connector's file, as for ferry standalone: JSON or Java properties")
	flags.StringVar(&c.in, "in", "-", "file of records, one a line; - is standard input")
	workerFlag(cmd, &c.worker)
	outputFlag(cmd, &c.format)
	cobra.CheckErr(cmd.MarkFlagFilename("config", "json", "properties"))
	cobra.CheckErr(cmd.MarkFlagFilename("in", "jsonl", "json"))
	return cmd
}

// workerFlag adds the flag that names the worker's file to a command that needs no Kafka.
func workerFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "worker", "", "the worker's properties: default converters and config providers (default: those of ferry dev)")
	cobra.CheckErr(cmd.MarkFlagFilename("worker", "properties"))
}

func outputFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "output", "o", "", "text or json; by default text on a terminal and JSON in a pipe")
	complete(cmd, "output", "text", "json")
}

// asText reports which of the two a command writes.
func (s streams) asText(format, command string) (bool, error) {
	switch format {
	case "":
		return s.size != nil, nil
	case "text", "json":
		return format == "text", nil
	}
	return false, &usageError{errors.New("--output is " + format + ", and must be text or json"), command}
}

func (c *transform) run(ctx context.Context) (err error) {
	asText, err := c.asText(c.format, "ferry transform")
	if err != nil {
		return err
	}
	file, err := readConnectorFile(c.config)
	if err != nil {
		return err
	}
	w, err := previewWorker(c.worker)
	if err != nil {
		return err
	}
	p, err := openPreview(ctx, c.streams, w, file)
	if err != nil {
		return &connectorFileError{c.config, err}
	}
	in := c.streams.in
	if c.in != "-" {
		f, err := os.Open(c.in)
		if err != nil {
			return fmt.Errorf("read the records: %w", err)
		}
		defer f.Close()
		in = f
	}
	return c.show(ctx, p, in, asText)
}

// show previews line by line.
func (c *transform) show(ctx context.Context, p *preview.Preview, in io.Reader, asText bool) error {
	var tally tally
	err := textlines.Each(ctx, in, maxLine, func(l textlines.Line) error {
		if len(strings.TrimSpace(string(l.Text))) == 0 && !l.TooLong {
			return nil
		}
		var res *preview.Result
		if l.TooLong {
			res = &preview.Result{Line: l.Number, Outcome: preview.Invalid, Error: &preview.Error{Message: fmt.Sprintf("the line is longer than %d bytes", maxLine)}}
		} else {
			res = p.Record(l.Number, l.Text)
		}
		tally.add(res)
		if !asText {
			return c.print(string(res.JSON()))
		}
		text := ""
		if tally.all() > 1 {
			text = "\n"
		}
		return c.print(text + render(chainview.Lines(res), c.color))
	})
	if err != nil {
		return fmt.Errorf("read the records: %w", err)
	}
	if asText {
		if err := c.print("\n" + tally.String()); err != nil {
			return err
		}
	}
	if bad := tally.failed + tally.invalid; bad > 0 {
		return fmt.Errorf("%d of %s failed or are invalid", bad, plural(tally.all(), "record"))
	}
	return nil
}

func (s streams) print(text string) error {
	_, err := fmt.Fprintln(s.out, text)
	return err
}

// render joins lines.
func render(all []terminal.Line, color bool) string {
	text := make([]string, len(all))
	for i, l := range all {
		text[i] = l.Render(color)
	}
	return strings.Join(text, "\n")
}

// tally counts outcomes.
type tally struct{ passed, dropped, failed, invalid int }

func (t *tally) add(r *preview.Result) {
	counts := map[string]*int{preview.Passed: &t.passed, preview.Dropped: &t.dropped, preview.Failed: &t.failed, preview.Invalid: &t.invalid}
	*counts[r.Outcome]++
}

func (t *tally) all() int { return t.passed + t.dropped + t.failed + t.invalid }

// String is the last line that people see.
func (t *tally) String() string {
	return plural(t.all(), "record") + fmt.Sprintf(": %d passed, %d dropped, %d failed, %d invalid", t.passed, t.dropped, t.failed, t.invalid)
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// previewWorker reads the worker's file, in distributed or standalone mode; without one it is the worker of ferry dev.
func previewWorker(path string) (*worker.Config, error) {
	if path == "" {
		return worker.New(devWorker("localhost:9092", "127.0.0.1:8083"))
	}
	props, err := worker.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if props["group.id"] == "" {
		return worker.NewStandalone(props)
	}
	return worker.New(props)
}

// openPreview makes a preview of a connector's file.
func openPreview(ctx context.Context, s streams, w *worker.Config, f *connectorFile) (*preview.Preview, error) {
	plugins, err := connect.NewRegistry(connectors.Plugins())
	if err != nil {
		return nil, fmt.Errorf("index the plugins: %w", err)
	}
	config := make(map[string]string, len(f.Config))
	for key, value := range f.Config {
		if value != nil {
			config[key] = *value
		}
	}
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return task.NewPreview(ctx, task.Options{Plugins: plugins, Worker: w, Providers: w.Providers(), Log: log}, f.Name, config)
}
