package invoke

import (
	"context"
	"encoding/json"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
)

// Op says what a function is asked to do.
type Op string

// The operations of a task function.
const (
	// OpRun moves records for one task until its budget is used or nothing is left.
	OpRun Op = "run"
	// OpPlan splits a connector into task configurations.
	OpPlan Op = "plan"
	// OpCheck validates a configuration with the connector's own code.
	OpCheck Op = "check"
	// OpValidate validates a whole configuration that has placeholders, which only the function can resolve.
	OpValidate Op = "validate"
	// OpAlter checks offsets that a user wants to set, and applies them where the connector keeps its own.
	OpAlter Op = "alter"
	// OpPreview shows what the connector's converters and transforms do with records. It reads no secret that they could show.
	OpPreview Op = "preview"
)

// Request is one invocation of a task function. It is JSON on the wire, at most 1 MB for an asynchronous one.
type Request struct {
	// Format is the version of the payload, set where it is written as JSON: see Format.
	Format    int    `json:"format,omitempty"`
	Op        Op     `json:"op"`
	Connector string `json:"connector"`
	// Config is the connector's configuration as submitted, placeholders unresolved. It names the class.
	Config map[string]string `json:"config"`

	// Task, Tasks, TaskConfig and Generation are for OpRun: which task of how many, its configuration, and the generation
	// that its lease must have.
	Task       int               `json:"task,omitempty"`
	Tasks      int               `json:"tasks,omitempty"`
	TaskConfig map[string]string `json:"taskConfig,omitempty"`
	Generation int64             `json:"generation,omitempty"`
	// Hop counts the links of a chain of invocations; the first has 0. Token is the name under which the hop before has the
	// task's lease on offer, empty for the first.
	Hop   int    `json:"hop,omitempty"`
	Token string `json:"token,omitempty"`

	// Nulls is for OpValidate: the keys that were submitted as null, which Config cannot hold.
	Nulls []string `json:"nulls,omitempty"`
	// MaxTasks is for OpPlan: tasks.max.
	MaxTasks int `json:"maxTasks,omitempty"`
	// Offsets is for OpAlter.
	Offsets []Offset `json:"offsets,omitempty"`

	// Loggers are the levels that were set for the whole cluster: functions do not read the config topic.
	Loggers []loggers.Change `json:"loggers,omitempty"`
	// Records is for OpPreview, in the form of package functions/preview.
	Records []json.RawMessage `json:"records,omitempty"`
}

// Offset is a source partition with the offset to set, both JSON objects; a null offset resets.
type Offset struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

// Response is the answer of a task function.
type Response struct {
	// TaskConfigs answers OpPlan, task.class included.
	TaskConfigs []map[string]string `json:"taskConfigs,omitempty"`
	// Messages answers OpCheck: error messages by key.
	Messages map[string][]string `json:"messages,omitempty"`
	// Infos answers OpValidate: the ConfigInfos of coordinator/connectorconfig, in which what was resolved is a placeholder again.
	Infos json.RawMessage `json:"infos,omitempty"`
	// Altered answers OpAlter: whether the connector confirmed the change itself.
	Altered bool `json:"altered,omitempty"`
	// Preview answers OpPreview.
	Preview *Preview `json:"preview,omitempty"`
	// Facts answers OpRun: what the invocation did. The coordinator reads the same from the lease.
	Facts json.RawMessage `json:"facts,omitempty"`
	// Backlog answers OpRun: more is known to be there, so the next invocation need not wait for a schedule.
	Backlog bool `json:"backlog,omitempty"`
	// Chained answers OpRun: the next hop was started, so nobody else has to see to the backlog.
	Chained bool `json:"chained,omitempty"`
	// Error is set when the operation failed; then nothing else counts but Facts.
	Error *Failure `json:"error,omitempty"`
}

// Preview is what becomes of records.
type Preview struct {
	// Results has a result for each record, in the form of package functions/preview.
	Results []json.RawMessage `json:"results"`
	// StandIns are the keys of transforms and predicates in whose values placeholders were not looked up, with these values: a text
	// stood for what they stand for.
	StandIns map[string]string `json:"standIns,omitempty"`
}

// Bounds of a preview: its records and their bytes, and the bytes of its results.
const (
	PreviewRecords     = 100
	PreviewBytes       = 1 << 20
	PreviewResultBytes = 4 << 20 // an answer of a function may have 6 MB
)

// Report is what an invocation leaves in its lease for the coordinator.
type Report struct {
	// Facts is what the invocation did.
	Facts json.RawMessage `json:"facts,omitempty"`
	// Replan asks for the connector to be split anew, because the set of things to read changed.
	Replan bool `json:"replan,omitempty"`
	// Failure is why the invocation failed, nil if it did not.
	Failure *Failure `json:"failure,omitempty"`
}

// Failure is a connect.Error on the wire.
type Failure struct {
	Kind    connect.ErrorKind `json:"kind"`
	Class   string            `json:"class"`
	Message string            `json:"message"`
	Hint    string            `json:"hint,omitempty"`
	// Trace is what status records show.
	Trace string `json:"trace"`
}

// FailureOf describes err, which must not be nil.
func FailureOf(err error) *Failure {
	f := &Failure{Kind: connect.KindOf(err), Class: connect.ConnectException, Message: err.Error(), Trace: connect.Trace(err)}
	if e, ok := errorAs(err); ok {
		f.Class, f.Message, f.Hint = e.Class, e.Message, e.Hint
	}
	return f
}

// Err returns the failure as an error, nil for a nil failure. The message of the result is that of the original; its trace
// is not parsed back.
func (f *Failure) Err() error {
	if f == nil {
		return nil
	}
	return &connect.Error{Kind: f.Kind, Class: f.Class, Message: f.Message, Hint: f.Hint}
}

// Invoker reaches functions by name. It may be used concurrently.
type Invoker interface {
	Starter
	// Invoke asks and waits for the answer. An error means that the function could not be reached or broke; a failure of the
	// operation itself is in Response.Error.
	Invoke(ctx context.Context, function string, req *Request) (*Response, error)
}

// Starter starts functions by name. It may be used concurrently.
type Starter interface {
	// Start asks without waiting. The request may be delivered late, twice, or, after a nil error, in the worst case never:
	// the next pass of the coordinator finds out. After an error it may have been delivered all the same.
	Start(ctx context.Context, function string, req *Request) error
}

// Handler is a task function seen from the inside.
type Handler interface {
	Handle(ctx context.Context, req *Request) *Response
}
