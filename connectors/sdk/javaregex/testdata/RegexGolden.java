import java.util.*;
import java.util.regex.*;

/** Prints what java.util.regex makes of patterns, those below and random ones: see README.md. */
public class RegexGolden {
	static final String[] TEXTS = {
		"", "a", "b", "ab", "ba", "abc", "aab", "aaab", "abab", "aa\n", "a\n", "a\r\n", "\n", "\r\n", "a\nb", "a\r\nb\n", "a\u0085", "a\u2028b",
		"A", "aB", "1", "a1_", "x-1.y", "com.acme.Order", "mysql-orders", "é", "É", "eé ", "e\u0301a", "straße", "ſK\u212A", "😀", "a😀b", "λΣς", "a b\tc",
		"２", "\u00a0", "user_42", "2024-01-31", "aaaaaaaaaa", "(a)", "[a]", "a.b", "$a", "\\",
	};

	static final String[] PATTERNS = {
		// what users write
		"(.*)", "(.*)-(.*)", "^(.*?)(\\d*)$", "([^.]*)\\.([^.]*)\\.([^.]*)", "(?:[.]|^)([^.]*)$", "mysql-(?!internal).*", "(?<topic>\\w+)-\\d+", "orders|users", "a|ab", "ab|a",
		"(a|ab)(c|bcd)?", "(?i)ORDERS", "[a-zA-Z0-9._-]+", "\\d{4}-\\d{2}-\\d{2}", "(\\d{4})-(\\d{2})-(\\d{2})", ".*[0-9]", "user_(?<id>[0-9]+)",
		// ends and lines
		"a$", "$", "^", "^$", "a\\Z", "a\\z", "\\Aa", "\\Ga", "(?m)^", "(?m)$", "(?m)^a$", "(?m)a$\\n^b", "(?m)(^.*$)", "(?s).*", "(?s)a$.", ".", ".+", "(?d).+", "(?d)a$", "(?dm)$",
		"(?dm)^", "a$\\n", "a$\\r\\n", "$\\n", "(?m)$\\n", "\\R", "a\\R", "a\\R\\n", "\\R+", "[\\n\\r]+$", "(?s)(.)$", "(?m)\\r$", "(?m)^\\n", "\\Z\\n", "(?d)a\\Z",
		// boundaries
		"\\b", "\\B", "\\ba", "a\\b", "\\bé", "é\\b", "e\\b", "\\b.", "\\B.", "\\b\\w+\\b", "a\\B", "(?<!\\w)a", "\\u0301\\b", "\\B\\u0301",
		// classes
		"\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\h", "\\H", "\\v", "\\V", "[\\d]", "[^\\d]", "[\\w&&[^\\d]]", "[a-z&&[^b]]", "[a-z&&b-c]", "[^a-c&&b-d]", "[a[bc]&&[b]]", "[a&&]", "[&&a]", "[a&&&&b]",
		"[a&&b]", "[&a]", "[a&]", "[]a]", "[^]a]", "[a-]", "[-a]", "[a\\-c]", "[\\]]", "[\\[]", "[[]a]", "[a^]", "[.]", "[$]", "[()]+", "[\\Q[]\\E]", "[\\x41-\\x43]", "[\\u00e9]", "[é]", "[^é]", "[😀]", "[^😀]", "[a-😀]",
		"\\p{L}", "\\p{Lu}", "\\p{Ll}", "\\pL", "\\PL", "\\P{L}", "\\p{IsL}", "\\p{Alpha}", "\\p{Lower}", "\\p{Upper}", "\\p{Alnum}", "\\p{Punct}", "\\p{Digit}", "\\p{Space}", "\\p{Blank}", "\\p{Cntrl}", "\\p{Graph}", "\\p{Print}",
		"\\p{XDigit}", "\\p{ASCII}", "\\p{IsGreek}", "\\p{IsLatin}", "\\p{script=Greek}", "\\p{sc=Grek}", "\\p{InGreek}", "\\p{InBasic Latin}", "\\p{InBasicLatin}", "\\p{block=Greek}", "\\p{blk=LATIN_1_SUPPLEMENT}", "\\p{InLatin-1 Supplement}", "\\P{InGreek}",
		"\\p{IsAlphabetic}", "\\p{IsLowercase}", "\\p{IsUppercase}", "\\p{IsDigit}", "\\p{IsPunctuation}", "\\p{IsWhite_Space}", "\\p{IsEmoji}", "\\p{javaLowerCase}", "\\p{javaUpperCase}", "\\p{javaLetter}", "\\p{javaWhitespace}", "\\p{javaLetterOrDigit}",
		"\\p{javaSpaceChar}", "\\p{javaMirrored}", "\\p{javaDefined}", "\\p{javaIdentifierIgnorable}", "\\p{javaJavaIdentifierStart}", "\\p{javaJavaIdentifierPart}", "\\p{javaUnicodeIdentifierStart}", "\\p{javaTitleCase}", "\\p{javaDigit}", "\\p{javaISOControl}", "\\p{javaIdeographic}", "\\p{javaAlphabetic}",
		"\\p{Sc}", "\\p{general_category=Lu}", "\\p{gc=Sc}", "\\p{LC}", "\\p{LD}", "\\p{L1}", "\\p{all}", "\\p{Cn}", "\\p{IsAssigned}", "\\p{IsIdeographic}", "\\p{IsJoin_Control}", "\\p{IsHex_Digit}", "\\p{IsNoncharacter_Code_Point}", "\\p{IsControl}", "\\p{IsLetter}", "\\p{IsTitlecase}",
		"(?i)\\p{Lower}", "(?i)\\p{Upper}", "(?i)\\p{Lu}", "(?i)\\p{IsLowercase}", "(?i)\\P{Lower}", "(?i)\\p{javaUpperCase}", "(?iu)\\p{Lu}", "(?i)[[:alpha:]]",
		// case
		"(?i)a", "(?i)é", "(?iu)é", "(?iu)É", "(?i)s", "(?iu)s", "(?iu)k", "(?iu)ſ", "(?iu)σ", "(?iu)ς", "(?iu)ß", "(?i)straße", "(?i)[a-c]", "(?iu)[à-ÿ]", "(?i)[^a]", "(?iu)[^é]", "(?i-i)a", "(?i:a)b", "((?i)a)b", "a(?i)b|c", "(?i)a(?-i)b", "(?iu)K", "(?i)K", "(?u)é", "(?i)(a)\\1", "(?iu)(é)\\1", "(?i)[A-Z]+", "(?iu)[A-Z]+",
		// the flag U
		"(?U)\\w", "(?U)\\w+", "(?U)\\d", "(?U)\\s", "(?U)\\b", "(?U)\\bé", "(?U)\\W", "(?U)\\p{Alpha}", "(?U)\\p{Lower}", "(?U)\\p{Upper}", "(?U)\\p{Punct}", "(?U)\\p{Space}", "(?U)\\p{Digit}", "(?U)\\p{Alnum}", "(?U)\\p{Graph}", "(?U)\\p{Print}", "(?U)\\p{Blank}", "(?U)\\p{Cntrl}", "(?U)\\p{XDigit}",
		"(?Ui)é", "(?U:\\w)\\w", "(?U)[\\w&&[^a]]", "(?-U)\\w", "(?U)(?-U)\\w",
		// quantifiers
		"a*", "a+", "a?", "a??", "a*?", "a+?", "a*+", "a++", "a?+", "a{2}", "a{2,}", "a{1,2}", "a{1,2}?", "a{1,2}+", "a{0}", "a{0,0}b", "(a){0}b", "(a)*", "(a)+", "(a)?", "(a)??", "(a|b)*", "(a|b)*?b", "(a|b)*+b", "(ab|a)+", "(ab|a)++b", "(?:a|ab){2}+",
		"(a*)*", "(a*)+", "(a?)*", "(a?)+?", "(a*){2}", "(a?){3}", "(|a)*", "(|a)+", "(a|)+", "(a|b?)*", "((a)|b)*", "((a)|(b))*", "(a(b)?)*", "(a(b)?)+", "(?:(a)|b)*", "(a*?)*", "(a*?)+", "(a+|b*)*", "()*", "()+", "(\\b)*a", "(^a)*", "(^)*a", "($)+", "(?:)*", "(a{0,2})*", "(a|aa)+$", "(aa|a)+?$",
		"(.*?)(.*)", "(.*)(.*)", "(.+?)(.*?)", "(a*)(a*)", "(a*?)(a*)", "(a?)(ab)?", "(a?)?", "((a)?b)*", "(x)?(y)?a",
		"a{,2}", "a{", "a{a}", "{", "}", "a}", "a{2", "a{2,1}", "a**", "a+*", "*", "+", "?", "a|*", "(*)", "^*", "^+a", "$*", "\\b*", "\\b+a", "(?=a)*", "(?=a)+a", "(?!b)?a",
		// groups
		"(?:a)", "(?>a)", "(?>a|ab)c", "(?>a*)a", "(?>(a))b|(?:a)c", "(?>(a)|b)c?", "(?=a)", "(?=(a))b?", "(?=(a)).", "(?!a)", "(?!a).", "(?<=a)b", "(?<!a)b", "(?<=a|ab)", "(?<=a{1,2})b", "(?<=^)a", "(?<=(a))b", "(?<=a*)b", "(?<=a+)b", "(?<=(a|bb))b", "(?<!^)a", "(?<=\\n)b", "(?<=😀)b", "(?<=.)b", "(?<=..)b", "(?<=a?)b", "(?<=(?=b))b",
		"(?<n>a)", "(?<n>a)\\k<n>", "(?<n>a)(?<m>b)", "(?<n1>a)", "(?<1n>a)", "(?<n_>a)", "(?<n", "(?<n>", "(?<>a)", "(?'n'a)", "(?P<n>a)", "(?<n>a)(?<n>b)", "\\k<n>", "\\k<n>(?<n>a)", "(a)\\1", "(a)\\2", "\\1(a)", "(a)|\\1", "(a)?\\1", "(a)\\11", "(a\\1)", "(?:(a)|b)\\1", "(a*)\\1", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10", "(.)(.)\\2\\1", "\\0", "\\01", "\\0101", "\\0400", "\\08",
		"(", ")", "()", "(a", "a)", "((a)", "(?", "(?)", "(?a)", "(?i", "(?i)", "(?-)", "(?--i)a", "(?i-)A", "(?#a)", "(?!", "(?<", "(?<=", "[", "[a", "[^", "[]", "[^]", "[a-", "[b-a]", "[a-\\d]", "[\\d-a]", "[a--]", "[a-b-c]", "[a&&", "[[a]", "[a]]", "[\\", "\\", "\\p", "\\p{", "\\p{L", "\\p{}", "\\p{Nope}", "\\p{IsNope}", "\\p{InNope}", "\\pN", "\\p{a=b}", "\\P", "\\PN",
		// escapes
		"\\t", "\\n", "\\r", "\\f", "\\a", "\\e", "\\cA", "\\c", "\\c@", "\\ca", "\\x41", "\\x4", "\\x{41}", "\\x{1F600}", "\\x{110000}", "\\x{", "\\x{}", "\\u0041", "\\u004", "\\uD83D\\uDE00", "\\uuuu", "\\Q", "\\Qa", "\\Qa.b\\E", "\\Q\\E", "\\E", "a\\E", "\\Q(a)\\E+", "\\Qab\\E+", "a\\Qb\\Ec", "[\\Qa-c\\E]", "\\.", "\\-", "\\_", "\\é", "\\ ", "\\y", "\\Y", "\\i", "\\j", "\\l", "\\m", "\\o", "\\q", "\\C", "\\F", "\\I", "\\K", "\\L", "\\M", "\\O", "\\T", "\\U", "\\/", "\\\"", "\\<", "\\>",
		"\\X", "\\N", "\\N{LATIN SMALL LETTER A}", "\\N{SPACE}", "\\b{g}", "\\b{x}", "\\b{", "[\\b]", "[\\A]", "[\\z]", "[\\R]", "[\\X]", "[\\k]", "[\\1]", "[\\0101]", "[\\cA]", "[\\t\\n]",
		// comments
		"(?x) a b", "(?x)a # b\nb", "(?x)a\\ b", "(?x)[a b]", "(?x)[a #b\n]", "(?x)a +", "(?x)a {2}", "(?x)a{ 2}", "(?x)( ? i)a", "(?x)\\Qa b\\E", "(?x:a b)a b", "(?x)\\x{ 41}", "(?x) ", "(?x)#", "(?x)a|# b\nb", "(?x)(?<n> a )b", "(?x)\\ a",
	};

