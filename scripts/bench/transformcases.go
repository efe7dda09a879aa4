package main

import (
	"slices"
	"strings"
)

// transformCase is a chain of transforms, mostly one, and what it is measured with.
type transformCase struct {
	name   string
	steps  []step
	inputs []input
	naive  []naiveTransform // none where there is nothing natural to compare with
	chain  bool             // whether to be cheaper than naive is a gate
}

const (
	confluent = "io.confluent.connect.transforms."
	aiven     = "io.aiven.kafka.connect.transforms."
	debezium  = "io.debezium.transforms."
)

// single returns the case of one transform.
func single(class, config string, naive naiveTransform, inputs ...input) transformCase {
	c := transformCase{name: class, steps: []step{{class: class, config: split(config)}}, inputs: inputs}
	for prefix, family := range map[string]string{apache: "", confluent: "confluent ", aiven: "aiven ", debezium: "debezium "} {
		if short, ok := strings.CutPrefix(class, prefix); ok {
			c.name = family + short
		}
	}
	if naive != nil {
		c.naive = []naiveTransform{naive}
	}
	return c
}

// split returns the keys and values of a configuration that is written as key=value, with blanks between.
func split(config string) (pairs []string) {
	for field := range strings.FieldsSeq(config) {
		key, value, _ := strings.Cut(field, "=")
		pairs = append(pairs, key, value)
	}
	return pairs
}

func apacheCases() []transformCase {
	const millis = "2006-01-02T15:04:05.000Z"
	return []transformCase{
		single(apache+"Cast$Value", "spec=seq:int16,balance:float32", naiveCast(map[string]string{"seq": "int16", "balance": "float32"}), asStruct, asMap),
		single(apache+"DropHeaders", "headers=trace", naiveDropHeaders("trace"), asMap),
		single(apache+"ExtractField$Value", "field=name", naiveExtract("name"), asStruct, asMap),
		single(apache+"Filter", "", naiveFilter, asMap),
		single(apache+"Flatten$Value", "", naiveFlatten, nested, nestedMap),
		single(apache+"HeaderFrom$Value", "fields=name headers=user operation=move", naiveHeaderFrom("name", "user"), asStruct, asMap),
		single(apache+"HoistField$Value", "field=record", naiveHoist("record"), asStruct, asMap),
		single(apache+"InsertField$Value", "static.field=origin static.value=bench", naiveInsert("origin", "bench"), asStruct, asMap),
		single(apache+"InsertHeader", "header=origin value.literal=bench", naiveInsertHeader("origin", "bench"), asMap),
		single(apache+"MaskField$Value", "fields=email,balance", naiveMask("email", "balance"), asStruct, asMap),
		single(apache+"RegexRouter", "regex=(.*)-(.*) replacement=$2-$1", naiveRegexRouter("(.*)-(.*)", "$2-$1"), asMap),
		single(apache+"ReplaceField$Value", "renames=note:comment exclude=tags", naiveReplace([]string{"tags"}, map[string]string{"note": "comment"}), asStruct, asMap),
		single(apache+"SetSchemaMetadata$Value", "schema.name=com.acme.Rec schema.version=2", naiveSchemaName("com.acme.Rec", 2), asStruct),
		single(apache+"TimestampConverter$Value", "field=created target.type=string format=yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", naiveTime("created", millis), asStruct, asMap),
		single(apache+"TimestampRouter", "topic.format=${topic}-${timestamp} timestamp.format=yyyyMMdd", naiveTimestampRouter("${topic}-${timestamp}", "20060102"), asMap),
		single(apache+"ValueToKey", "fields=id,name", naiveValueToKey("id", "name"), asStruct, asMap),
		single(apache+"predicates.HasHeaderKey", "name=origin", nil, asMap),
		single(apache+"predicates.RecordIsTombstone", "", nil, asMap),
		single(apache+"predicates.TopicNameMatches", "pattern=orders-.*", nil, asMap),
	}
}

