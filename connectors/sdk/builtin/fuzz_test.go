package builtin

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

// transformSeeds are configurations of all sorts, as lines of key=value, each tried with every class: what is no key of it is ignored.
func transformSeeds() []string {
	return []string{
		"",
		"spec=f0:int8,f1:string,k0:boolean,f2:int64,f3:float32", "spec=string", "spec=f0:", "spec=:\nreplace.null.with.default=false", "spec=f0:int8,int8",
		"headers=h0,h1\nfields=f0,f1\noperation=move", "headers=h0\nfields=source.h0\noperation=copy", "headers=h0\nfields=a.\noperation=move", "headers=h0,h1\nfields=f0\noperation=steal",
		"field=f0.f1\nfield.syntax.version=V2", "field=`f0`.f1\nfield.syntax.version=v2", "field=`f0\nfield.syntax.version=V2", "field=f0\nfield.syntax.version=V3", "delimiter=\ufffd", "delimiter=",
		"topic.field=t!\npartition.field=p?\noffset.field=o\ntimestamp.field=ts\nstatic.field=s\nstatic.value=x", "static.field=s", "topic.field=f0",
		"header=h0\nvalue.literal=[1,{\"a\":2}]", "header=\nvalue.literal=null", "fields=f0,f1,k0,k1\nreplacement=12", "fields=f0,f0", "fields=\nreplacement=",
		"regex=(.*)\nreplacement=$1", "regex=(\nreplacement=x", "regex=(?=t)(t+)+$\nreplacement=$9", "exclude=f0\ninclude=f1,f0\nrenames=f1:f0", "renames=a", "renames=f0:f1,f1:f0",
		"exclude=f0.f1\nrenames=f1.f2:x\ninclude=f1,f0.f2", "schema.name=n\nschema.version=7", "schema.version=x", "field=f0\ntarget.type=string\nformat=yyyy-MM-dd", "target.type=unix\nformat=bbb",
		"field=\ntarget.type=Timestamp\nunix.precision=nanoseconds", "topic.format=${topic}/${timestamp}\ntimestamp.format=yyyy", "timestamp.format='", "field.names=f0,f1\ncase=upper", "field.names=f0\ncase=x",
		"field.names=f0,f1\noutput.field.name=all\ndelimiter=-\nfield.replace.missing=*", "field.name=f0\ntimestamp.resolution=seconds", "field.name=f0\nskip.missing.or.null=true", "schema.name.regex=(.*)",
		"schema.name.topic-map=s0:t,s1:u", "schema.name.topic-map=s0", "field.name=f0\nfield.value=1", "field.value.pattern=.*1\nfield.value.matches=false", "field.value.pattern=[", "function=md5\nfield.name=f0", "function=sha512",
		"key.fields=f0,*\nvalue.fields=f1", "key.fields=*,*", "behavior=fail", "behavior=drop_warn", "behavior=", "schema.behavior=force_optional", "schema.behavior=x", "field=$[\"f0\"].f1\nfield.format=JSON_PATH", "field=$..a\nfield.format=JSON_PATH",
		"filter.condition=$.f0[?(@.f1 in ['a', 1] || @.f2 =~ /a.*/)]\nfilter.type=include\nmissing.or.null.behavior=exclude", "filter.condition=$.f0\nfilter.type=exclude", "filter.condition=$[\nfilter.type=include",
		"message.timestamp.keys=k0,f0\nmessage.timestamp.format=yyyy\ntopic.timestamp.format=yyyy.MM", "topic.regex=(.*)\ntopic.replacement=$1.all\nkey.field.regex=(.*)\nkey.field.replacement=$1", "topic.regex=(.*)\ntopic.replacement=",
		"topic.regex=.*\ntopic.replacement=x\nschema.name.adjustment.mode=avro", "table.field.event.key=f0\ntable.field.event.payload=f1\nroute.by.field=f2\ntable.field.event.id=f0\ntable.fields.additional.placement=f3:header,f4:envelope:n,f5:partition",
		"table.field.event.id=f0\ntable.field.event.key=f0\nroute.by.field=f0\ntable.field.event.payload=f0\ntable.expand.json.payload=true\ntable.field.event.schema.version=f1", "table.op.invalid.behavior=fatal",
		"add.fields=op,source.f0:n,f1\nadd.headers=f0,source.f1\ndelete.tombstone.handling.mode=rewrite-with-tombstone\ndrop.fields.header.name=h0\ndrop.fields.from.key=true\nroute.by.field=f0", "add.fields=a:b:c", "delete.handling.mode=rewrite\ndrop.tombstones=false",
		"converted.timezone=Pacific/Easter\ninclude.list=source:f0:f1,topic:t,t:f0", "converted.timezone=+05:30\nexclude.list=topic:t:before.f0,source.f1", "converted.timezone=x", "condition=x\nlanguage=jsr223.groovy",
	}
}

func parseLines(text string) map[string]string {
	config := make(map[string]string)
	for line := range strings.SplitSeq(text, "\n") {
		if key, value, ok := strings.Cut(line, "="); ok {
			config[key] = value
		}
	}
	return config
}

