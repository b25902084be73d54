package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The commands of the files in {@code deploy} are understood, and what they name is where they say. */
class DeployFilesTest {
    private static final Path ROOT = Path.of(System.getProperty("latent4j.root", ".."));
    private static final Path DEPLOY = ROOT.resolve("deploy");

    private static String file(String name) throws IOException {
        return Files.readString(DEPLOY.resolve(name));
    }

    /** What follows the jar in a command. */
    private static List<String> arguments(List<String> command) {
        int jar = command.indexOf("-jar");
        assertThat(jar).as("%s", command).isPositive();
        assertThat(command.get(jar + 1)).isEqualTo("/opt/latent4j/latent4j.jar");
        return command.subList(jar + 2, command.size());
    }

    private static void assertUnderstood(List<String> arguments) {
        assertThat(arguments).startsWith("serve").contains("--data", "--api-key-file");
        assertThatCode(() -> Latent4j.commandLine().parseArgs(arguments.toArray(String[]::new)))
                .doesNotThrowAnyException();
    }

    @Test
    void theServiceStartsTheServer() throws IOException {
        Matcher start = Pattern.compile("(?m)^ExecStart=(.*)$").matcher(file("latent4j.service"));
        assertThat(start.find()).isTrue();

        assertUnderstood(arguments(Arrays.asList(start.group(1).split(" "))));
    }

    @Test
    void theContainerStartsTheServer() throws IOException {
        String dockerfile = file("Dockerfile");
        List<String> command = new ArrayList<>(words(dockerfile, "ENTRYPOINT"));
        command.addAll(words(dockerfile, "CMD"));

        assertUnderstood(arguments(command));
    }

    /** The words of the last instruction of this name at the beginning of a line, a list in JSON. */
    private static List<String> words(String dockerfile, String instruction) {
        String list = Pattern.compile("(?m)^" + instruction + " (\\[.*])$")
                .matcher(dockerfile)
                .results()
                .reduce((first, last) -> last)
                .orElseThrow()
                .group(1);
        return Config.parseJson(instruction, "{\"words\": " + list + "}").texts("words", List.of());
    }

    @Test
    void theContainerIsBuiltOfWhatIsThere() throws IOException {
        String dockerfile = file("Dockerfile");
        assertThat(dockerfile).contains("COPY . .", "cp cli/target/latent4j.jar LICENSE NOTICE /program/");
        assertThat(ROOT.resolve("LICENSE")).isRegularFile();
        assertThat(ROOT.resolve("NOTICE")).isRegularFile();
        assertThat(Files.readString(ROOT.resolve("cli").resolve("pom.xml")))
                .contains("<finalName>latent4j</finalName>");
        Matcher left = Pattern.compile("(?m)^(.+)$").matcher(file("Dockerfile.dockerignore"));
        assertThat(left.results().map(line -> line.group(1))).doesNotContain("cli", "LICENSE", "NOTICE", "**");
    }

    @Test
    void thePageNamesEveryFile() throws IOException {
        String page = Files.readString(ROOT.resolve("docs").resolve("deploy.md"));
        try (Stream<Path> files = Files.list(DEPLOY)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.endsWith(".dockerignore")))
                    .hasSizeGreaterThan(2)
                    .allMatch(name -> page.contains("(../deploy/" + name + ")"));
        }
    }
}
