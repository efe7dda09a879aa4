import java.text.SimpleDateFormat;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.Locale;
import java.util.TimeZone;

/** Prints what java.text.SimpleDateFormat formats and parses around the changes of the clocks. See README.md. */
public class DaylightGolden {
    static final String[] ZONES = {
        "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns", "America/Havana", "America/Santiago", "America/Nuuk", "Africa/Casablanca", "Africa/Cairo",
        "Asia/Tehran", "Asia/Gaza", "Asia/Beirut", "Asia/Pyongyang", "Asia/Kolkata", "Asia/Ulaanbaatar", "Atlantic/Azores", "Australia/Sydney", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin",
        "Europe/London", "Europe/Moscow", "Europe/Istanbul", "Europe/Volgograd", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter", "Pacific/Norfolk", "Antarctica/Troll",
    };
    static final String PATTERN = "yyyy-MM-dd HH:mm:ss Z", LOCAL = "yyyy-MM-dd HH:mm:ss";

    public static void main(String[] args) throws Exception {
        for (String zone : ZONES) {
            SimpleDateFormat f = new SimpleDateFormat(PATTERN, Locale.US), local = new SimpleDateFormat(LOCAL, Locale.US);
            f.setTimeZone(TimeZone.getTimeZone(zone));
            local.setTimeZone(TimeZone.getTimeZone(zone));
            Instant at = Instant.parse("2015-01-01T00:00:00Z");
            while (true) {
                var next = ZoneId.of(zone).getRules().nextTransition(at);
                if (next == null || next.getInstant().isAfter(Instant.parse("2023-01-01T00:00:00Z"))) break;
                at = next.getInstant();
                for (long seconds : new long[]{-1, 0, 1799, -3600}) {
                    long millis = (at.getEpochSecond() + seconds) * 1000;
                    System.out.printf("{\"pattern\":\"%s\",\"zone\":\"%s\",\"millis\":%d,\"text\":\"%s\"}%n", PATTERN, zone, millis, f.format(new Date(millis)));
                }
                for (int minutes : new int[]{-1, 0, 30, 59}) { // in the gap, or what the clocks show twice
                    String text = next.getDateTimeBefore().plusMinutes(next.isGap() ? minutes : minutes - 60).toString().replace('T', ' ');
                    if (text.length() == 16) text += ":00";
                    System.out.printf("{\"pattern\":\"%s\",\"zone\":\"%s\",\"parse\":\"%s\",\"result\":%d}%n", LOCAL, zone, text, local.parse(text).getTime());
                }
            }
        }
    }
}
