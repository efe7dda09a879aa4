// Package chaintest reads and runs the cases of ferry test: records, and what a connector's converters and transforms have to make of
// them.
//
// # Files
//
// A file is YAML, of which JSON is a part:
//
//	config: connector.json          the connector's file, from the folder of this file; or the configuration itself
//	worker: worker.properties       the worker's file, likewise; may be left out
//	cases:
//	  - name: an order goes to its region
//	    record: {topic: orders, value: {region: eu}}
//	    expect: {topic: orders-eu}
//
// A record is as in package functions/preview. A case has either one (record) or several (records). What becomes of them is told by
//
//	expect     the records that come out, in their order: one, or a list. Of a sink what the sink gets, of a source what is written
//	           to Kafka. Those that are dropped or fail are none of them
//	dropped    true: all of them are dropped
//	error      an object of stage, transform, class, exception and message, at least one of them: a record fails so. Class and exception
//	           are full Java names, or these without package; the message, or one of its causes, contains the text
//	exact      true: see below
//
// expect and error may stand together; without expect, with error or dropped, nothing may come out.
//
// # What is compared
//
// Only the fields that are given, and of objects only the members that are given. Arrays have to have the same length, and are compared
// element by element; numbers are compared by value. Data is compared without its schema, unless it is written with it, as
// {"schema": …, "payload": …}. What a config provider gave is written as its placeholder or as it is.
//
// With exact, topic, timestamp, key, value and headers are compared whether they are given or not, and objects may have no other members.
// Where a record lies (partition, offset, timestampType) is compared only if it is given.
package chaintest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is a file of cases.
type File struct {
	// Path is where the file is.
	Path string
	// Config is the path of the connector's file as it is written, Inline the configuration if it is in the file itself.
	Config string
	Inline json.RawMessage
	// Worker is the path of the worker's file as it is written, empty for none.
	Worker string
	Cases  []Case
}

// Case is one case.
type Case struct {
	Name string
	// Line is where it begins.
	Line    int
	Records []json.RawMessage
	// Expect are the records that come out.
	Expect  []json.RawMessage
	Dropped bool
	Error   *Failure
	Exact   bool
}

// Failure says how a record has to fail; empty fields are not compared.
type Failure struct{ Stage, Transform, Class, Exception, Message string }

// FileError says what is wrong with a file, and in which line.
type FileError struct {
	Path    string
	Line    int // 0 if it is the file as a whole
	Message string
}

// Error names file and line.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Message)
}

// Read reads a file. Errors about its content are *FileError.
func Read(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the cases: %w", err)
	}
	return Parse(path, text)
}

// Parse reads the text of a file. Errors are *FileError.
func Parse(path string, text []byte) (*File, error) {
	p := &parser{file: &File{Path: path}}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, p.at(nil, "the file is empty")
		}
		return nil, p.at(nil, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, p.at(nil, "there is more than one YAML document")
	}
	if err := p.parse(doc.Content[0]); err != nil {
		return nil, err
	}
	return p.file, nil
}

// parser reads the nodes of a file.
type parser struct {
	file  *File
	nodes int // that were copied into JSON
	depth int // of the one that is copied now
}

func (p *parser) at(n *yaml.Node, format string, args ...any) error {
	line := 0
	if n != nil {
		line = n.Line
	}
	return &FileError{p.file.Path, line, fmt.Sprintf(format, args...)}
}

// fields reads a mapping with the given keys, each at most once.
func (p *parser) fields(n *yaml.Node, what string, known ...string) (map[string]*yaml.Node, error) {
	n = target(n)
	if n.Kind != yaml.MappingNode {
		return nil, p.at(n, "%s must be an object, of %s", what, strings.Join(known, ", "))
	}
	found := make(map[string]*yaml.Node)
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !slices.Contains(known, key.Value) {
			return nil, p.at(key, "%s has no key %q; it has %s", what, key.Value, strings.Join(known, ", "))
		}
		if found[key.Value] != nil {
			return nil, p.at(key, "%q is there twice", key.Value)
		}
		found[key.Value] = target(value)
	}
	return found, nil
}

