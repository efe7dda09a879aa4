import java.text.ParsePosition;
import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.Locale;
import java.util.Random;
import java.util.TimeZone;

/** Prints cases of what java.text.SimpleDateFormat formats and parses. See README.md. */
public class SimpleDateFormatGolden {
    static final Date CENTURY = new Date(-837521970000L); // 1943-06-18T10:20:30Z
    static final String[] PATTERNS = {
        "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyyMMdd", "yyyyMMddHHmmssSSS", "yy/M/d h:mm a", "EEE, dd MMM yyyy HH:mm:ss Z",
        "EEEE MMMM d, yyyy G", "YYYY-'W'ww-u", "D yyyy", "D yy", "w yyyy", "W MM yyyy E", "F E MM yyyy", "u W MM yy", "YY ww E", "YYYY ww u", "kk:mm:ss KK a", "K a k",
        "H K h k a", "S", "SSSSSS", "yyyyyy MMM", "LLL yyyy d", "LLLL", "G y M d", "yMd", "yyMMddHHmmss", "ddMMMyy", "HHa", "dMMMMyyyy", "''yyyy''", "'it''s' yyyy",
        "yyyy-MM-dd'T'HH", "E", "a", "G", "M", "MMMM", "ww", "W", "F", "u", "DDD", "HH:mm X", "HH:mm XX", "HH:mm XXX", "HH:mmX", "X", "Z", "yyyy w W D F u d",
        "E d M yyyy D", "D E yyyy", "w E", "W E", "F u", "h a H", "a h", "H h", "YYYY MM dd", "yyyy YYYY ww", "YYYY yyyy ww", "'x'", "yyyy '\u00e9\u20ac' dd", "yyyy\u5e74M\u6708d\u65e5", "GG yyyy-DDD", "d.M.yy",
    };
    static final String[] ZONE_PATTERNS = {"yyyy-MM-dd HH:mm:ss z", "HH:mm zzzz yyyy-MM-dd", "EEE MMM dd HH:mm:ss zzz yyyy", "z", "yyyy-MM-dd HH:mm Z", "yyyy-MM-dd HH:mm XXX", "yyyy-MM-dd HH:mm X"};
    static final String[] ZONES = {"America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Dublin", "Asia/Tokyo", "America/St_Johns", "Africa/Casablanca", "America/Sao_Paulo"};
    static final long[] INSTANTS = {0, -1, 1700000000123L, 1709164799999L, 951782400000L, 1451606400000L, 1577750400000L, -12219292800000L, -12219292800001L, -12210912000000L,
        -62135596800000L, -62135769600001L, -63524304000000L, 253402300799999L, 1720000000000L, 1699160400000L, 1678604400000L, -12200000000000L};
    static final String[] TEXTS = {"", " ", "2023-11-14 22:13:20.123", "2023-11-14T22:13:20+02:00", "44 BC", "23", "43", "42", "1 2 3", "1 2 2024", "60 2024", "-5", "+5", "1E2", "15E-1", "1e2", "5E", "NaN", "\u221e", "-\u221e", "\u22125",
        "99999999999", "1234567890123456789012", "9223372036854775808", "-9223372036854775808", "\u0663\u0664", "\ud835\udfcf", "0", "00", "000", "9", "8 1", "-1 -1 -1", "100 100 100", "13 13 2013", "\u017fun", "j\u0131", "AD", "anno domini 5",
        "Z", "+0130", "+01:30", "+01", "-1", "+24", "+23:60", "GMT", "GMT+1", "GMT+1:00", "GMT-01:30", "GMT+1:0", " GMT+1:00", "gmt", "UTC", "UTC+1", "UT", "PST", "pdt", "EST", "EDT", "CET", "CEST", "IST", "MSK", "Pacific Standard Time", "PT", "Z5", "12:00 am", "12PM", "13 am 5", "24 5 pm"};
    static final String CHARS = "0123456789 -:+/EJanTueZ.'BCAMP\tG";

