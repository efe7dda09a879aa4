package configdef

// Class is the value of a CLASS key: the full name of a plugin's class, for
// instance org.apache.kafka.connect.json.JsonConverter.
type Class string

// ClassResolver finds a class by the name a user wrote, which may be an alias
// such as "Json". It returns the class under its full name and true, or false if
// there is no such class. It may be called concurrently.
type ClassResolver func(name string) (Class, bool)

// Classes returns a resolver that knows the given classes by their full names
// only.
func Classes(known ...Class) ClassResolver {
	byName := make(map[string]Class, len(known))
	for _, c := range known {
		byName[string(c)] = c
	}
	return func(name string) (Class, bool) {
		c, ok := byName[name]
		return c, ok
	}
}