// target is what an alias stands for.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (p *parser) parse(n *yaml.Node) error {
	fields, err := p.fields(n, "a file of cases", "config", "worker", "cases")
	if err != nil {
		return err
	}
	switch config := fields["config"]; {
	case config == nil:
		return p.at(n, `"config" is missing: the path of the connector's file, or its configuration`)
	case config.Kind == yaml.ScalarNode:
		p.file.Config, err = p.text(config, "config")
	default:
		p.file.Inline, err = p.json(config)
	}
	if worker := fields["worker"]; err == nil && worker != nil {
		p.file.Worker, err = p.text(worker, "worker")
	}
	if err != nil {
		return err
	}
	cases := fields["cases"]
	if cases == nil || cases.Kind != yaml.SequenceNode || len(cases.Content) == 0 {
		return p.at(n, `"cases" must be a list of at least one case`)
	}
	for _, node := range cases.Content {
		if err := p.parseCase(node); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) parseCase(n *yaml.Node) error {
	fields, err := p.fields(n, "a case", "name", "record", "records", "expect", "dropped", "error", "exact")
	if err != nil {
		return err
	}
	c := Case{Line: n.Line}
	if name := fields["name"]; name != nil {
		c.Name, err = p.text(name, "name")
	}
	if c.Name == "" && err == nil {
		return p.at(n, "a case must have a name")
	}
	for key, into := range map[string]*bool{"dropped": &c.Dropped, "exact": &c.Exact} {
		if node := fields[key]; err == nil && node != nil {
			*into, err = p.boolean(node, key)
		}
	}
	if err == nil {
		err = p.parseRecords(&c, n, fields)
	}
	if node := fields["error"]; err == nil && node != nil {
		c.Error, err = p.parseFailure(node)
	}
	if err != nil {
		return err
	}
	switch {
	case c.Expect == nil && !c.Dropped && c.Error == nil:
		return p.at(n, `the case %q does not say what is expected: it needs "expect", "dropped: true" or "error"`, c.Name)
	case c.Dropped && (c.Expect != nil || c.Error != nil):
		return p.at(n, `the case %q has "dropped", which goes with neither "expect" nor "error"`, c.Name)
	case slices.ContainsFunc(p.file.Cases, func(o Case) bool { return o.Name == c.Name }):
		return p.at(n, "there are two cases of the name %q", c.Name)
	}
	p.file.Cases = append(p.file.Cases, c)
	return nil
}

// parseRecords reads what goes in and what comes out.
func (p *parser) parseRecords(c *Case, n *yaml.Node, fields map[string]*yaml.Node) (err error) {
	one, several := fields["record"], fields["records"]
	switch {
	case (one == nil) == (several == nil):
		return p.at(n, `the case %q must have either "record" or "records"`, c.Name)
	case one != nil:
		several = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{one}, Line: one.Line}
	case several.Kind != yaml.SequenceNode || len(several.Content) == 0:
		return p.at(several, `"records" must be a list of at least one record`)
	}
	if c.Records, err = p.records(several, ""); err != nil || fields["expect"] == nil {
		return err
	}
	expect := fields["expect"]
	if expect.Kind == yaml.MappingNode {
		expect = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{expect}, Line: expect.Line}
	}
	if expect.Kind != yaml.SequenceNode || len(expect.Content) == 0 {
		return p.at(expect, `"expect" must be a record or a list of records; where none comes out, say "dropped: true"`)
	}
	c.Expect, err = p.records(expect, "an expected record")
	return err
}

// records copies records into JSON. If they are called something their keys are looked at here; else the preview does it.
func (p *parser) records(list *yaml.Node, what string) ([]json.RawMessage, error) {
	var all []json.RawMessage
	for _, n := range list.Content {
		if what != "" {
			_, err := p.fields(n, what, "topic", "partition", "offset", "timestamp", "timestampType", "key", "keyText", "keyBase64",
				"value", "valueText", "valueBase64", "headers")
			if err != nil {
				return nil, err
			}
		}
		text, err := p.json(n)
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

func (p *parser) parseFailure(n *yaml.Node) (*Failure, error) {
	fields, err := p.fields(n, `"error"`, "stage", "transform", "class", "exception", "message")
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, p.at(n, `"error" must have at least one of stage, transform, class, exception and message`)
	}
	f := new(Failure)
	for key, into := range map[string]*string{"stage": &f.Stage, "transform": &f.Transform, "class": &f.Class, "exception": &f.Exception, "message": &f.Message} {
		if node := fields[key]; node != nil {
			if *into, err = p.text(node, key); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

func (p *parser) text(n *yaml.Node, key string) (string, error) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		return "", p.at(n, "%q must be text", key)
	}
	return n.Value, nil
}

func (p *parser) boolean(n *yaml.Node, key string) (bool, error) {
	if n.Tag != "!!bool" {
		return false, p.at(n, "%q must be true or false", key)
	}
	return strings.EqualFold(n.Value, "true"), nil
}
