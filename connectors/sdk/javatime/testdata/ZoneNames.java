import java.text.DateFormatSymbols;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;

/** Prints the names of time zones. See README.md. */
public class ZoneNames {
    public static void main(String[] args) {
        Map<String, StringBuilder> lines = new LinkedHashMap<>();
        for (String[] zone : DateFormatSymbols.getInstance(Locale.US).getZoneStrings()) {
            String names = String.join("|", zone[1], zone[2], zone[3], zone[4]);
            int saving = TimeZone.getTimeZone(zone[0]).getDSTSavings() / 60000;
            lines.computeIfAbsent(names + "|" + saving + "|", key -> new StringBuilder()).append(' ').append(zone[0]);
        }
        lines.forEach((names, ids) -> System.out.println(names + ids.substring(1)));
    }
}
