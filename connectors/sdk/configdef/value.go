package configdef

import (
	"fmt"
	"slices"
	"strings"
)

// ConvertToString renders a value of a key of type t as the REST API and stored
// configurations show it: a list joined with commas, a class by its full name, a
// password as "[hidden]". Null is nil. With t zero it renders any value. It fails
// only if a value for a LIST or a CLASS is neither that nor null.
func ConvertToString(value any, t Type) (*string, error) {
	if value == nil {
		return nil, nil
	}
	s := text(value)
	switch t {
	case TypeList:
		list, ok := value.([]string)
		if !ok {
			return nil, fmt.Errorf("render a value of type LIST: %T is no list", value)
		}
		s = strings.Join(list, ",")
	case TypeClass:
		class, ok := value.(Class)
		if !ok {
			return nil, fmt.Errorf("render a value of type CLASS: %T is no class", value)
		}
		s = string(class)
	}
	return &s, nil
}

// cloneValue returns a copy of a value that shares no memory a caller could
// change.
func cloneValue(value any) any {
	if list, ok := value.([]string); ok {
		return slices.Clone(list)
	}
	return value
}
