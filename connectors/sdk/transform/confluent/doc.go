// Package confluent holds transforms under the class names of Confluent's connect-transforms, for configurations that use them.
//
// Keys, defaults and behaviour are those of Confluent's public documentation of release 1.6. Where it says nothing, such as the
// wording of errors, the choice is Ferry's own. Each transform is one file, which says at its top what is supported.
package confluent
