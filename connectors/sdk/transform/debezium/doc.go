// Package debezium holds Debezium's transforms that work on records of any source, under the class names of configurations.
//
// Keys, defaults and behaviour are those of Debezium 3.3, compared with its classes. Most look at change events: structs whose schema's name ends in .Envelope, with
// the fields before, after, source, op and ts_ms. Other records pass them unchanged, unless the file of a transform says something
// else. Each transform is one file, which says at its top what is supported.
package debezium
