// Package smt holds what the families of transforms share: which part of a record a transform works on, how a class reads its
// configuration, the plans that it remembers, and how structs and maps are copied.
package smt
