package debezium_test

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// times is what the rows of events hold behind level.
const times = "at=2011-01-11T16:40:30.123456789+00:00,day=16:40:30Z,ms=1294764030123,us=1294764030123456,ns=1294764030123456789,ts=Tue Jan 11 16:40:30 UTC 2011"

func TestRowsAreExtracted(t *testing.T) {
	list := events(nil)
	insert, deletion, tombstone, truncation, other := list[0], list[2], list[3], list[4], list[5]
	const row, name = "Struct{id=7,name=ada," + times, " of Schema{db.people.Value:STRUCT}"
	mode := func(m string, more ...string) []string {
		return append([]string{"delete.tombstone.handling.mode", m}, more...)
	}
	for _, c := range []struct {
		config []string
		record connect.Record
		want   string
	}{
		{nil, insert, row + "}" + name},
		{nil, deletion, "null" + name},
		{nil, tombstone, "dropped"},
		{nil, truncation, "dropped"},
		{nil, other, "Struct{id=7} of Schema{db.people.Key:STRUCT}"},
		{mode("drop"), deletion, "dropped"},
		{mode("drop"), tombstone, "dropped"},
		{mode("delete-to-tombstone"), deletion, "null of null"},
		{mode("delete-to-tombstone"), tombstone, "dropped"},
		{mode("Rewrite"), insert, "Struct{id=7,name=ada,level=1," + times + ",__deleted=false}" + name},
		{mode("rewrite", "replace.null.with.default", "false"), insert, row + ",__deleted=false}" + name},
		{mode("rewrite"), deletion, "Struct{id=7,name=ada,level=1," + times + ",__deleted=true}" + name},
		{mode("rewrite"), tombstone, "dropped"},
		{mode("rewrite-with-tombstone", "add.headers", "op,lsn"), tombstone, "null of null, __op=d"},
		{[]string{"drop.tombstones", "false"}, tombstone, "null of null"},
		{[]string{"drop.tombstones", "false"}, deletion, "dropped"},
		{[]string{"delete.handling.mode", "none"}, deletion, "null" + name},
		{[]string{"delete.handling.mode", "rewrite"}, deletion, "Struct{id=7,name=ada,level=1," + times + ",__deleted=true}" + name},
		{[]string{"add.fields", "op,table,lsn,source.ts_ms,id,nothing", "add.headers", "ts_ms:AT,source.table"}, insert,
			row + ",__op=c,__table=people,__lsn=55,__source_ts_ms=1700000000000}" + name + ", __AT=1700000000500, __source_table=people"},
		{mode("rewrite", "add.fields", "op", "add.fields.prefix", ""), deletion, "Struct{id=7,name=ada,level=1," + times + ",__deleted=true,op=d}" + name},
		{[]string{"route.by.field", "name"}, insert, "ada: " + row},
		{[]string{"route.by.field", "name"}, deletion, "ada: null" + name},
		{[]string{"route.by.field", "id"}, insert, "Field 'id' is not of type STRING"},
		{[]string{"route.by.field", "nothing"}, insert, "nothing is not a valid field name"},
	} {
		if got := outcome(t, "ExtractNewRecordState", c.config, c.record); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q of %s:\ngot  %s\nwant %s", c.config, c.record.Value, got, c.want)
		}
	}
}

func TestListedFieldsAreDropped(t *testing.T) {
	for _, c := range []struct {
		config []string
		names  []string
		want   string
	}{
		{nil, []string{"name", "id", "level"}, "Struct{id=7," + times},
		{[]string{"drop.fields.keep.schema.compatible", "false"}, []string{"name", "id"}, "Struct{level=1," + times},
		{[]string{"drop.fields.keep.schema.compatible", "false", "drop.fields.from.key", "true"}, []string{"id"}, "key Struct{} Struct{name=ada,level=1," + times},
		{nil, nil, "Struct{id=7,name=ada," + times},
	} {
		r := events(nil)[0]
		var names []connect.Value
		for _, name := range c.names {
			names = append(names, connect.String(name))
		}
		r.Headers = []connect.Header{{Key: "drop", Schema: connect.NewArraySchema(connect.StringSchema).MustBuild(), Value: connect.Array(names)}}
		if got := outcome(t, "ExtractNewRecordState", append(c.config, "drop.fields.header.name", "drop"), r); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q, %q:\ngot  %s\nwant %s", c.config, c.names, got, c.want)
		}
	}
	r := events(nil)[0]
	if got := outcome(t, "ExtractNewRecordState", []string{"drop.fields.header.name", "h"}, r); got != "The header h must hold a list of fields, but it is a java.lang.String" {
		t.Errorf("got %s", got)
	}
}
