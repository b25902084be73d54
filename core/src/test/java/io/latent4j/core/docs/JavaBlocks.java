package io.latent4j.core.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;

/** The Java blocks of documentation, each of which stands in a test, word for word but for indents and blank lines. */
public final class JavaBlocks {
    private static final Pattern BLOCK = Pattern.compile("(?s)```java\\n(.*?)```");

    private JavaBlocks() {}

    /**
     * A test for each block of the pages, that it stands in {@code source}.
     *
     * @param least how many blocks there are at least, so that a page which is not found to have any fails
     */
    public static List<DynamicTest> standIn(Path source, int least, List<Path> pages) throws IOException {
        String code = unindented(Files.readString(source));
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages) {
            BLOCK.matcher(Files.readString(page)).results().forEach(found -> {
                String block = unindented(found.group(1));
                String name =
                        page.getFileName() + ": " + block.lines().findFirst().orElse("empty");
                tests.add(DynamicTest.dynamicTest(name, () -> assertThat(code).contains(block)));
            });
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(least);
        return tests;
    }

    private static String unindented(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }
}
