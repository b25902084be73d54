package io.latent4j.core.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The software of third parties that NOTICE names, beside what a module has on its class path. */
public final class NoticeFile {
    private static final Path NOTICE = Path.of("..", "NOTICE");
    private static final String NO_ARTIFACTS = "Native libraries inside";
    private static final Pattern ROW = Pattern.compile("  .{30}(\\S.{0,49}).*"); // the column of artifacts
    private static final Pattern ARTIFACT = Pattern.compile("(?:([\\w.-]+):)?([\\w.*-]+)");
    private static final Pattern IN_A_REPOSITORY = Pattern.compile(".*/([^/]+)/([^/]+)/\\1-\\2[^/]*\\.jar");

    /** What only tests and benchmarks use, by where it lies in a repository. */
    private static final Pattern OF_TESTS =
            Pattern.compile(".*/(com/code-intelligence|com/tngtech/archunit|io/zonky/test"
                    + "|net/bytebuddy|org/apiguardian|org/assertj|org/junit|org/opentest4j|org/tukaani/xz"
                    + "|org/apache/commons/commons-lang3|com/deque|com/ethlo|com/google/auto|com/networknt|io/opentelemetry"
                    + "|org/seleniumhq|org/openjdk/jmh|net/sf/jopt-simple|org/apache/commons/commons-math3)/.*");

    private NoticeFile() {}

    /**
     * Checks that NOTICE names all of the class path that is neither of the project nor of tests alone.
     *
     * @param least how many there are at least, so that a class path that is not read fails
     */
    public static void requireAllOfTheClassPath(int least) throws IOException {
        List<Pattern> named = named();
        List<String> used = Splitter.on(File.pathSeparatorChar)
                .splitToStream(System.getProperty("java.class.path"))
                .map(entry -> entry.replace(File.separatorChar, '/'))
                .filter(entry -> IN_A_REPOSITORY.matcher(entry).matches())
                .filter(entry -> !entry.contains("/io/latent4j/")
                        && !OF_TESTS.matcher(entry).matches())
                .toList();
        assertThat(used).hasSizeGreaterThanOrEqualTo(least);
        assertThat(used.stream()
                        .filter(entry -> named.stream()
                                .noneMatch(each -> each.matcher(entry).matches())))
                .as("what NOTICE does not name")
                .isEmpty();
    }

    /** Where the artifacts of NOTICE lie in a repository. */
    private static List<Pattern> named() throws IOException {
        String text = Files.readString(NOTICE);
        List<Pattern> named = new ArrayList<>();
        String group = ""; // of the artifact before, on an earlier line too
        for (String line : Splitter.on('\n').split(text.substring(0, text.indexOf(NO_ARTIFACTS)))) {
            Matcher row = ROW.matcher(line);
            Matcher artifact = ARTIFACT.matcher(row.matches() ? row.group(1) : "");
            while (artifact.find()) {
                group = artifact.group(1) == null ? group : artifact.group(1).replace('.', '/');
                named.add(Pattern.compile(".*/" + Pattern.quote(group) + "/"
                        + artifact.group(2).replace(".", "\\.").replace("*", "[^/]*") + "/[^/]+/[^/]+"));
            }
        }
        return named;
    }
}
