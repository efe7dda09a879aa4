package configdef

// Recommender proposes values for a key and decides whether it is shown,
// depending on the other keys' values. It must not keep or change parsed, which
// holds the values read so far, with nil for one that is null or could not be
// parsed. An error becomes a message about the key.
type Recommender interface {
	// ValidValues returns the proposed values, each of the key's type.
	ValidValues(name string, parsed map[string]any) ([]any, error)
	// Visible reports whether a user interface should show the key.
	Visible(name string, parsed map[string]any) (bool, error)
}

// Recommend returns a Recommender that always proposes the same values and always
// shows the key.
func Recommend(values ...any) Recommender { return fixedRecommender(values) }

type fixedRecommender []any

func (r fixedRecommender) ValidValues(string, map[string]any) ([]any, error) {
	return append([]any(nil), r...), nil
}

func (r fixedRecommender) Visible(string, map[string]any) (bool, error) { return true, nil }
