package debezium

import "testing"

// What SchemaNameAdjuster of Debezium 3.3.1 answers.
func TestNamesAreAdjustedAsInDebezium(t *testing.T) {
	for name, want := range map[string][2]string{
		"a-b.all.Key": {"a_b.all.Key", "a_u002db.all.Key"}, "a_b.all_x.Key": {"a_b.all_x.Key", "a_u005fb.all_u005fx.Key"},
		"1abc.x.Key": {"_1abc.x.Key", "_u0031abc.x.Key"}, "é.x": {"_.x", "_u00e9.x"}, "a b$c.Envelope": {"a_b_c.Envelope", "a_u0020b_u0024c.Envelope"},
		".x": {"_x", "_u002ex"}, "a..b": {"a..b", "a..b"}, "a.1b.Key": {"a.1b.Key", "a.1b.Key"}, "_a.Key": {"_a.Key", "_u005fa.Key"}, "": {"", ""},
		"😀.Key": {"__.Key", "_ud83d_ude00.Key"},
	} {
		if got := [3]string{noAdjustment.of(name), avroAdjustment.of(name), avroUnicodeMode.of(name)}; got != [3]string{name, want[0], want[1]} {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
