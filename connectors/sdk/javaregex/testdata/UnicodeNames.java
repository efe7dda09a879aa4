import java.util.*;

/** Prints the names of Unicode's blocks with their first and last characters, and those of scripts: see README.md. */
public class UnicodeNames {
	public static void main(String[] args) throws Exception {
		var field = Character.UnicodeBlock.class.getDeclaredField("map");
		field.setAccessible(true);
		Map<?, ?> map = (Map<?, ?>) field.get(null);
		Map<Object, TreeSet<String>> names = new HashMap<>();
		map.forEach((name, block) -> names.computeIfAbsent(block, b -> new TreeSet<>()).add(name.toString().toUpperCase(Locale.ROOT)));
		Object last = null;
		int first = 0;
		for (int c = 0; c <= 0x110000; c++) {
			Object block = c > 0x10FFFF ? null : Character.UnicodeBlock.of(c);
			if (block == last) continue;
			if (last != null) System.out.printf("block %X %X %s%n", first, c - 1, String.join("|", names.get(last)));
			last = block;
			first = c;
		}
		field = Character.UnicodeScript.class.getDeclaredField("aliases");
		field.setAccessible(true);
		new TreeMap<>((Map<?, ?>) field.get(null)).forEach((alias, script) -> System.out.println("script " + alias + " " + script));
	}
}
