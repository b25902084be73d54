package io.latent4j.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers with one queue in PostgreSQL and one folder of images: one is killed, and the other goes on with all. */
final class ServeTogetherTest {
    private static final int JOBS = 12;

    @TempDir
    private Path folder;

    @Test
    @Timeout(600)
    void oneTakesOverWhatTheOtherLeft() throws Exception {
        try (EmbeddedPostgres database = start();
                ServedProcess first = serve(database, "first");
                ServedProcess second = serve(database, "second")) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < JOBS; i++) {
                ids.add(submit(i % 2 == 0 ? first : second, i));
            }
            Set<String> workers = new HashSet<>();
            while (workers.size() < 2) { // both make images
                workers.addAll(running(first));
                Thread.sleep(20);
            }
            first.kill();
            Set<String> digests = new HashSet<>();
            for (String id : ids) {
                JsonObject job = ended(second, id);
                assertThat(job.get("state").getAsString()).as(job.toString()).isEqualTo("done");
                assertThat(job.getAsJsonArray("images")).hasSize(1);
                digests.add(job.getAsJsonArray("images")
                        .get(0)
                        .getAsJsonObject()
                        .get("id")
                        .getAsString());
            }
            assertThat(digests).hasSize(JOBS); // of as many seeds
            assertThat(second.json("/api/jobs?limit=1000").getAsJsonArray("jobs"))
                    .hasSize(JOBS);
        }
    }

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (IOException | IllegalStateException e) {
            return abort("PostgreSQL cannot be started here: " + e.getMessage());
        }
    }

    private ServedProcess serve(EmbeddedPostgres database, String name) throws IOException {
        return ServedProcess.start(
                folder.resolve("data"),
                folder.resolve(name + ".log"),
                "--database",
                "jdbc:postgresql://localhost:" + database.getPort() + "/postgres",
                "--database-user",
                "postgres",
                "--queue-of-client",
                "100");
    }

    private static String submit(ServedProcess server, int seed) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                server.post("/api/jobs", "{\"prompt\": \"a red circle\", \"steps\": 12, \"seed\": " + seed + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return JsonParser.parseString(answer.body()).getAsJsonObject().get("id").getAsString();
    }

    /** The ids of the jobs that run, one of each server. */
    private static Set<String> running(ServedProcess server) throws IOException, InterruptedException {
        Set<String> ids = new HashSet<>();
        server.json("/api/jobs?state=running")
                .getAsJsonArray("jobs")
                .forEach(job -> ids.add(job.getAsJsonObject().get("id").getAsString()));
        return ids.size() < 2 ? Set.of() : ids;
    }

    private static JsonObject ended(ServedProcess server, String id) throws IOException, InterruptedException {
        while (true) {
            JsonObject job = server.json("/api/jobs/" + id);
            if (!Set.of("queued", "running").contains(job.get("state").getAsString())) {
                return job;
            }
            Thread.sleep(50);
        }
    }
}