func confluentCases() []transformCase {
	return []transformCase{
		single(confluent+"Drop$Value", "schema.behavior=force_optional", nil, asStruct),
		single(confluent+"ExtractTopic$Value", "field=name", nil, asStruct, asMap),
		single(confluent+"ExtractTopic$Header", "field=origin", nil, asMap),
		single(confluent+"Filter$Value", "filter.condition=$[?(@.seq>5)] filter.type=include", nil, asStruct, asMap),
		single(confluent+"GzipDecompress$Value", "", nil, gzipped),
		single(confluent+"MessageTimestampRouter", "message.timestamp.keys=at message.timestamp.format=yyyy-MM-dd'T'HH:mm:ss topic.timestamp.format=yyyyMMdd", nil, dated),
		single(confluent+"ReplaceField$Value", "renames=record.note:comment exclude=record.tags", nil, nested, nestedMap),
		single(confluent+"TombstoneHandler", "behavior=ignore", nil, asMap),
	}
}

func aivenCases() []transformCase {
	return []transformCase{
		single(aiven+"CaseTransform$Value", "field.names=name,email case=upper", nil, asStruct, asMap),
		single(aiven+"ConcatFields$Value", "field.names=name,id output.field.name=key delimiter=-", nil, asStruct, asMap),
		single(aiven+"ExtractTimestamp$Value", "field.name=created", nil, asStruct, asMap),
		single(aiven+"ExtractTopic$Value", "field.name=name", nil, asStruct, asMap),
		single(aiven+"ExtractTopicFromSchemaName$Value", "schema.name.regex=bench.(.*)", nil, asStruct),
		single(aiven+"ExtractTopicFromValueSchema$Name", "", nil, asStruct),
		single(aiven+"FilterByFieldValue$Value", "field.name=name field.value.pattern=user-.*", nil, asStruct, asMap),
		single(aiven+"Hash$Value", "field.name=email function=sha256", nil, asStruct),
		single(aiven+"KeyToValue", "key.fields=user value.fields=owner", nil, asStruct, asMap),
		single(aiven+"MakeTombstone", "", nil, asMap),
		single(aiven+"TombstoneHandler", "behavior=drop_silent", nil, asMap),
	}
}

func debeziumCases() []transformCase {
	return []transformCase{
		single(debezium+"ByLogicalTableRouter", "topic.regex=shop[.](.*) topic.replacement=all key.enforce.uniqueness=true", nil, event),
		single(debezium+"ExtractNewRecordState", "add.fields=op,source.ts_ms add.headers=source.lsn", nil, event),
		single(debezium+"HeaderToValue", "headers=trace fields=source.trace operation=move", nil, event),
		single(debezium+"TimezoneConverter", "converted.timezone=Europe/Berlin", nil, event),
		single(debezium+"outbox.EventRouter", "", nil, outbox),
	}
}

// allCases are the transforms and predicates of every function, and chains of some.
func allCases() []transformCase {
	return slices.Concat(chainCases(), apacheCases(), confluentCases(), aivenCases(), debeziumCases())
}

// chainCases are chains of one, three and eight transforms.
func chainCases() []transformCase {
	three, eight := chainOfThree(), append(chainOfThree(),
		step{apache + "MaskField$Value", []string{"fields", "email"}},
		step{apache + "TimestampConverter$Value", []string{"field", "created", "target.type", "string", "format", "yyyy-MM-dd HH:mm:ss"}},
		step{apache + "ValueToKey", []string{"fields", "id"}},
		step{apache + "InsertHeader", []string{"header", "via", "value.literal", "ferry"}},
		step{apache + "RegexRouter", []string{"regex", "(.*)-(.*)", "replacement", "$2-$1"}})
	naive := append(naiveChainOfThree(), naiveMask("email"), naiveTime("created", "2006-01-02 15:04:05"), naiveValueToKey("id"),
		naiveInsertHeader("via", "ferry"), naiveRegexRouter("(.*)-(.*)", "$2-$1"))
	both := []input{asStruct, asMap}
	return []transformCase{
		{name: "chain of 1", steps: three[:1], inputs: both, naive: naive[:1], chain: true},
		{name: "chain of 3", steps: three, inputs: both, naive: naive[:3], chain: true},
		{name: "chain of 8", steps: eight, inputs: both, naive: naive, chain: true},
	}
}