	static final String ATOMS[] = {"a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "", "é", "\\d", "a", "b"};

	static String random(Random r, int depth, int[] groups) {
		StringBuilder b = new StringBuilder();
		for (int n = 1 + r.nextInt(3); n > 0; n--) {
			String atom = ATOMS[r.nextInt(ATOMS.length)];
			int kind = depth == 0 ? 9 : r.nextInt(16);
			boolean quantify = !atom.equals("");
			switch (kind) {
				case 0: case 1: case 2: groups[0]++; atom = "(" + random(r, depth - 1, groups) + ")"; quantify = true; break;
				case 3: case 4: atom = "(?:" + random(r, depth - 1, groups) + ")"; quantify = true; break;
				case 5: atom = "(?>" + random(r, depth - 1, groups) + ")"; quantify = true; break;
				case 6: atom = (r.nextBoolean() ? "(?=" : "(?!") + random(r, depth - 1, groups) + ")"; break;
				case 7: if (groups[0] > 0) { atom = "\\" + (1 + r.nextInt(groups[0])); quantify = true; } break;
				case 8: atom = (r.nextBoolean() ? "(?<=" : "(?<!") + ATOMS[r.nextInt(7)] + ATOMS[r.nextInt(7)] + ")"; break;
			}
			b.append(atom);
			if (quantify && !atom.equals("^") && !atom.equals("$") && !atom.equals("\\b") && r.nextInt(2) == 0) {
				b.append(new String[]{"*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{0,2}?", "{2,}"}[r.nextInt(13)]);
			}
			if (depth > 0 && r.nextInt(6) == 0) b.append('|');
		}
		return b.toString();
	}

	static String quote(String s) {
		if (s == null) return "null";
		StringBuilder b = new StringBuilder("\"");
		for (char c : s.toCharArray()) {
			if (c == '"' || c == '\\') b.append('\\').append(c);
			else if (c < 32 || c > 126) b.append(String.format("\\u%04x", (int) c));
			else b.append(c);
		}
		return b.append('"').toString();
	}

	static void print(String pattern, List<String> texts) {
		StringBuilder b = new StringBuilder("{\"pattern\":" + quote(pattern));
		Pattern p;
		try {
			p = Pattern.compile(pattern);
		} catch (PatternSyntaxException e) {
			System.out.println(b + ",\"error\":" + quote(e.getMessage()) + "}");
			return;
		} catch (RuntimeException e) {
			System.out.println(b + ",\"error\":" + quote(e.toString()) + "}");
			return;
		}
		b.append(",\"texts\":[");
		String comma = "";
		for (String text : texts) {
			Matcher m = p.matcher(text);
			b.append(comma).append("{\"text\":").append(quote(text)).append(",\"matches\":").append(m.matches());
			comma = ",";
			m.reset();
			if (m.find()) {
				b.append(",\"start\":").append(text.codePointCount(0, m.start())).append(",\"groups\":[");
				for (int i = 0; i <= m.groupCount(); i++) b.append(i == 0 ? "" : ",").append(quote(m.group(i)));
				b.append(']');
			}
			b.append('}');
		}
		System.out.println(b.append("]}"));
	}

	public static void main(String[] args) {
		Random r = new Random(5);
		for (String pattern : PATTERNS) print(pattern, Arrays.asList(TEXTS));
		for (int i = 0; i < 2500; i++) {
			String pattern = random(r, 3, new int[1]);
			List<String> texts = new ArrayList<>();
			for (int j = 0; j < 5; j++) {
				StringBuilder b = new StringBuilder();
				for (int n = r.nextInt(7); n > 0; n--) b.append("aaabbbcé1\n".charAt(r.nextInt(10)));
				texts.add(b.toString());
			}
			print(pattern, texts);
		}
	}
}
