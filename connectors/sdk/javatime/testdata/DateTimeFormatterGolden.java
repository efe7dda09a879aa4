import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import java.util.Random;

/** Prints cases of what java.time.format.DateTimeFormatter formats and parses. See README.md. */
public class DateTimeFormatterGolden {
    static final String[] PATTERNS = {
        "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyyMMdd", "yyyyMMddHHmmssSSS", "uuuu-MM-dd", "u-M-d H:m:s", "yy-MM-dd", "yyMMdd", "uuMMdd HHmm", "dd/MM/yyyy hh:mm a",
        "EEE, dd MMM yyyy HH:mm:ss x", "EEEE d MMMM yyyy", "G yyyy-MM-dd", "GGGG y-M-d", "yyyy-DDD", "u D", "yyyyDDD", "yyyy-MM-dd[ HH:mm[:ss[.SSSSSS]]]", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "HH:mm", "HH", "H:mm:ss", "HHmm", "k:mm", "K:mm a",
        "h a", "yyyy-MM-dd HH:mm X", "yyyy-MM-dd HH:mm XX", "yyyy-MM-dd HH:mm:ss XXXX", "yyyy-MM-dd HH:mm:ss XXXXX", "yyyy-MM-dd HH:mm x", "yyyy-MM-dd HH:mm xx", "yyyy-MM-dd HH:mm xxx", "yyyy-MM-dd HH:mm Z", "yyyy-MM-dd HH:mm VV",
        "yyyy-MM-dd A", "yyyy-MM-dd N", "HH:mm:ss.n", "HH:mm:ss.nnnnnnnnn", "SSSSSSSSS", "''yyyy''", "'it''s' yyyy-MM-dd", "yyyyy-MM-dd", "yyy-MM-dd", "LLL d uuuu", "LLLL", "E", "MM", "a", "yyyy", "HH a", "u-MM-dd E D", "y u MM dd", "yyyy-MM", "ss", "d.M.uuuu", "HH:mm:ssSSS", "uuuuMMddHHmmssSSSX",
        "yyyy-MM-dd\u00e9", "[yyyy][-MM][-dd", "D", "DD uuuu", "M/d/yy",
    };
    static final String[] ZONES = {"Etc/UTC", "Z", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "+05:30", "-03:15:20", "Africa/Monrovia"};
    static final String[] TEXTS = {"", "2023-02-30", "2023-02-31 24:00", "2023-11-14 24:00:00.000", "24:00", "24:01", "25:00", "-0001-01-01", "+12023-01-01", "12023-01-01", "0000-01-01", "2023-366", "2024-366", "366 2023", "1 AM", "13 PM",
        "00 AM", "12 AM", "13 AM", "+18", "+19", "2023-11-14 22:13 +1", "2023-11-14 22:13 +01", "2023-11-14 22:13 +0130", "2023-11-14 22:13 -18:01", "2023-11-14 22:13 PST", "2023-11-14 22:13 UTC", "2023-11-14 22:13 Europe/Berlins", "Mon", "May", "may", "13", "2023-13-01", "2023-06-31",
        "9999999999-01-01", "-5-1-1", "+5-1-1", "20231114221320123", "2023111422132012", "12", "1", "00", "BC 0044-03-15", "AD 0044-03-15", "2023-11-14 ", " 2023-11-14", "2023-00-10", "2023-10-00", "231114"};
    static final String CHARS = "0123456789 -:+/EJanTueZ.'BCAMPG";

    static String quote(String s) {
        StringBuilder b = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\') b.append('\\').append(c);
            else if (c < 32 || c > 126) b.append(String.format("\\u%04x", (int) c));
            else b.append(c);
        }
        return b.append('"').toString();
    }

    static String format(String pattern, String zone, long seconds, int nanos) {
        String text;
        try {
            text = DateTimeFormatter.ofPattern(pattern, Locale.US).format(Instant.ofEpochSecond(seconds, nanos).atZone(ZoneId.of(zone)));
        } catch (RuntimeException e) {
            text = null;
        }
        System.out.printf("{\"pattern\":%s,\"zone\":\"%s\",\"seconds\":%d,\"nanos\":%d,\"text\":%s}%n", quote(pattern), zone, seconds, nanos, text == null ? "null" : quote(text));
        return text == null ? "" : text;
    }

    static void parse(String pattern, String text) {
        String result;
        try {
            TemporalAccessor t = DateTimeFormatter.ofPattern(pattern, Locale.US).parse(text);
            LocalDate date = t.query(TemporalQueries.localDate());
            LocalTime time = t.query(TemporalQueries.localTime());
            Period excess = t.query(DateTimeFormatter.parsedExcessDays());
            ZoneId zone = t.query(TemporalQueries.zoneId());
            result = String.format("{\"days\":%s,\"nanos\":%s,\"excess\":%b,\"offset\":%s,\"zone\":%s}", date == null ? null : date.toEpochDay(), time == null ? null : time.toNanoOfDay(),
                !excess.isZero(), t.isSupported(ChronoField.OFFSET_SECONDS) ? t.getLong(ChronoField.OFFSET_SECONDS) : null, zone == null ? null : quote(zone.getId()));
        } catch (RuntimeException e) {
            result = "null";
        }
        System.out.printf("{\"pattern\":%s,\"parse\":%s,\"result\":%s}%n", quote(pattern), quote(text), result);
    }

    static String damage(Random r, String s) {
        StringBuilder b = new StringBuilder(s);
        for (int n = r.nextInt(2); n >= 0 && b.length() > 0; n--) {
            int at = r.nextInt(b.length());
            char c = CHARS.charAt(r.nextInt(CHARS.length()));
            switch (r.nextInt(4)) {
                case 0: b.setCharAt(at, c); break;
                case 1: b.insert(at, c); break;
                case 2: b.deleteCharAt(at); break;
                default: b.setCharAt(at, (char) ('0' + r.nextInt(10))); break;
            }
        }
        return b.toString();
    }

    public static void main(String[] args) {
        Random r = new Random(17);
        for (String p : PATTERNS) {
            for (int i = 0; i < 8; i++) {
                long at = r.nextInt(4) > 0 ? 1600000000L + (long) (r.nextGaussian() * 4e8) : (long) (r.nextGaussian() * 2e11);
                String text = format(p, ZONES[r.nextInt(ZONES.length)], at, r.nextInt(3) > 0 ? r.nextInt(1000000000) : 0);
                parse(p, text);
                parse(p, damage(r, text));
                parse(p, damage(r, text));
                parse(p, TEXTS[r.nextInt(TEXTS.length)]);
            }
        }
        for (String p : new String[] {"yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm XXX", "yyyy-MM-dd HH:mm VV", "HH:mm", "h a", "HH a", "K a", "k", "u-M-d", "yyyyMMddHHmmssSSS", "E", "MMM", "yyMMdd", "X", "G yyyy-MM-dd", "D uuuu"})
            for (String t : TEXTS) parse(p, t);
    }
}
