import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Random;

/** Prints numbers as Java writes them, texts as Java reads them, and letters in their other cases: see README.md. */
public class TextGolden {
	static String quote(String s) {
		StringBuilder b = new StringBuilder("\"");
		for (char c : s.toCharArray()) {
			if (c == '"' || c == '\\') b.append('\\').append(c);
			else if (c < 32 || c > 126) b.append(String.format("\\u%04x", (int) c));
			else b.append(c);
		}
		return b.append('"').toString();
	}

	static void print(String kind, String in, String out) {
		System.out.println("[\"" + kind + "\"," + quote(in) + "," + (out == null ? "null" : quote(out)) + "]");
	}

	static void doubleText(double d) { print("double", String.format("%016x", Double.doubleToLongBits(d)), Double.toString(d)); }

	static void floatText(float f) { print("float", String.format("%08x", Float.floatToIntBits(f)), Float.toString(f)); }

	static void decimalText(BigInteger unscaled, int scale) { print("decimal", unscaled + " " + scale, new BigDecimal(unscaled, scale).toString()); }

	interface Read { Object read(String s); }

	static void read(String kind, String s, Read r) {
		String out = null;
		try {
			out = r.read(s).toString();
		} catch (NumberFormatException e) {
			// refused
		}
		print(kind, s, out);
	}

	static void readAll(String s) {
		read("parseDouble", s, t -> String.format("%016x", Double.doubleToLongBits(Double.parseDouble(t))));
		read("parseFloat", s, t -> String.format("%08x", Float.floatToIntBits(Float.parseFloat(t))));
		read("parseLong", s, Long::parseLong);
		read("parseByte", s, Byte::parseByte);
		read("parseDecimal", s, t -> { BigDecimal d = new BigDecimal(t); return d.unscaledValue() + " " + d.scale(); });
	}

	public static void main(String[] args) {
		Random r = new Random(7);
		for (double d : new double[]{0, -0.0, 1, 0.1, 2e-3, 1e-3, 9.999e-4, 1e7, 9999999.999999998, 1.0E23, 2.0E-3, 4.9E-324, 9.9E-324, Double.MIN_NORMAL, Double.MAX_VALUE, 2.2250738585072011e-308, 1e22, 1e21, 5e-324, 8.41E21, 2.0E23, 1.1E-5, 123456789012345680d, 9007199254740993d, 0.3, 100, 1e100}) {
			doubleText(d);
			doubleText(-d);
			floatText((float) d);
		}
		for (int i = 0; i < 1500; i++) {
			doubleText(Double.longBitsToDouble(r.nextLong()));
			doubleText(Math.round(r.nextGaussian() * 1e6) / Math.pow(10, r.nextInt(9)));
			floatText(Float.intBitsToFloat(r.nextInt()));
			floatText((float) (Math.round(r.nextGaussian() * 1e4) / Math.pow(10, r.nextInt(6))));
			decimalText(new BigInteger(r.nextInt(100), r).multiply(BigInteger.valueOf(r.nextBoolean() ? 1 : -1)), r.nextInt(4) == 0 ? r.nextInt() : r.nextInt(30) - 12);
		}
		String chars = "0123456789012345678901234567890123456789....+-eEdDfFxXpP _NI,";
		for (String s : new String[]{"", " ", "NaN", "Infinity", "-Infinity", "+NaN", "nan", "inf", "0x1p3", "0x1.8p-2d", "0x", "1_0", "1d", "1f", "1D ", "\t1\n", "\u00a01", "\u0663", "1e", "1e+", "e1", ".", ".5", "5.", "+5", "--5", "1e400", "1e-400",
			"9223372036854775807", "9223372036854775808", "-9223372036854775808", "127", "128", "-129", "+7", "007", "1e2147483647", "1e2147483648", "1e-2147483648", "0e99999999999", "1E+5", "1.5e3", "\uff15", "0.1e-2147483647", "123456789.123456789", "4.9e-324", "2.4703282292062328e-324", "2.4703282292062327e-324", "3.4028236e38", "3.40282357e38", "1.00000017881393432617187499", "1.00000017881393432617187500"}) readAll(s);
		for (int i = 0; i < 400; i++) {
			StringBuilder b = new StringBuilder();
			for (int n = 1 + r.nextInt(9); n > 0; n--) b.append(chars.charAt(r.nextInt(chars.length())));
			readAll(b.toString());
		}
		for (int c = 0x80; c < 0x20000; c++) {
			String s = new String(Character.toChars(c));
			if (!Character.isDefined(c) || Character.isSurrogate((char) c) && c < 0x10000) continue;
			if (s.toUpperCase(Locale.ROOT).codePointCount(0, s.toUpperCase(Locale.ROOT).length()) > 1) print("upper", s, s.toUpperCase(Locale.ROOT));
			else if (!s.toUpperCase(Locale.ROOT).equals(s) && r.nextInt(4) == 0) print("upper", s, s.toUpperCase(Locale.ROOT));
			if (!s.toLowerCase(Locale.ROOT).equals(s) && (r.nextInt(4) == 0 || c == 0x130)) print("lower", s, s.toLowerCase(Locale.ROOT));
		}
		String letters = "aΣσς.,12-\":'\u0301\u00adAß İıǅ1";
		for (int i = 0; i < 800; i++) {
			StringBuilder b = new StringBuilder();
			for (int n = 1 + r.nextInt(6); n > 0; n--) b.append(r.nextInt(3) == 0 ? 'Σ' : letters.charAt(r.nextInt(letters.length())));
			print("lower", b.toString(), b.toString().toLowerCase(Locale.ROOT));
			print("upper", b.toString(), b.toString().toUpperCase(Locale.ROOT));
		}
	}
}
