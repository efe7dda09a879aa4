package security

import (
	"maps"
	"strings"
	"testing"
)

func TestJAASTextsAreReadAsJavaReadsThem(t *testing.T) {
	const plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
	for _, c := range []struct {
		name, text string
		options    map[string]string
	}{
		{"as in the documentation", plain + ` required username="alice" password="secret";`, map[string]string{"username": "alice", "password": "secret"}},
		{"over lines", plain + " required\n  username=\"alice\"\r\n\tpassword=\"s\" ;", map[string]string{"username": "alice", "password": "s"}},
		{"any flag", plain + ` Optional a="b";`, map[string]string{"a": "b"}},
		{"no options", plain + " required ;", map[string]string{}},
		{"without quotes", plain + " required username=alice-1.x_$ password=s3;", map[string]string{"username": "alice-1.x_$", "password": "s3"}},
		{"single quotes", plain + ` required password='a"b';`, map[string]string{"password": `a"b`}},
		{"escapes", plain + ` required password="\"\\\n\t\101\60\477\z";`, map[string]string{"password": "\"\\\n\tA0" + "\x277" + "z"}},
		{"an octal number of three digits", plain + ` required password="\3777";`, map[string]string{"password": "\u00ff7"}},
		{"= and ; in quotes", plain + ` required password="a=b;c//d/*e";`, map[string]string{"password": "a=b;c//d/*e"}},
		{"comments", "// one\n/* two\n */" + plain + " required /* three */ a=b // four\n; // five", map[string]string{"a": "b"}},
		{"a slash is a comment too", plain + " required a=b / c=d\n;", map[string]string{"a": "b"}},
		{"other alphabets", plain + ` required username=Zoë password="пароль";`, map[string]string{"username": "Zoë", "password": "пароль"}},
		{"blanks around =", plain + ` required a = "b";`, map[string]string{"a": "b"}},
		{"the last of two counts", plain + ` required a="b" a="c";`, map[string]string{"a": "c"}},
		{"a quote that its line ends", plain + " required a=\"b\n;", map[string]string{"a": "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseJAAS(c.text)
			if err != nil || got.module != plain || !maps.Equal(got.options, c.options) {
				t.Errorf("got %q, %q, %v", got.module, got.options, err)
			}
		})
	}
}

func TestAJAASTextThatIsWrongIsRefusedWithoutBeingQuoted(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", " // nothing", "Login module not specified"},
		{"no flag", "Module", "control flag not specified"},
		{"a wrong flag", "Module s3cret a=b;", "Invalid login module control flag"},
		{"no semicolon", `Module required a="s3cret"`, "not terminated by semi-colon"},
		{"two modules", `Module required a="s3cret"; Other required;`, "more than one login module"},
		{"no value", "Module required s3cret;", "Value not specified"},
		{"a number", "Module required a=3;", "quote values that are numbers"},
		{"a value of signs", "Module required a=#s3cret;", "Value not specified"},
		{"a quote within a password", `Module required password="a"s3cret";`, "Value not specified"},
		{"an option of signs", "Module required (=s3cret;", "an option is expected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseJAAS(c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want one with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error quotes the text: %v", err)
			}
		})
	}
}

func FuzzJAAS(f *testing.F) {
	f.Add(`o.a.k.PlainLoginModule required username="a\"b" password='c';`, "secret")
	f.Add("M optional a=1 /* */ b=.x -3 'q\n;", "\\\"\n\x00é")
	f.Fuzz(func(t *testing.T, text, value string) {
		_, _ = parseJAAS(text) // must come back
		value = strings.ToValidUTF8(value, "")
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(value)
		got, err := parseJAAS(`M required v="` + quoted + `";`)
		if err != nil || got.options["v"] != value {
			t.Errorf("%q came back as %q, %v", value, got.options["v"], err)
		}
	})
}
