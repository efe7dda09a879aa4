package jsonpath_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/jsonpath"
)

func mapOf(pairs ...any) connect.Value {
	var slots []connect.Value
	for i, p := range pairs {
		if i%2 == 0 {
			slots = append(slots, connect.String(p.(string)))
			continue
		}
		slots = append(slots, p.(connect.Value))
	}
	return connect.NewMap(slots).Value()
}

// library is a map in which texts, numbers of all kinds, nulls, arrays and a struct occur.
func library() connect.Value {
	s := connect.NewStructSchema().Field("street", connect.StringSchema).Field("door", connect.OptionalInt32Schema).
		Field("floor", connect.NewSchema(connect.TypeInt32).Optional().Default(connect.Int32(1)).MustBuild()).MustBuild()
	place := connect.NewStruct(s)
	place.SetField(0, connect.String("Main"))
	books := connect.Array([]connect.Value{
		mapOf("author", connect.String("Tolstoy"), "price", connect.Float64(8.5), "tags", connect.Array([]connect.Value{connect.String("war"), connect.Int32(5)})),
		mapOf("author", connect.String("Dostoevsky"), "price", connect.Decimal(1299, 2), "sold", connect.Bool(true)),
		connect.Null(),
	})
	return mapOf("book", mapOf("author", connect.String("Tolstoy"), "year", connect.Int32(1869), "code", connect.String("12")),
		"books", books, "place", place.Value(), "nothing", connect.Null(), "a.b", connect.Int32(1), "name", connect.String("City"))
}

func TestPathsFindWhatTheyLookFor(t *testing.T) {
	for path, want := range map[string]jsonpath.Outcome{
		"$":                    jsonpath.Found,
		"$.book.author":        jsonpath.Found,
		"$['book']['author']":  jsonpath.Found,
		`$["book"].author`:     jsonpath.Found,
		"$['a.b']":             jsonpath.Found,
		"$.book.title":         jsonpath.Missing,
		"$.nothing":            jsonpath.Missing,
		"$.nothing.more":       jsonpath.Missing,
		"$.name.more":          jsonpath.Missing,
		"$.books[0].author":    jsonpath.Found,
		"$.books[-2].sold":     jsonpath.Found,
		"$.books[-1]":          jsonpath.Missing,
		"$.books[3]":           jsonpath.Missing,
		"$.books[-4]":          jsonpath.Missing,
		"$.books[*].sold":      jsonpath.Found,
		"$.books[*].title":     jsonpath.None,
		"$.*.street":           jsonpath.Found,
		"$.place.*":            jsonpath.Found,
		"$.place.door":         jsonpath.Missing,
		"$.place.floor":        jsonpath.Found, // its default
		"$.name[?(@.a == 1)]":  jsonpath.None,
		"$.nope[?(@.a == 1)]":  jsonpath.Missing,
		"$.books[?(@.sold)].x": jsonpath.None,
	} {
		requireOutcome(t, path, want)
	}
}

func requireOutcome(t *testing.T, path string, want jsonpath.Outcome) {
	t.Helper()
	p, err := jsonpath.Parse(path)
	if err != nil {
		t.Error(err)
		return
	}
	if got, err := p.Match(library()); got != want || err != nil {
		t.Errorf("%s: got %d, %v, want %d", path, got, err, want)
	}
}

func TestPredicatesHoldOrNot(t *testing.T) {
	for predicate, want := range map[string]bool{
		"@.author == 'Tolstoy'":                       true,
		`@.author == "Tolstoy" || @.author == "none"`: true,
		"@.author == 'tolstoy'":                       false,
		"@['author'] != 'Tolstoy'":                    false,
		"@.title != 'Tolstoy'":                        false, // what is missing satisfies nothing
		"@.title == 'Tolstoy'":                        false,
		"!(@.title == 'Tolstoy')":                     true,
		"@.author":                                    true,
		"@.title":                                     false,
		"!@.title":                                    true,
		"@.year == 1869":                              true,
		"@.year == 1869.0":                            true,
		"@.year == '1869'":                            true,
		"@.year === '1869'":                           false,
		"@.year !== '1869'":                           true,
		"@.year === 1869":                             true,
		"@.code == 12":                                true,
		"@.year > 1868 && @.year < 1870":              true,
		"@.year >= 1869 && @.year <= 1869":            true,
		"@.year > 1869":                               false,
		"@.author > 'Tolstoi'":                        true,
		"@.author > 5":                                false,
		"@.author =~ /tol.*/i":                        true,
		"@.author =~ /tol.*/":                         false,
		"@.author =~ /Tol/":                           false, // the whole text must match
		`@.author =~ /.*\/.*/`:                        false,
		"@.year =~ /18\\d\\d/":                        true,
		"@.author in ['Tolstoy', 'Dostoevsky']":       true,
		"@.author IN []":                              false,
		"@.author nin ['Dostoevsky']":                 true,
		"@.year in [1, 1869]":                         true,
		"@.title nin ['Dostoevsky']":                  false,
		"@.author in $.name":                          false,
		"5 in $.books[0].tags":                        true,
		"@.author contains 'sto'":                     true,
		"$.books[0].tags contains 'war'":              true,
		"$.books[0].tags size 2":                      true,
		"@.author size 7":                             true,
		"@.author empty false":                        true,
		"@.author == $.books[0].author":               true,
		"@.author == 'x' && @.year == 1 || @.code":    true,
		"@.author == 'x' && (@.year == 1 || @.code)":  false,
		"$.books[1].price == 12.99":                   true,
		"$.books[0].price < 1e1":                      true,
		"$.books[1].sold == true":                     true,
		"$.books[1].sold == false":                    false,
	} {
		outcome := jsonpath.None
		if want {
			outcome = jsonpath.Found
		}
		requireOutcome(t, "$.book[?("+predicate+")]", outcome)
	}
	requireOutcome(t, "$[?(@.name == 'City')]", jsonpath.Found)
	requireOutcome(t, "$.[?(@.name == 'City')]", jsonpath.Found)
	requireOutcome(t, "$.books[?(@.price > 10)].author", jsonpath.Found)
	requireOutcome(t, "$.books[ ?( @.price > 100 ) ]", jsonpath.None)
}

