package configdef

import (
	"fmt"
	"slices"
)

// ListValidator is what [ValidList] and [AnyNonDuplicateValues] return: a check
// of a LIST whose values must differ.
//
// A key with a ListValidator is read in two ways, as Kafka does since 4.2:
// [Def.Validate] reports repeated values, while [Def.Parse] drops them and leaves a
// warning, so that a connector that ran before the check existed keeps running.
type ListValidator struct {
	allowed      validString
	emptyAllowed bool
	nullAllowed  bool
}

// ValidList allows lists of the given texts, each at most once, and the empty
// list. It does not allow null.
func ValidList(allowed ...string) ListValidator {
	return ListValidator{allowed: slices.Clone(allowed), emptyAllowed: true}
}

// NonEmptyValidList is [ValidList] without the empty list.
func NonEmptyValidList(allowed ...string) ListValidator {
	return ListValidator{allowed: slices.Clone(allowed)}
}

// AnyNonDuplicateValues allows lists of any texts that are not empty, each at
// most once; and the empty list and null as the arguments say.
func AnyNonDuplicateValues(emptyAllowed, nullAllowed bool) ListValidator {
	return ListValidator{emptyAllowed: emptyAllowed, nullAllowed: nullAllowed}
}

// Validate returns an error if value is not such a list.
func (v ListValidator) Validate(name string, value any) error {
	if value == nil {
		if v.nullAllowed {
			return nil
		}
		return Errorf(name, "Configuration '%s' values must not be null.", name)
	}
	list, ok := value.([]string)
	if !ok {
		return Invalid(name, value, "Expected a comma separated list.")
	}
	if len(list) == 0 && !v.emptyAllowed {
		valid := "any non-empty value"
		if len(v.allowed) > 0 {
			valid = v.allowed.String()
		}
		return Errorf(name, "Configuration '%s' must not be empty. Valid values include: %s", name, valid)
	}
	if len(distinct(list)) < len(list) {
		return Errorf(name, "Configuration '%s' values must not be duplicated.", name)
	}
	return v.validateEach(name, list)
}

func (v ListValidator) validateEach(name string, list []string) error {
	for _, s := range list {
		if s == "" {
			return Errorf(name, "Configuration '%s' values must not be empty.", name)
		}
		if len(v.allowed) == 0 {
			continue
		}
		if err := v.allowed.Validate(name, s); err != nil {
			return err
		}
	}
	return nil
}

// String lists the allowed texts; it is empty if any will do.
func (v ListValidator) String() string {
	if len(v.allowed) == 0 {
		return ""
	}
	return v.allowed.String()
}

// distinct returns the values of list without repetition, in the order of their
// first occurrence.
func distinct(list []string) []string {
	seen := make(map[string]bool, len(list))
	kept := make([]string, 0, len(list))
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return kept
}

// NonEmptyList allows every list but the empty one. It does not allow null.
func NonEmptyList() Validator {
	return Lambda("non-empty list", func(name string, value any) error {
		if list, ok := value.([]string); !ok || len(list) == 0 {
			return Invalid(name, value, "Empty list")
		}
		return nil
	})
}

// AtMostOfSize allows null, and lists of at most n values.
func AtMostOfSize(n int) Validator {
	return Lambda(fmt.Sprintf("List containing maximum of %d elements", n), func(name string, value any) error {
		if list, ok := value.([]string); ok && len(list) > n {
			return Invalid(name, value, fmt.Sprintf("exceeds maximum list size of [%d].", n))
		}
		return nil
	})
}
