package debezium_test

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/debezium"
)

func TestTablesAreRoutedToOneTopic(t *testing.T) {
	insert, tombstone, other := events(nil)[0], events(nil)[3], events(nil)[5]
	shard := insert
	shard.Topic = "myserver.mydb.customers_shard2"
	customers := []string{"topic.regex", "(.*)customers_shard(.*)", "topic.replacement", "$1customers_all_shards"}
	for _, c := range []struct {
		config []string
		record connect.Record
		want   string
	}{
		{customers, shard, "myserver.mydb.customers_all_shards: key Struct{id=7,__dbz__physicalTableIdentifier=myserver.mydb.customers_shard2} Struct{after=Struct{id=7,name=ada,level=1,"},
		{append(customers, "key.field.name", "shard_id", "key.field.regex", "(.*)customers_shard(.*)", "key.field.replacement", "$2"), shard, "myserver.mydb.customers_all_shards: key Struct{id=7,shard_id=2} "},
		{append(customers, "key.enforce.uniqueness", "false"), shard, "myserver.mydb.customers_all_shards: key Struct{id=7} "},
		{customers, insert, "Struct{after="},
		{[]string{"topic.regex", "(.*)", "topic.replacement", "all"}, tombstone, "all: key Struct{id=7,__dbz__physicalTableIdentifier=db.people} null of null"},
		{[]string{"topic.regex", "(.*)", "topic.replacement", "all"}, other, "all: Struct{id=7} of Schema{db.people.Key:STRUCT}"},
		{[]string{"topic.regex", "db(x)?.*", "topic.replacement", "$1"}, insert, "Struct{after="},
		{[]string{"topic.regex", ".*", "topic.replacement", "$7"}, insert, "No group 7"},
		{[]string{"topic.regex", ".*", "topic.replacement", "x"}, connect.Record{Topic: "t", Key: connect.Int32(1)}, "Only Struct objects supported for [Updating schema], found: java.lang.Integer"},
	} {
		if got := outcome(t, "ByLogicalTableRouter", c.config, c.record); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q of %s:\ngot  %s\nwant %s", c.config, c.record.Topic, got, c.want)
		}
	}
	tr, err := connecttest.TransformClass(t, debezium.Classes(), "ByLogicalTableRouter").New(connecttest.Config(append(customers, "schema.name.adjustment.mode", "avro", "topic.replacement", "a-b.all")...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Apply(&shard, nil); err != nil {
		t.Fatal(err)
	}
	row := shard.ValueSchema.Fields()[1].Schema
	for want, s := range map[string]*connect.Schema{"a_b.all.Key": shard.KeySchema, "a_b.all.Envelope": shard.ValueSchema, "a_b.all.Value": row} {
		if name, _ := s.Name(); name != want {
			t.Errorf("the schema %s should be %s", name, want)
		}
	}
	if version, _ := shard.ValueSchema.Version(); version != 2 || !row.Optional() || row != shard.ValueSchema.Fields()[0].Schema {
		t.Errorf("the event's schema has version %d, its rows %s", version, row)
	}
}

func TestHeadersGoIntoTheValue(t *testing.T) {
	insert, tombstone := events(nil)[0], events(nil)[3]
	insert.Headers = []connect.Header{
		{Key: "event_timestamp", Schema: connect.Int64Schema, Value: connect.Int64(1626102708861)}, {Key: "key", Schema: connect.Int32Schema, Value: connect.Int32(100)},
	}
	config := []string{"headers", "event_timestamp,key", "fields", "timestamp,source.id", "operation"}
	const moved = "source=Struct{table=people,ts_ms=1700000000000,lsn=55,id=100},op=c,ts_ms=1700000000500,timestamp=1626102708861} of Schema{db.people.Envelope:STRUCT}"
	for _, c := range []struct {
		config []string
		record connect.Record
		want   string // the end of what came out
	}{
		{append(config, "move"), insert, moved},
		{append(config, "copy"), insert, moved + ", event_timestamp=1626102708861, key=100"},
		{append(config, "move"), tombstone, "null of null"},
		{[]string{"headers", "other", "fields", "x", "operation", "move"}, insert, ", event_timestamp=1626102708861, key=100"},
		{[]string{"headers", "key", "fields", "transaction.x", "operation", "move"}, insert, "op=c,ts_ms=1700000000500} of Schema{db.people.Envelope:STRUCT}, event_timestamp=1626102708861"},
		{[]string{"headers", "key", "fields", "op", "operation", "move"}, insert, "Cannot create field because of field name duplication op"},
		{append(config, "move"), connect.Record{Value: connect.Int32(1)}, "Only Struct objects supported for [Header field insertion], found: java.lang.Integer"},
	} {
		if got := outcome(t, "HeaderToValue", c.config, c.record); !strings.HasSuffix(got, c.want) {
			t.Errorf("%q:\ngot  %s\nwant %s", c.config, got, c.want)
		}
	}
}