func TestWhatIsNotSupportedIsNamed(t *testing.T) {
	for path, want := range map[string]string{
		"":                             "a path begins with $",
		"book":                         "a path begins with $",
		"$..author":                    "deep scans (..) are not supported",
		"$.books[1:2]":                 "slices are not supported",
		"$.books[:2]":                  "slices are not supported",
		"$.books[1,2]":                 "lists of names or indexes are not supported",
		"$['a','b']":                   "lists of names or indexes are not supported",
		"$.books.length()":             "functions such as length() are not supported",
		"$.books[(@.length-1)]":        "expressions in brackets are not supported",
		"$.books[?]":                   "a predicate stands in parentheses",
		"$.books[?@.a]":                "a predicate stands in parentheses",
		"$.books[?(@.a == null)]":      "the literal null is not supported",
		"$.books[?(@.a anyof ['x'])]":  "the operator anyof is not supported",
		"$.books[?(@.a subsetof [1])]": "the operator subsetof is not supported",
		"$.books[?(@.a[*] == 1)]":      "wildcards and filters inside of a predicate are not supported",
		"$.books[?(@.a == 1]":          "an operator, && or || or a closing parenthesis is missing",
		"$.books[?(@.a == )]":          "a path, a number, true, false or a text in quotes is missing",
		"$.books[?('a')]":              "an operator is missing",
		"$.books[?(@.a == 'x)]":        "a quote is not closed",
		"$.books[?(@.a =~ 'x')]":       "a regular expression stands between slashes",
		"$.books[?(@.a =~ /x)]":        "a regular expression is not closed",
		"$.books[?(@.a =~ /(/)]":       "the regular expression is wrong: Unclosed group",
		"$.books[?(@.a in ['x' 'y'])]": "a comma or a closing bracket is missing",
		"$.":                           "a name is missing",
		"$.a b":                        "what follows is no step of a path",
		"$[a]":                         "brackets hold a name in quotes, an index, * or ?(…)",
		"$[?(" + strings.Repeat("(", 99) + "@.a)]": "predicates nest too deep",
	} {
		if _, err := jsonpath.Parse(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

func TestMatchingDoesNotAllocate(t *testing.T) {
	v := library()
	for _, path := range []string{"$.book.author", "$.books[?(@.author == 'Tolstoy' && @.price < 10 || @.author in ['a', 'b'])]", "$.book[?(@.author =~ /Tol.*/)]"} {
		p, err := jsonpath.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() {
			if _, err := p.Match(v); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s allocates %v times", path, n)
		}
	}
}

// FuzzParse: nothing panics or runs away, whatever the path and the record.
func FuzzParse(f *testing.F) {
	for _, path := range []string{
		"$.book[?(@.a == 'x' || @.b in [1, true] && !(@.c =~ /a.*/i))].d", "$[?(@.a)]", "$['a'][0][*].b", "$..a", "$.f0[?(@.f1 >= -1.5e3)]", `$["a\"b"]`,
		"$[?(@.a[?(@.b)])]", "$.k0[?($.k1 contains @.f0)]",
	} {
		f.Add(path, uint64(1))
	}
	f.Fuzz(func(t *testing.T, path string, seed uint64) {
		p, err := jsonpath.Parse(path)
		if err != nil {
			return
		}
		r := rand.New(rand.NewPCG(seed, 7))
		for range 5 {
			v := connecttest.AnyValue(r, connecttest.AnySchema(r, 4), nil)
			outcome, err := p.Match(v)
			if err != nil || !p.IsDefinite() {
				continue
			}
			if found := !p.Get(v).IsNull(); found != (outcome == jsonpath.Found) || outcome == jsonpath.None {
				t.Errorf("%s of %s: Match gives %d, Get finds %t", path, v, outcome, found)
			}
		}
	})
}
