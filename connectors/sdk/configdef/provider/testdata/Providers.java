import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/** Asks Kafka's own config providers and writes down what they answer, one JSON object a line: see README.md. */
public class Providers {
    static final ObjectMapper JSON = new ObjectMapper();
    static Path base;

    public static void main(String[] args) throws Exception {
        base = Files.createTempDirectory("providers").toRealPath();
        properties();
        files();
        directories();
        variables();
    }

    // What java.util.Properties makes of a text, in the file that a FileConfigProvider reads.
    static void properties() throws Exception {
        List<String> texts = new java.util.ArrayList<>(List.of(
            "a=1\nb:2\nc 3", "  a \t=\f b  ", "a = : b", "a:=b", "a = = b", "#a=1\n!b=2\n \t#c=3\nd=4", "a=1\\\n  2\\\r\n3\\\r4",
            "a=1\\\n#2", "a=1\\\n\n2", "a\\\n=1", "a\\ \\\n b=1", "\\\na=1", "a=\\", "a=\\\\", "a=\\\\\\", "\\", "\\\\", "=", ":", " = ", "=v", ":v", "a",
            "a=", "a b c", "a\\=b=c", "a\\:b:c", "a\\ b c", "\\#a=1", "\\!a=1", "a=\\t\\n\\r\\f\\q\\0\\\"\\'", "a=\\u0041\\u00e9", "a=\\uD83D\\uDE00",
            "\\u0041=1", "a\\u003db=1", "a=\\u12", "a=\\u12g4", "\\u=1", "a=\\U0041", "a=\\uuuu0041",
            "a=é😀", "a=\0b", "\0=1", "a=1\u000b2", "a\u000bb", "a=1\u0085b=2", "a=1\u2028b=2", "\ufeffa=1", "a=1\na=2", "a=1\rb=2\r\nc=3\n\r\nd=4",
            "a=1 # b", "a==1", "a\t\t1", "a\f=\f1\f", "a=\\ 1", "a=1\\ ", "a=${env:X}", "a\\", "a\\\n", "a\\\n\\\n", "#\\\na=1", "#a\\\\\nb=1", "!\r!\ra=1",
            "a=\\\n", "a=\\\n\\\n", "a \\\n= 1", "a\\\n\\ = 1", "a =\\\n 1", "a\\\n   b c", "\r\n\r\n", "\f", "\\\r\na", "\\ a=1", "a=\\u0020 b", "a\\u0020b=c"));
        Random random = new Random(17);
        String[] pieces = {"a", "b", "=", ":", " ", "\t", "\f", "\\", "\n", "\r", "#", "!", "\\u0041", "\\u00", "é", "\\n", "\\\n", "\\ "};
        for (int i = 0; i < 400; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(12); n >= 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            texts.add(text.toString());
        }
        for (String text : texts) {
            clear();
            Files.writeString(base.resolve("p"), text);
            Map<String, Object> c = new LinkedHashMap<>();
            c.put("text", text);
            ask(c, new FileConfigProvider(), Map.of(), p -> p.get(base.resolve("p").toString()).data());
        }
    }

    static void tree() throws IOException {
        clear();
        for (String dir : List.of("in/sub", "input", "out")) {
            Files.createDirectories(base.resolve(dir));
        }
        Map<String, String> contents = Map.of("in/f", "k=in\nempty=", "in/sub/f", "k=sub", "input/f", "k=input", "out/f", "k=out", "in/a b", "k=space");
        for (Map.Entry<String, String> e : contents.entrySet()) {
            Files.writeString(base.resolve(e.getKey()), e.getValue());
        }
        Files.write(base.resolve("in/bytes"), new byte[] {'k', '=', (byte) 0xe9});
        Files.createSymbolicLink(base.resolve("in/within"), Path.of("sub/f"));
        Files.createSymbolicLink(base.resolve("in/leaves"), Path.of("../out/f"));
        Files.createSymbolicLink(base.resolve("in/away"), Path.of("../out"));
        Files.createSymbolicLink(base.resolve("in/nowhere"), Path.of("nothing"));
    }

