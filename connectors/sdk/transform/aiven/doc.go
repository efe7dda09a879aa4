// Package aiven holds transforms under the class names of Aiven's transforms-for-apache-kafka-connect, for configurations that use
// them.
//
// Keys, defaults, behaviour and the texts of errors are those of release 1.6.0. Each transform is one file, which says at its top
// what is supported, and where Ferry differs because the original loses data or fails without a word.
package aiven
