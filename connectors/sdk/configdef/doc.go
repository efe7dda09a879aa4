// Package configdef defines what a plugin can be configured with: the names and
// types of its keys, their defaults, the checks on their values, and how a user
// interface should show them. It follows Kafka's ConfigDef, so that a
// configuration written for Kafka Connect is read, refused and described with the
// same values and the same words.
//
// # Definitions
//
// A [Def] is an ordered set of [ConfigKey]. It never changes once it is made:
//
//	def, err := configdef.New(
//		configdef.ConfigKey{
//			Name: "file", Type: configdef.TypeString, Required: true,
//			Validator:  configdef.NonEmptyString(),
//			Importance: configdef.ImportanceHigh, Documentation: "The file to read.",
//		},
//		configdef.ConfigKey{
//			Name: "batch.size", Type: configdef.TypeInt, Default: 2000,
//			Validator:  configdef.AtLeast(1),
//			Importance: configdef.ImportanceLow, Documentation: "Records read at once.",
//		},
//	)
//
// # Values
//
// A configuration comes in as text. [ParseType] turns a text into a value of the
// key's type, and a parsed value is always one of these Go types:
//
//	BOOLEAN bool      INT int32     LONG int64       LIST  []string   PASSWORD Password
//	STRING  string    SHORT int16   DOUBLE float64   CLASS Class      null     nil
//
// Defaults may be given as such a value or as text; a plain int is accepted for
// every number.
//
// # Two ways to read a configuration
//
// [Def.Parse] is for running: it answers a [Config] with every key set, or an
// [Errors] naming everything that is wrong. [Def.Validate] is for people: it
// answers one [ConfigValue] for each key with the value as far as it could be
// read, all messages about it, and what the recommenders say. Its rules are those
// of Kafka's validation, with consequences that surprise: a value that
// cannot be parsed counts as null and its validator still runs, so one mistake
// can yield two messages; and a key that is the dependent of two others is
// checked once for each of them.
//
// The two differ for lists without duplicates ([ValidList]): running drops the
// repeated values with a warning, validation reports them.
//
// # Classes
//
// The value of a CLASS key is the name of a class. Go cannot load one by name, so
// a definition is given a [ClassResolver] that knows the names in use and their
// aliases ([Def.WithClasses]). Without it no class can be found. Defaults are
// taken as they are written.
//
// # Secrets
//
// A [Password] prints as [hidden] whatever it is printed with. Placeholders such
// as ${file:/run/secrets/db:password} are resolved by a [ConfigTransformer];
// the providers that look them up are in the package provider below.
//
// # Differences from Java
//
// Where Java reports the first error of a configuration, Parse reports all of
// them; the first one is the same. Lists cannot hold null. Defaults and texts of
// numbers follow Java's rules, including digits outside ASCII and forms such as
// 1f or 0x1p3.
package configdef
