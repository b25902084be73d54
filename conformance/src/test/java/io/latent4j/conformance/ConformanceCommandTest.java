package io.latent4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConformanceCommandTest {
    private static final String FOLDER = CompactReference.FOLDER.toString();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void printsALineForEachCaseAndKind(@TempDir Path folder) throws IOException {
        withAnUnknownKind(folder);
        assertThat(run(folder.toString(), "--kind", "manifest,adapter")).isZero();
        assertThat(out.toString().lines())
                .anyMatch(line -> line.matches("manifests/sd15/vae +0.00e\\+00 +0.00e\\+00  pass .*"))
                .anyMatch(line -> line.matches("training/ema +- +-  not covered  kind adapter"))
                .anyMatch(line -> line.matches("manifest +2 +0 +0"))
                .anyMatch(line -> line.matches("total +2 +0 +1"));
    }

    @Test
    void printsTheSameAsJson() {
        assertThat(run(FOLDER, "--kind", "manifest", "--json")).isZero();
        JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertThat(json.getAsJsonArray("cases")).hasSize(2);
        assertThat(json.getAsJsonObject("total").get("pass").getAsInt()).isEqualTo(2);
        assertThat(json.get("passed").getAsBoolean()).isTrue();
    }

    @Test
    void replaysSeveralFolders(@TempDir Path folder) throws IOException {
        withAnUnknownKind(folder);
        assertThat(run(FOLDER, folder.toString(), "--kind", "manifest", "--json"))
                .isZero();
        JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertThat(json.getAsJsonArray("cases")).hasSize(4);
        assertThat(run()).isEqualTo(2);
    }

    @Test
    void failsWhereNothingWasCompared(@TempDir Path folder) throws IOException {
        withAnUnknownKind(folder);
        assertThat(run(folder.toString(), "--kind", "adapter")).isEqualTo(1);
    }

    /** The reference data with a case of a kind that nothing replays. */
    private static void withAnUnknownKind(Path folder) throws IOException {
        CompactReference.copyTo(folder);
        Path index = folder.resolve("index.json");
        Files.writeString(index, Files.readString(index).replace("\"kind\": \"ema\"", "\"kind\": \"adapter\""));
    }

    @Test
    void refusesAKindThatIsNotThere() {
        assertThat(run(FOLDER, "--kind", "nonsense")).isEqualTo(2);
        assertThat(err.toString()).contains("no case of kind nonsense");
    }

    @Test
    void namesWhatItCannotRead(@TempDir Path empty) {
        assertThat(run(empty.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("index.json");
    }

    private int run(String... arguments) {
        return new CommandLine(new Conformance())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
