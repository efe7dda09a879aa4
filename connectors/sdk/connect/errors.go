package connect

import (
	"errors"
	"fmt"
	"strings"
)

// ErrorKind is what the runtime does about an error. The decision is made here and nowhere else:
//
//   - KindRetriable: the same call may succeed later. Retried in place with back-off, then by the next invocation, from
//     the same record. Nothing is skipped.
//   - KindData: this record cannot be processed, and never will be. errors.tolerance and the dead letters apply.
//   - KindConfig: the configuration is wrong. The task stops until the configuration changes.
//   - KindFatal: anything else. The task stops as FAILED; the coordinator restarts it with back-off.
type ErrorKind uint8

// The four kinds of error. An error that is no *Error is KindFatal.
const (
	KindFatal ErrorKind = iota
	KindRetriable
	KindData
	KindConfig
)

// String returns the lower-case name of the kind.
func (k ErrorKind) String() string {
	return [...]string{"fatal", "retriable", "data", "config"}[k&3]
}

// Error is an error of one of the four kinds, with the name of the Java exception that Kafka Connect would have thrown
// in its place. Traces, dead-letter headers and clients depend on that name.
type Error struct {
	Kind ErrorKind
	// Class is the full name of the Java exception, such as org.apache.kafka.connect.errors.DataException.
	Class string
	// Message is the exception's message, without the class.
	Message string
	// Hint tells the user what to do; empty when there is nothing to add. It is never part of Message, which tools compare.
	Hint string
	// Cause is the underlying error, or nil.
	Cause error
}

// Error returns the message, with the hint in brackets and the cause behind a colon, if any.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	if e.Cause != nil {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(e.Cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// SimpleClass returns the class without its package.
func (e *Error) SimpleClass() string {
	return e.Class[strings.LastIndexAny(e.Class, ".$")+1:]
}

// Names of the Java exceptions that Kafka Connect raises.
const (
	ConnectException         = "org.apache.kafka.connect.errors.ConnectException"
	RetriableException       = "org.apache.kafka.connect.errors.RetriableException"
	DataException            = "org.apache.kafka.connect.errors.DataException"
	SchemaBuilderException   = "org.apache.kafka.connect.errors.SchemaBuilderException"
	SchemaProjectorException = "org.apache.kafka.connect.errors.SchemaProjectorException"
	NotFoundException        = "org.apache.kafka.connect.errors.NotFoundException"
	AlreadyExistsException   = "org.apache.kafka.connect.errors.AlreadyExistsException"
	ConfigException          = "org.apache.kafka.common.config.ConfigException"
	SerializationException   = "org.apache.kafka.common.errors.SerializationException"
	IllegalArgumentException = "java.lang.IllegalArgumentException"
	NullPointerException     = "java.lang.NullPointerException"
)

// DataError returns a KindData error of class DataException.
func DataError(message string) *Error {
	return &Error{Kind: KindData, Class: DataException, Message: message}
}

// DataErrorf formats a KindData error of class DataException. It is for the failing path only: it allocates.
func DataErrorf(format string, args ...any) *Error { return DataError(fmt.Sprintf(format, args...)) }

// ConfigError returns a KindConfig error of class ConfigException.
func ConfigError(message string) *Error {
	return &Error{Kind: KindConfig, Class: ConfigException, Message: message}
}

// FatalError returns a KindFatal error of class ConnectException.
func FatalError(message string, cause error) *Error {
	return &Error{Kind: KindFatal, Class: ConnectException, Message: message, Cause: cause}
}

// RetriableError returns a KindRetriable error of class RetriableException.
func RetriableError(message string, cause error) *Error {
	return &Error{Kind: KindRetriable, Class: RetriableException, Message: message, Cause: cause}
}

// KindOf returns the kind of the outermost *Error in err's chain, KindFatal when there is none.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindFatal
}

// Trace renders err as the text that status records and tools show: the first line as Java prints a throwable, then one
// `Caused by:` line a cause. There are no stack frames; Go errors carry none.
func Trace(err error) string {
	var b strings.Builder
	for first := true; err != nil; first = false {
		if !first {
			b.WriteString("\nCaused by: ")
		}
		e, ok := errors.AsType[*Error](err)
		if !ok {
			b.WriteString(ConnectException + ": " + err.Error())
			break
		}
		prefix := strings.TrimSuffix(strings.TrimSuffix(err.Error(), e.Error()), ": ")
		b.WriteString(e.Class)
		if text := joinNonEmpty(prefix, e.Message); text != "" {
			b.WriteString(": " + text)
		}
		if e.Hint != "" {
			b.WriteString(" (" + e.Hint + ")")
		}
		err = e.Cause
	}
	b.WriteByte('\n')
	return b.String()
}

func joinNonEmpty(a, b string) string {
	if a != "" && b != "" {
		return a + ": " + b
	}
	return a + b
}

// BatchError says which records of a batch failed, so that the others count as done and only these are retried,
// tolerated or sent to the dead letters. Indexes are positions in Batch.Records, ascending.
type BatchError struct {
	Failed []RecordError
}

// RecordError is the failure of one record of a batch.
type RecordError struct {
	Index int
	Err   error
}

// Error names the number of failed records and the first failure.
func (e *BatchError) Error() string {
	if len(e.Failed) == 0 {
		return "no record failed"
	}
	return fmt.Sprintf("%d records failed, first record %d: %v", len(e.Failed), e.Failed[0].Index, e.Failed[0].Err)
}

// Unwrap returns the failures.
func (e *BatchError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f.Err
	}
	return errs
}
