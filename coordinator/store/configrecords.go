package store

import (
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// The functions here write what Kafka Connect's KafkaConfigBackingStore writes, byte for byte. A nil value is a tombstone.

func record(key string, value []byte) *kgo.Record { return &kgo.Record{Key: []byte(key), Value: value} }

func connectorRecord(name string, config Properties) *kgo.Record {
	return record(prefixConnector+name, propertiesValue(config))
}

func taskRecord(name string, task int, config map[string]string) *kgo.Record {
	return record(prefixTask+name+"-"+strconv.Itoa(task), propertiesValue(PropertiesOf(config)))
}

func propertiesValue(p Properties) []byte {
	return append(p.appendJSON([]byte(`{"properties":`)), '}')
}

func commitRecord(name string, tasks int) *kgo.Record {
	return record(prefixCommit+name, countValue("tasks", tasks))
}

func fencingRecord(name string, tasks int) *kgo.Record {
	return record(prefixFencing+name, countValue("task-count", tasks))
}

func countValue(field string, n int) []byte {
	return append(strconv.AppendInt([]byte(`{"`+field+`":`), int64(n), 10), '}')
}

// targetRecord tells workers that do not know STOPPED to pause.
func targetRecord(name string, state TargetState) *kgo.Record {
	old := state
	if state == Stopped {
		old = Paused
	}
	return record(prefixTarget+name, []byte(`{"state":"`+string(old)+`","state.v2":"`+string(state)+`"}`))
}

func restartRecord(name string, includeTasks, onlyFailed bool) *kgo.Record {
	value := strconv.AppendBool([]byte(`{"include-tasks":`), includeTasks)
	value = strconv.AppendBool(append(value, `,"only-failed":`...), onlyFailed)
	return record(prefixRestart+name, append(value, '}'))
}

// loggerRecord keeps the case of the level as it was submitted: that is what Kafka Connect 4.3.1 does.
func loggerRecord(namespace, level string) *kgo.Record {
	return record(prefixLogger+namespace, append(offsets.AppendString([]byte(`{"level":`), level), '}'))
}

func validName(name string) bool { return name != "" && !strings.ContainsRune(name, 0) }
