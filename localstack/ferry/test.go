package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ferry-connect/ferry/functions/preview"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/chaintest"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/chainview"
)

// test is ferry test.
type test struct {
	streams
	worker, format string
	passed, failed int
}

func newTest(s streams) *cobra.Command {
	c := &test{streams: s}
	cmd := &cobra.Command{
		Use:   "test connector.test.yaml…",
		Short: "Run the test cases of a connector's converters and transforms",
		Long: `Run the test cases of a connector's converters and transforms. A file of cases is YAML or JSON beside the
connector's file; of a folder all files are taken that end in .test.yaml, .test.yml or .test.json.

  config: connector.json           the connector's file, or its configuration itself
  worker: worker.properties        the worker's file; may be left out
  cases:
    - name: an order goes to its region
      record: {topic: orders, key: o-1, value: {id: 1, region: eu}}
      expect: {topic: orders-eu, value: {id: 1}}
    - name: a heartbeat is dropped
      record: {topic: heartbeats, value: {}}
      dropped: true
    - name: an order must be an object
      record: {topic: orders, value: text}
      error: {transform: mask, exception: DataException, message: Only Map objects}

Records are as in ferry transform --help. "records" and a list as "expect" are for several; those that are dropped or
fail do not come out. Expected are, of a sink, the records that it gets, of a source, those that are written to Kafka.

Only what is given is compared, also within objects; arrays as a whole, numbers by value, data without its schema
unless it is given as {"schema": …, "payload": …}. With "exact: true" nothing else may be there.

Exit codes: 0 all cases passed, 1 a case failed or a file of cases is wrong, 2 wrong usage, 3 a connector file is wrong.`,
		Example: `  ferry test connector.test.yaml
  ferry test connectors/ --worker worker.properties
  ferry test connector.test.yaml | jq -c 'select(.outcome == "failed") | .problems'`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	workerFlag(cmd, &c.worker)
	outputFlag(cmd, &c.format)
	return cmd
}

func (c *test) run(ctx context.Context, args []string) error {
	asText, err := c.asText(c.format, "ferry test")
	if err != nil {
		return err
	}
	paths, err := testFiles(args)
	if err != nil {
		return err
	}
	var wrong []error
	for _, path := range paths {
		if err := c.file(ctx, path, asText); err != nil {
			wrong = append(wrong, err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if asText {
		if err := c.print(fmt.Sprintf("\n%s: %d passed, %d failed", plural(c.passed+c.failed, "case"), c.passed, c.failed)); err != nil {
			return err
		}
	}
	if c.failed > 0 {
		wrong = append(wrong, fmt.Errorf("%d of %s failed", c.failed, plural(c.passed+c.failed, "case")))
	}
	return errors.Join(wrong...)
}

// testFiles are the files that are named, and those in folders that are.
func testFiles(args []string) ([]string, error) {
	var paths []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, fmt.Errorf("find the cases: %w", err)
		}
		if !info.IsDir() {
			paths = append(paths, arg)
			continue
		}
		before := len(paths)
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && isTestFile(d.Name()) {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("find the cases: %w", err)
		}
		if len(paths) == before {
			return nil, &usageError{fmt.Errorf("the folder %s has no file that ends in .test.yaml, .test.yml or .test.json", arg), "ferry test"}
		}
	}
	return paths, nil
}

func isTestFile(name string) bool {
	return strings.HasSuffix(name, ".test.yaml") || strings.HasSuffix(name, ".test.yml") || strings.HasSuffix(name, ".test.json")
}

// file runs the cases of one file.
func (c *test) file(ctx context.Context, path string, asText bool) error {
	f, err := chaintest.Read(path)
	if err != nil {
		return err
	}
	connector, at, err := connectorOf(f)
	if err != nil {
		return err
	}
	workerPath := c.worker
	if workerPath == "" && f.Worker != "" {
		workerPath = beside(path, f.Worker)
	}
	w, err := previewWorker(workerPath)
	if err != nil {
		return err
	}
	for i := range f.Cases {
		p, err := openPreview(ctx, c.streams, w, connector)
		if err != nil {
			return &connectorFileError{at, err}
		}
		if err := c.tell(f, &f.Cases[i], f.Cases[i].Run(p), asText); err != nil {
			return err
		}
	}
	return nil
}

// connectorOf returns the connector that a file of cases is about, and where its configuration is.
func connectorOf(f *chaintest.File) (connector *connectorFile, at string, err error) {
	if f.Config != "" {
		at = beside(f.Path, f.Config)
		connector, err = readConnectorFile(at)
		return connector, at, err
	}
	connector, err = parseConnectorFile(f.Inline)
	if errors.Is(err, errNoName) { // which only matters where the connector is created
		var config map[string]*string
		if config, err = flatObject(f.Inline); err == nil {
			connector = &connectorFile{Name: "test", Config: config}
		}
	}
	if err != nil {
		return nil, f.Path, &connectorFileError{f.Path, err}
	}
	return connector, f.Path, nil
}

// beside is a path as seen from the folder of a file.
func beside(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// testedCase is a line of ferry test in a pipe.
type testedCase struct {
	File     string              `json:"file"`
	Line     int                 `json:"line"`
	Case     string              `json:"case"`
	Outcome  string              `json:"outcome"`
	Problems []chaintest.Problem `json:"problems,omitempty"`
	Results  []json.RawMessage   `json:"results,omitempty"`
}

// tell shows a case; of one that failed also what became of its records.
func (c *test) tell(f *chaintest.File, tc *chaintest.Case, r chaintest.Report, asText bool) error {
	passed := len(r.Problems) == 0
	if passed {
		c.passed++
	} else {
		c.failed++
	}
	if asText {
		return c.print(render(chainview.Case(f.Path, tc, r), c.color))
	}
	line := testedCase{File: f.Path, Line: tc.Line, Case: tc.Name, Outcome: preview.Passed, Problems: r.Problems}
	if !passed {
		line.Outcome = preview.Failed
		for _, res := range r.Results {
			line.Results = append(line.Results, res.JSON())
		}
	}
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	return e.Encode(line)
}