// FuzzTransforms configures any transform with anything and applies it to random records. Nothing may panic; a bad configuration is an
// error of that kind that names a key or a value; a record that does not fit is an error about data; what comes out is valid.
func FuzzTransforms(f *testing.F) {
	classes := Plugins().Transforms
	for i, seed := range transformSeeds() {
		f.Add(uint8(255), seed, uint64(i))
	}
	f.Fuzz(func(t *testing.T, which uint8, text string, seed uint64) {
		if len(text) > 500 {
			return
		}
		config := parseLines(text)
		for i, class := range classes {
			if which != 255 && i != int(which)%len(classes) {
				continue
			}
			tr, err := class.New(maps.Clone(config))
			if err != nil {
				requireNamedKey(t, class.Name, err, class.Config, config)
				continue
			}
			r := rand.New(rand.NewPCG(seed, 29))
			var a connect.Arena
			for range 12 {
				a.Reset()
				requireDataOrValid(t, class.Name, config, tr, anyRecord(r, &a), &a)
			}
		}
	})
}

// FuzzPredicates does the same with predicates.
func FuzzPredicates(f *testing.F) {
	for i, seed := range []string{"", "name=h0", "name=", "pattern=t.*", "pattern=(?=t)t+", "pattern=(", "pattern="} {
		f.Add(seed, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		config := parseLines(text)
		for _, class := range Plugins().Predicates {
			p, err := class.New(maps.Clone(config))
			if err != nil {
				requireNamedKey(t, class.Name, err, class.Config, config)
				continue
			}
			r := rand.New(rand.NewPCG(seed, 31))
			for range 10 {
				record := anyRecord(r, nil)
				if _, err := p.Test(&record); err != nil && connect.KindOf(err) != connect.KindData {
					t.Errorf("%s with %q: the error is of kind %s: %v", class.Name, config, connect.KindOf(err), err)
				}
			}
		}
	})
}

func requireNamedKey(t *testing.T, class string, err error, def *configdef.Def, config map[string]string) {
	t.Helper()
	if connect.KindOf(err) != connect.KindConfig {
		t.Errorf("%s with %q: the error is of kind %s: %v", class, config, connect.KindOf(err), err)
	}
	if names := func(key string) bool { return strings.Contains(err.Error(), key) }; !slices.ContainsFunc(def.Names(), names) {
		t.Errorf("%s with %q: the error names no key: %v", class, config, err)
	}
}

func requireDataOrValid(t *testing.T, class string, config map[string]string, tr connect.Transform, r connect.Record, a *connect.Arena) {
	t.Helper()
	before := r.Value.Clone(nil)
	keep, err := tr.Apply(&r, a)
	switch {
	case err != nil && connect.KindOf(err) != connect.KindData:
		t.Errorf("%s with %q: the error is of kind %s: %v", class, config, connect.KindOf(err), err)
	case err != nil || !keep:
		return
	}
	for what, err := range map[string]error{"key": connect.ValidateValue("key", r.KeySchema, r.Key), "value": connect.ValidateValue("value", r.ValueSchema, r.Value)} {
		if err != nil && !breaksItsSchema(class) {
			t.Errorf("%s with %q of %s: the %s is not valid: %v", class, config, before, what, err)
		}
	}
}

// breaksItsSchema says which transforms give values that their schema does not allow, as in Kafka Connect; the files of them say when.
func breaksItsSchema(class string) bool {
	for _, name := range []string{"Cast", "MaskField", "ExtractField"} {
		if strings.Contains(class, "."+name) {
			return true
		}
	}
	return false
}

// anyRecord returns a record whose key and value are structs, maps without schema, change events or anything else.
func anyRecord(r *rand.Rand, a *connect.Arena) connect.Record {
	record := connect.Record{Topic: "t", Timestamp: 1700000000000, Partition: 1, Offset: 5}
	record.KeySchema, record.Key = anyPart(r, a)
	record.ValueSchema, record.Value = anyPart(r, a)
	for i := range r.IntN(3) {
		s := connecttest.AnySchema(r, 1)
		record.Headers = append(record.Headers, connect.Header{Key: []string{"h0", "h1", "x"}[i], Schema: s, Value: connecttest.AnyValue(r, s, a)})
	}
	return record
}

func anyPart(r *rand.Rand, a *connect.Arena) (*connect.Schema, connect.Value) {
	s := connecttest.AnySchema(r, 3)
	switch r.IntN(6) {
	case 0:
		return nil, connecttest.AnyValue(r, connect.NewMapSchema(connect.StringSchema, s).MustBuild(), a)
	case 1:
		return nil, connecttest.AnyValue(r, s, a)
	case 2:
		return s, connecttest.AnyValue(r, s, a)
	case 3:
		return anyEvent(r, a)
	}
	for s.Type() != connect.TypeStruct {
		s = connecttest.AnySchema(r, 3)
	}
	return s, connecttest.AnyValue(r, s, a)
}

// anyEvent returns a struct that is called a change event, mostly with the fields of one, and with anything in them.
func anyEvent(r *rand.Rand, a *connect.Arena) (*connect.Schema, connect.Value) {
	row := connecttest.AnySchema(r, 2)
	b := connect.NewStructSchema().Name("x.Envelope")
	for _, name := range []string{"before", "after", "source", "op", "ts_ms"} {
		switch {
		case r.IntN(10) == 0:
		case r.IntN(10) == 0:
			b.Field(name, connecttest.AnySchema(r, 2))
		case name == "op":
			b.Field(name, connect.StringSchema)
		case name == "ts_ms":
			b.Field(name, connect.OptionalInt64Schema)
		default:
			b.Field(name, row)
		}
	}
	s := b.MustBuild()
	v := connecttest.AnyValue(r, s, a)
	if i := s.FieldIndex("op"); i >= 0 && s.Fields()[i].Schema == connect.StringSchema {
		v.Struct().SetField(i, connect.String([]string{"c", "u", "d", "r", "t"}[r.IntN(5)]))
	}
	return s, v
}
