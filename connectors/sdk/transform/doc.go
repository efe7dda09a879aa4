// Package transform holds Kafka Connect's single message transforms and predicates.
//
// Each is one file, which says at its top what is supported, and one entry in classes.go.
//
// A transform that changes structs works out once for each input schema what is to be done, as a plan: the output schema
// and where each of its fields comes from. Plans are found by the schema's pointer, and a record then costs a new window of
// slots from the arena and one copy of a slot for each field. Nothing is changed in place, so a record that shares its value
// with another, or that is needed again after an error, stays as it was. In steady state no transform allocates.
package transform