    static String quote(String s) {
        StringBuilder b = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\') b.append('\\').append(c);
            else if (c < 32 || c > 126) b.append(String.format("\\u%04x", (int) c));
            else b.append(c);
        }
        return b.append('"').toString();
    }

    static SimpleDateFormat make(String pattern, String zone) {
        SimpleDateFormat f = new SimpleDateFormat(pattern, Locale.US);
        f.setTimeZone(TimeZone.getTimeZone(zone));
        f.set2DigitYearStart(CENTURY);
        return f;
    }

    static void format(String pattern, String zone, long millis) {
        System.out.printf("{\"pattern\":%s,\"zone\":\"%s\",\"millis\":%d,\"text\":%s}%n", quote(pattern), zone, millis, quote(make(pattern, zone).format(new Date(millis))));
    }

    static void parse(String pattern, String zone, String text) {
        ParsePosition pos = new ParsePosition(0);
        Date d = make(pattern, zone).parse(text, pos);
        String result = d == null || pos.getIndex() == 0 ? "null" : Long.toString(d.getTime());
        System.out.printf("{\"pattern\":%s,\"zone\":\"%s\",\"parse\":%s,\"result\":%s}%n", quote(pattern), zone, quote(text), result);
    }

    static String damage(Random r, String s) {
        StringBuilder b = new StringBuilder(s);
        for (int n = r.nextInt(3); n >= 0 && b.length() > 0; n--) {
            int at = r.nextInt(b.length());
            char c = CHARS.charAt(r.nextInt(CHARS.length()));
            switch (r.nextInt(4)) {
                case 0: b.setCharAt(at, c); break;
                case 1: b.insert(at, c); break;
                case 2: b.deleteCharAt(at); break;
                default: b.insert(at, (char) ('0' + r.nextInt(10))); break;
            }
        }
        return b.toString();
    }

    public static void main(String[] args) {
        Random r = new Random(17);
        for (String p : PATTERNS) {
            for (int i = 0; i < 8; i++) {
                long at = r.nextInt(3) > 0 ? INSTANTS[r.nextInt(INSTANTS.length)] : (long) (r.nextGaussian() * 3e13);
                format(p, "UTC", at);
                String text = make(p, "UTC").format(new Date(at));
                parse(p, "UTC", text);
                parse(p, "UTC", damage(r, text));
                parse(p, "UTC", damage(r, text));
                parse(p, "UTC", TEXTS[r.nextInt(TEXTS.length)]);
                parse(p, "UTC", TEXTS[r.nextInt(TEXTS.length)]);
            }
        }
        for (String p : new String[] {"z", "Z", "X", "XX", "XXX", "S", "y", "yy", "G y", "E", "M", "H a", "d"})
            for (String t : TEXTS) parse(p, "UTC", t);
        for (String p : ZONE_PATTERNS)
            for (String z : ZONES)
                for (int i = 0; i < 4; i++) {
                    long at = 1600000000000L + (long) (r.nextGaussian() * 4e11);
                    format(p, z, at);
                    parse(p, z, make(p, z).format(new Date(at)));
                    parse(p, "UTC", make(p, z).format(new Date(at)));
                    parse(p, z, damage(r, make(p, z).format(new Date(at))));
                }
        for (String z : ZONES)
            for (int i = 0; i < 60; i++)
                parse("yyyy-MM-dd HH:mm", z, String.format("2023-%02d-%02d %02d:30", 1 + r.nextInt(12), 1 + r.nextInt(31), r.nextInt(4)));
        for (String t : new String[] {"2023-03-12 02:30", "2023-03-12 03:00", "2023-11-05 01:30", "2023-11-05 00:59", "2023-11-05 02:00"}) parse("yyyy-MM-dd HH:mm", "America/New_York", t);
        for (String t : new String[] {"2023-03-26 02:30", "2023-10-29 02:30", "2023-10-29 01:59", "2023-10-29 03:00"}) parse("yyyy-MM-dd HH:mm", "Europe/Berlin", t);
    }
}
