package io.latent4j.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed at random moments, as by {@code kill -9}, while clients send jobs: whatever it accepted is made, and
 * once. {@code -Dlatent4j.kills=20} is how often.
 */
final class ServeKillTest {
    private static final int KILLS = Integer.getInteger("latent4j.kills", 3);
    private static final int LONGEST_LIFE = 3000; // milliseconds after it is ready
    private static final int EVERY = 3; // of so many lives, one lasts until a job is done
    private static final int CLIENTS = 3;

    @TempDir
    private Path folder;

    private final Random random = new Random();
    private final AtomicLong seeds = new AtomicLong();
    private final Map<String, Long> accepted = new ConcurrentHashMap<>(); // seeds by id
    private final Map<String, String> ended = new HashMap<>(); // times by id
    private final Map<String, Set<String>> images = new HashMap<>(); // digests by id

    @Test
    @Timeout(1200)
    void makesWhatItAcceptedAndOnce() throws Exception {
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        for (int i = 0; i < KILLS; i++) {
            try (ServedProcess server = ServedProcess.start(data, log)) {
                live(server, i % EVERY == EVERY - 1);
                server.kill();
            }
        }
        assertThat(accepted).isNotEmpty();
        try (ServedProcess server = ServedProcess.start(data, log)) {
            for (Map.Entry<String, Long> job : accepted.entrySet()) {
                check(server, job.getKey(), job.getValue());
            }
            assertThat(server.json("/api/queue").get("waiting").getAsInt()).isZero();
        }
        try (Stream<Path> files = Files.walk(data.resolve("images"))) {
            List<Path> made = files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".png"))
                    .toList();
            assertThat(made).isNotEmpty();
            for (Path file : made) {
                assertThat(file.getFileName().toString())
                        .isEqualTo(Hashing.sha256().hashBytes(Files.readAllBytes(file)) + ".png");
            }
        }
    }

    /** Clients send jobs for a while, or until one is done. */
    private void live(ServedProcess server, boolean untilDone) throws IOException, InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        Thread[] clients = new Thread[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = new Thread(() -> send(server, over));
            clients[i].start();
        }
        if (untilDone) {
            int before = done(server);
            while (done(server) == before) {
                Thread.sleep(20);
            }
        }
        Thread.sleep(random.nextInt(LONGEST_LIFE));
        done(server);
        over.set(true);
        for (Thread client : clients) {
            client.join();
        }
    }

    /** The number of jobs that are done, each of which must stay as it is. */
    private int done(ServedProcess server) throws IOException, InterruptedException {
        int done = 0;
        for (JsonElement listed : server.json("/api/jobs?state=done&limit=1000").getAsJsonArray("jobs")) {
            JsonObject job = listed.getAsJsonObject();
            String id = job.get("id").getAsString();
            assertThat(ended.computeIfAbsent(id, key -> job.get("ended").getAsString()))
                    .isEqualTo(job.get("ended").getAsString());
            assertThat(images.computeIfAbsent(id, key -> digests(job))).isEqualTo(digests(job));
            done++;
        }
        return done;
    }

    private static Set<String> digests(JsonObject job) {
        return job.getAsJsonArray("images").asList().stream()
                .map(image -> image.getAsJsonObject().get("id").getAsString())
                .collect(Collectors.toSet());
    }

    private void send(ServedProcess server, AtomicBoolean over) {
        try {
            while (!over.get()) {
                long seed = 10 * seeds.incrementAndGet();
                HttpResponse<String> answer = server.post(
                        "/api/jobs",
                        "{\"prompt\": \"a red circle\", \"steps\": 2, \"count\": 2, \"seed\": " + seed + "}");
                if (answer.statusCode() == 202) {
                    accepted.put(
                            JsonParser.parseString(answer.body())
                                    .getAsJsonObject()
                                    .get("id")
                                    .getAsString(),
                            seed);
                } else {
                    assertThat(answer.statusCode()).isEqualTo(429);
                    Thread.sleep(100);
                }
            }
        } catch (IOException | InterruptedException e) {
            return; // it was killed
        }
    }

    private void check(ServedProcess server, String id, long seed) throws IOException, InterruptedException {
        JsonObject job = server.json("/api/jobs/" + id);
        while (Set.of("queued", "running").contains(job.get("state").getAsString())) {
            Thread.sleep(50);
            job = server.json("/api/jobs/" + id);
        }
        assertThat(job.get("state").getAsString()).as(job.toString()).isEqualTo("done");
        assertThat(job.getAsJsonArray("images")).hasSize(2);
        if (ended.containsKey(id)) {
            assertThat(job.get("ended").getAsString()).isEqualTo(ended.get(id));
            assertThat(digests(job)).isEqualTo(images.get(id));
        }
        for (int i = 0; i < 2; i++) {
            JsonObject image = job.getAsJsonArray("images").get(i).getAsJsonObject();
            assertThat(image.get("index").getAsInt()).isEqualTo(i);
            assertThat(image.get("seed").getAsLong()).isEqualTo(seed + i);
            byte[] png = server.bytes(image.get("url").getAsString());
            assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(64);
        }
    }
}
