package io.latent4j.jobstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredJob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a process has been told is stored outlives its being killed at any moment. Five kills are a sample; another version of H2
 * is to be tried with {@code -Dkills=40}, by which 2.5.252 failed each time.
 */
final class H2KillTest {
    private static final int KILLS = Integer.getInteger("kills", 5);

    @TempDir
    private Path folder;

    private final Map<String, String> said = new HashMap<>(); // the last of each job

    @Test
    void losesNothingWhenItIsKilled() throws IOException, InterruptedException {
        Random random = new Random(7);
        for (int i = 0; i < KILLS; i++) {
            int kill = i;
            writeAndKill(random.nextInt(60) + 1);
            try (SqlJobStore store = SqlJobStore.file(folder)) {
                said.forEach((id, what) -> assertThat(store.find(id))
                        .as("%s %s, kill %s", what, id, kill)
                        .hasValueSatisfying(job -> assertThat(has(job, what)).isTrue()));
            }
        }
    }

    /** Whether a job has come as far as this, or farther, as what comes next may be done and not said. */
    private static boolean has(StoredJob job, String what) {
        return switch (what) {
            case "added" -> true;
            case "claimed" -> job.state() != JobState.QUEUED;
            case "made" -> job.state() != JobState.QUEUED && job.images().size() == 1;
            default -> job.state() == JobState.DONE;
        };
    }

    private void writeAndKill(int lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(writing(folder))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var output = process.inputReader(StandardCharsets.UTF_8)) {
            int read = 0;
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (++read == lines) {
                    process.toHandle().destroyForcibly(); // and not the process, which would close its output
                }
                int space = line.indexOf(" ");
                said.put(line.substring(space + 1), line.substring(0, space));
            }
            assertThat(read).as("lines of the process").isGreaterThanOrEqualTo(lines);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** The command of {@link Writing}. */
    static List<String> writing(Path folder) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                Writing.class.getName(),
                folder.toString());
    }
}
