package chaintest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ferry-connect/ferry/functions/preview"
)

// Report is what became of a case.
type Report struct {
	// Problems are the differences from what is expected; none when the case passed.
	Problems []Problem
	// Results are what became of the records of the case.
	Results []*preview.Result
}

// Problem is one difference.
type Problem struct {
	// Record is the number of the expected record, from 1; 0 when it is about no one in particular.
	Record int `json:"record,omitempty"`
	// Path is where in the record, empty for the whole.
	Path string `json:"path,omitempty"`
	// Expected and Actual are what was to be there and what is; nil for nothing.
	Expected json.RawMessage `json:"expected,omitempty"`
	Actual   json.RawMessage `json:"actual,omitempty"`
	// Message says what is wrong where the values do not.
	Message string `json:"message,omitempty"`
}

// Run sends the records of the case through p, which should be new: transforms may remember records.
func (c *Case) Run(p *preview.Preview) Report {
	var r Report
	var out []*preview.Record
	var failed []*preview.Result
	dropped := 0
	for i, record := range c.Records {
		res := p.Record(i+1, record)
		r.Results = append(r.Results, res)
		switch res.Outcome {
		case preview.Passed:
			out = append(out, cmp.Or(res.Kafka, res.After))
		case preview.Dropped:
			dropped++
		case preview.Failed:
			failed = append(failed, res)
		default:
			r.say("record %d of the case is invalid: %s", i+1, text(res.Error))
		}
	}
	if len(r.Problems) > 0 {
		return r
	}
	c.checkFailures(&r, failed)
	if c.Dropped && dropped < len(c.Records) && len(failed) == 0 {
		r.say("%s to be dropped, and %s", plural(len(c.Records), "record was", "records were"), plural(dropped, "is", "are"))
	}
	c.compare(&r, out, p.Hide)
	return r
}

func (r *Report) say(format string, args ...any) {
	r.Problems = append(r.Problems, Problem{Message: fmt.Sprintf(format, args...)})
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// text is an error in one line.
func text(e *preview.Error) string {
	if e.Field != "" {
		return "field " + e.Field + ": " + e.Message
	}
	if e.Stage == "" {
		return e.Message
	}
	return e.Stage + " with " + e.Class + ": " + e.Exception + ": " + e.Message
}

func (c *Case) checkFailures(r *Report, failed []*preview.Result) {
	if c.Error != nil && len(failed) == 0 {
		r.say("a record was to fail, and none did")
	}
	for _, res := range failed {
		if c.Error == nil {
			r.say("record %d failed: %s", res.Line, text(res.Error))
			continue
		}
		for _, d := range c.Error.differences(res.Error) {
			d.Message = fmt.Sprintf("of the error of record %d", res.Line)
			r.Problems = append(r.Problems, d)
		}
	}
}

// differences compares a failure with what is expected of it.
func (f *Failure) differences(e *preview.Error) []Problem {
	var all []Problem
	add := func(path, expected, actual string, same bool) {
		if expected != "" && !same {
			all = append(all, Problem{Path: path, Expected: quote(expected), Actual: quote(actual)})
		}
	}
	add("stage", f.Stage, e.Stage, f.Stage == e.Stage)
	add("transform", f.Transform, e.Transform, f.Transform == e.Transform)
	add("class", f.Class, e.Class, isClass(f.Class, e.Class))
	add("exception", f.Exception, e.Exception, isClass(f.Exception, e.Exception))
	message := e.Message
	if e.Cause != "" {
		message += " caused by: " + e.Cause
	}
	add("message", f.Message, message, strings.Contains(message, f.Message))
	return all
}

// isClass reports whether a name is that of a class, with or without its package.
func isClass(name, class string) bool { return name == class || strings.HasSuffix(class, "."+name) }

// compare compares the records that came out with those that are expected.
func (c *Case) compare(r *Report, out []*preview.Record, hide func(string) string) {
	for i := range max(len(out), len(c.Expect)) {
		switch {
		case i >= len(out):
			r.Problems = append(r.Problems, Problem{Record: i + 1, Expected: c.Expect[i], Message: "it did not come out"})
		case i >= len(c.Expect):
			r.Problems = append(r.Problems, Problem{Record: i + 1, Actual: recordText(out[i]), Message: "it is not expected"})
		default:
			m := matcher{exact: c.Exact, hide: hide, record: i + 1}
			m.compareRecord(c.Expect[i], recordText(out[i]))
			r.Problems = append(r.Problems, m.problems...)
		}
	}
}

func recordText(r *preview.Record) json.RawMessage {
	text, _ := r.MarshalJSON() // never fails
	return text
}
