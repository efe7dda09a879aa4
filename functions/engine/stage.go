package engine

import (
	"fmt"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Stage says in which step a record failed, in Kafka Connect's words: they appear in logs and in dead-letter headers.
type Stage string

// The stages.
const (
	StageTaskPoll        Stage = "TASK_POLL"
	StageTaskPut         Stage = "TASK_PUT"
	StageTransformation  Stage = "TRANSFORMATION"
	StageKeyConverter    Stage = "KEY_CONVERTER"
	StageValueConverter  Stage = "VALUE_CONVERTER"
	StageHeaderConverter Stage = "HEADER_CONVERTER"
	StageKafkaProduce    Stage = "KAFKA_PRODUCE"
	StageKafkaConsume    Stage = "KAFKA_CONSUME"
)

// tolerable reports whether any bad record of the stage may be passed over (kafka-connect: TOLERABLE_EXCEPTIONS).
func (s Stage) tolerable() bool {
	switch s {
	case StageTransformation, StageKeyConverter, StageValueConverter, StageHeaderConverter:
		return true
	}
	return false
}

// StageError is the failure of one record in one step.
type StageError struct {
	Stage Stage
	// Class is the Java name of the converter or transform that was at work.
	Class string
	// Record says which record it was: topic, partition and offset, or a source's partition and offset.
	Record string
	// Err is what the step returned.
	Err error
}

// Error names the step, the class and the record.
func (e *StageError) Error() string {
	return fmt.Sprintf("%s with %s failed for the record %s: %v", e.Stage, e.Class, e.Record, e.Err)
}

// Unwrap returns the failure itself.
func (e *StageError) Unwrap() error { return e.Err }

// place describes where a record is from. It is for the failing path only.
func place(r *connect.Record) string {
	if r.OriginalTopic != "" {
		return r.OriginalTopic + "-" + strconv.Itoa(int(r.OriginalPartition)) + " at offset " + strconv.FormatInt(r.OriginalOffset, 10)
	}
	partition := "null"
	if r.SourcePartition != nil {
		partition = r.SourcePartition.Value().String()
	}
	return "for topic " + r.Topic + " from source partition " + partition + " before source offset " + r.SourceOffset.String()
}
