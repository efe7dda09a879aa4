package vectors

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryEmbeddedFileCanBeRead(t *testing.T) {
	entries, err := embedded.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	transcripts := map[string]bool{"rest.jsonl": true, "topics.jsonl": true}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			if transcripts[e.Name()] {
				t.Logf("%d lines", len(Lines(t, e.Name())))
				return
			}
			t.Logf("%d cases", len(Read(t, e.Name())))
		})
	}
}

func TestFolderVariableReplacesTheEmbeddedFiles(t *testing.T) {
	dir := t.TempDir()
	line := `{"id":"only","group":"g","class":"a.B$C","config":{"k":null},"input":{},"output":{"ok":true}}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "configdef.jsonl"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(FolderVariable, dir)
	cases := Read(t, "configdef.jsonl")
	if len(cases) != 1 || cases[0].ID != "only" || cases[0].SimpleClass() != "B$C" {
		t.Fatalf("read %+v", cases)
	}
	if v, ok := cases[0].Config["k"]; !ok || v != nil {
		t.Errorf("a null config value must be a nil pointer, got %v, %v", v, ok)
	}
}

func TestJudgeFailsWhatItShould(t *testing.T) {
	mismatch := errors.New("mismatch")
	cases := []Case{{File: "f", ID: "x.1"}, {File: "f", ID: "x.12"}, {File: "f", ID: "y.1"}}
	for _, tc := range []struct {
		name        string
		differences Differences
		mismatching string
		passed      int
		differing   int
		failure     string
	}{
		{"all agree", nil, "", 3, 0, ""},
		{"an unlisted mismatch fails", nil, "x.12", 2, 0, "f x.12: mismatch"},
		{"a listed mismatch passes", Differences{"x.12": "why"}, "x.12", 2, 1, ""},
		{"an exact id does not cover a longer one", Differences{"x.1": "why"}, "x.12", 1, 0, "f x.1 agrees"},
		{"a prefix covers what begins with it", Differences{"x.*": "why"}, "x.1 x.12", 1, 2, ""},
		{"a listed case that agrees fails", Differences{"x.*": "why"}, "x.1", 1, 1, "f x.12 agrees"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := judge(cases, tc.differences, func(c Case) error {
				for id := range strings.FieldsSeq(tc.mismatching) {
					if id == c.ID {
						return mismatch
					}
				}
				return nil
			})
			if r.passed != tc.passed || len(r.differing) != tc.differing {
				t.Errorf("passed %d, differing %d, want %d and %d", r.passed, len(r.differing), tc.passed, tc.differing)
			}
			all := strings.Join(r.failures, "\n")
			if (tc.failure == "") != (all == "") || !strings.Contains(all, tc.failure) {
				t.Errorf("failures %q, want %q", all, tc.failure)
			}
		})
	}
}

func TestDifferencesThatSayNothingAreProblems(t *testing.T) {
	cases := []Case{{ID: "a.1"}}
	d := Differences{"a.1": "", "b.*": "gone"}
	got := strings.Join(d.problems(cases), "\n")
	for _, want := range []string{`"a.1" gives no reason`, `"b.*" fits no case`} {
		if !strings.Contains(got, want) {
			t.Errorf("problems %q lack %q", got, want)
		}
	}
}

func TestErrorsAgreeOnlyAsFarAsTheyMust(t *testing.T) {
	text := "said so"
	for _, tc := range []struct {
		name        string
		recorded    *Error
		class, text string
		agrees      bool
	}{
		{"same text", &Error{Class: "E", Message: &text}, "E", "said so", true},
		{"class not given", &Error{Class: "E", Message: &text}, "", "said so", true},
		{"other text", &Error{Class: "E", Message: &text}, "E", "other", false},
		{"other class", &Error{Class: "E", Message: &text}, "F", "said so", false},
		{"no recorded text", &Error{Class: "E"}, "E", "anything", true},
		{"masked text", &Error{Class: "E", Message: &text, Masked: true}, "E", "other", true},
		{"masked text, other class", &Error{Class: "E", Message: &text, Masked: true}, "F", "other", false},
		{"worded by the JVM", &Error{Class: "E", Message: &text, JVMMessage: true}, "F", "other", true},
		{"no error recorded", nil, "", "x", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.recorded.Agrees(tc.class, tc.text); (err == nil) != tc.agrees {
				t.Errorf("got %v, want agreement %v", err, tc.agrees)
			}
		})
	}
}

func TestAPanicInACheckIsAMismatchOfThatCase(t *testing.T) {
	err := guard(t, Case{ID: "a"}, func(*testing.T, Case) error { panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "panic: boom") {
		t.Errorf("got %v", err)
	}
}

func TestPartsAreNamedByGroupAndClassWithoutRepetition(t *testing.T) {
	for _, tc := range []struct{ group, class, want string }{
		{"Cast", "o.a.Cast$Value", "Cast$Value"},
		{"parseType", "o.a.ConfigDef", "parseType ConfigDef"},
		{"StringConverter", "o.a.StringConverter", "StringConverter"},
	} {
		if got := partName(Case{Group: tc.group, Class: tc.class}); got != tc.want {
			t.Errorf("%s/%s: %q, want %q", tc.group, tc.class, got, tc.want)
		}
	}
}