    static void files() throws Exception {
        for (String wrong : List.of("@/in, @/out", "in", "@/none", "@/in,@/none", ",", ",@/in", " @/in")) {
            tree();
            ask("file", new FileConfigProvider(), "allowed.paths", wrong, "@/in/f", List.of("k"));
        }
        String[] allowed = {null, "", "@/in", "@/in/", "@/in/f", "@/in/f,@/out", "@/in/../out", "@/in,", "/"};
        String[] paths = {"@/in/f", "@/in/sub/f", "@/input/f", "@/out/f", "@/in/../out/f", "@/out/../in/f", "@/in/./f", "@//in//f", "@/in/sub/../f", "@/in/away/f",
            "@/in/within", "@/in/leaves", "@/in/nowhere", "@/in/none", "@/in", "@/in/f/", "@/in/f/x", "@/in/a b", "@/in/bytes", "", " ", "@/in/f\0", "@/in/away/../f", "@/in/f ",
            "in/f", "../in/f", "~/f", "file:@/in/f"};
        for (String a : allowed) {
            for (String path : paths) {
                tree();
                ask("file", new FileConfigProvider(), "allowed.paths", a, path, List.of("k", "empty", "ghost"));
            }
        }
    }

    static void directories() throws Exception {
        String[] allowed = {null, "@/in", "@/in/f", "@/in/sub,@/out", "@/in/../out"};
        String[] paths = {"@/in", "@/in/", "@/in/sub", "@/input", "@/out", "@/in/..", "@/in/away", "@/in/../out", "@/in/f", "@/none", "", "@/in\0", "in"};
        for (String a : allowed) {
            for (String path : paths) {
                tree();
                ask("directory", new DirectoryConfigProvider(), "allowed.paths", a, path,
                    List.of("f", "sub", "sub/f", "./f", "../out/f", "..", ".", "", "within", "leaves", "away", "nowhere", "ghost", "a b", "F", "f\0"));
            }
        }
        tree();
        ask("directory", new DirectoryConfigProvider(), "allowed.paths", null, "@/in", List.of("f", "bytes"));
    }

    static void variables() throws Exception {
        Map<String, String> env = Map.of("DB_USER", "u", "DB_PASS", "p", "XDB_USER", "x", "EMPTY", "", "db_user", "low", "A.B", "dot", "É", "e");
        String[] patterns = {null, "", "DB_.*", "DB_", "^DB_.*$", "DB_(?!PASS).*", "(?<=D)B_USER", "D++B_.*", ".*+", "(?i)db_.*", "DB_USER|EMPTY", "(",  "[", "\\p{Lu}+", "\\p{IsUppercase}+",
            "\\w+", "(?U)\\w+", "[A-Z&&[^X]].*", "\\QA.B\\E", "A.B", "(D)B_USE\\1?R", "DB_{1,2}USER", "x{2,1}", "\\Z", "(?x) D B _ USER", "DB_USER\\z", "(?<n>D)B_USER", "\\X"};
        for (String pattern : patterns) {
            ask(env, pattern, "");
        }
        ask(env, null, null);
        ask(env, null, "x");
    }

    static void ask(Map<String, String> env, String pattern, String path) throws Exception {
        Map<String, Object> c = new LinkedHashMap<>();
        c.put("provider", "env");
        c.put("env", new TreeMap<>(env));
        ask(c, new EnvVarConfigProvider(env), "allowlist.pattern", pattern, path, List.of("DB_USER", "DB_PASS", "XDB_USER", "EMPTY", "db_user", "A.B", "É", "GHOST", ""));
    }

    static void ask(String name, ConfigProvider provider, String param, String value, String path, List<String> keys) throws Exception {
        Map<String, Object> c = new LinkedHashMap<>();
        c.put("provider", name);
        ask(c, provider, param, value, path, keys);
    }

    static void ask(Map<String, Object> c, ConfigProvider provider, String param, String value, String path, List<String> keys) throws Exception {
        Map<String, String> params = value == null ? Map.of() : Map.of(param, value);
        c.put("params", params);
        c.put("path", path);
        c.put("keys", keys);
        Map<String, String> absolute = new TreeMap<>();
        params.forEach((k, v) -> absolute.put(k, v.replace("@", base.toString())));
        Set<String> set = new LinkedHashSet<>(keys);
        ask(c, provider, absolute, p -> p.get(path == null ? null : path.replace("@", base.toString()), set).data());
    }

    interface Question {
        Map<String, String> ask(ConfigProvider p) throws Exception;
    }

    static void ask(Map<String, Object> c, ConfigProvider provider, Map<String, String> params, Question q) throws Exception {
        try (provider) {
            provider.configure(params);
            c.put("data", new TreeMap<>(q.ask(provider)));
        } catch (Exception e) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("class", e.getClass().getSimpleName());
            error.put("message", String.valueOf(e.getMessage()).replace(base.toString(), "@"));
            c.put("error", error);
        }
        System.out.write((JSON.writeValueAsString(c) + "\n").getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    static void clear() throws IOException {
        try (var all = Files.walk(base)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                if (!p.equals(base)) {
                    Files.delete(p);
                }
            }
        }
    }
}
