package io.latent4j.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is sent ten times as many jobs as it can make: it accepts what its queue holds, refuses the rest, and goes on
 * answering. {@code -Dlatent4j.load.seconds=60} is for how long; what it prints are times, which nothing here asserts.
 */
final class ServeLoadTest {
    private static final int SECONDS = Integer.getInteger("latent4j.load.seconds", 5);
    private static final int MOST_WAITING = 20;
    private static final int TIMES = 10;
    private static final int PROBE = 20; // milliseconds between two questions whether it lives
    private static final int LOOK = 500; // milliseconds between two looks at the queue
    private static final String JOB = "{\"prompt\": \"a red circle\", \"steps\": 4, \"seed\": ";
    private static final double MILLION = 1e6;

    @TempDir
    private Path folder;

    private final Queue<String> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
    private final List<Long> health = Collections.synchronizedList(new ArrayList<>()); // nanoseconds
    private final List<Double> resident = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger seeds = new AtomicInteger();
    private final AtomicInteger mostSeen = new AtomicInteger();

    @Test
    @Timeout(600)
    void refusesWhatItCannotHoldAndEndsWhatItAccepted() throws Exception {
        try (ServedProcess server = ServedProcess.start(
                folder.resolve("data"),
                folder.resolve("log"),
                "--queue",
                "" + MOST_WAITING,
                "--queue-of-client",
                "" + MOST_WAITING)) {
            double seconds = secondsOfOne(server);
            long every = Math.max(1, (long) (1000 * seconds / TIMES));
            ScheduledExecutorService clients = Executors.newScheduledThreadPool(16);
            again(clients, every, () -> send(server));
            again(clients, PROBE, () -> probe(server));
            again(clients, LOOK, () -> look(server));
            Thread.sleep(1000L * SECONDS);
            clients.shutdown();
            assertThat(clients.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
            assertThat(wrong).isEmpty();
            assertThat(mostSeen.get()).isBetween(1, MOST_WAITING);
            assertThat(refused.get()).isPositive();
            Map<String, Integer> ends = ends(server);
            assertThat(ends).containsOnlyKeys("done");
            assertThat(ends.get("done")).isEqualTo(accepted.size());
            print(seconds, every);
        }
    }

    private interface Attempt {
        void run() throws IOException, InterruptedException;
    }

    private void again(ScheduledExecutorService clients, long every, Attempt attempt) {
        ScheduledFuture<?> unused =
                clients.scheduleAtFixedRate(() -> attempt(attempt), 0, every, TimeUnit.MILLISECONDS);
    }

    private void attempt(Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            wrong.add(e);
        }
    }

    /** How long a job takes here, once the model is open. */
    private double secondsOfOne(ServedProcess server) throws IOException, InterruptedException {
        double seconds = 0;
        for (int i = 0; i < 4; i++) {
            long start = System.nanoTime();
            String id = id(server.post("/api/jobs", JOB + seeds.incrementAndGet() + "}"));
            accepted.add(id);
            while (!server.json("/api/jobs/" + id).get("state").getAsString().equals("done")) {
                Thread.sleep(5);
            }
            seconds = (System.nanoTime() - start) / (1000 * MILLION);
        }
        return seconds;
    }

    private static String id(HttpResponse<String> answer) {
        return JsonParser.parseString(answer.body()).getAsJsonObject().get("id").getAsString();
    }

    private void send(ServedProcess server) throws IOException, InterruptedException {
        HttpResponse<String> answer = server.post("/api/jobs", JOB + seeds.incrementAndGet() + "}");
        if (answer.statusCode() == 202) {
            accepted.add(id(answer));
            return;
        }
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(429);
        assertThat(Integer.parseInt(answer.headers().firstValue("Retry-After").orElseThrow()))
                .isPositive();
        refused.incrementAndGet();
    }

    private void probe(ServedProcess server) throws IOException, InterruptedException {
        long start = System.nanoTime();
        assertThat(server.get("/healthz").body()).isEqualTo("ok");
        health.add(System.nanoTime() - start);
    }

    private void look(ServedProcess server) throws IOException, InterruptedException {
        JsonObject queue = server.json("/api/queue");
        mostSeen.accumulateAndGet(queue.get("waiting").getAsInt(), Math::max);
        server.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("process_resident_memory_bytes "))
                .forEach(line -> resident.add(Double.parseDouble(line.substring(line.indexOf(' ') + 1))));
    }

    /** How many of the accepted jobs are at which end, each of them once. */
    private Map<String, Integer> ends(ServedProcess server) throws IOException, InterruptedException {
        assertThat(accepted).doesNotHaveDuplicates();
        Map<String, Integer> ends = new HashMap<>();
        for (String id : accepted) {
            JsonElement state = server.json("/api/jobs/" + id).get("state");
            while (Set.of("queued", "running").contains(state.getAsString())) {
                Thread.sleep(50);
                state = server.json("/api/jobs/" + id).get("state");
            }
            ends.merge(state.getAsString(), 1, Integer::sum);
        }
        return ends;
    }

    private void print(double seconds, long every) {
        List<Long> sorted = health.stream().sorted().toList();
        int third = resident.size() / 3;
        System.out.printf(
                Locale.ROOT,
                "%d s: a job takes %.3f s, one was sent every %d ms; %d accepted, %d refused, at most %d waited;"
                        + " /healthz p50 %.1f ms, p99 %.1f ms, most %.1f ms; resident %.0f MiB in the first third, %.0f in"
                        + " the last%n",
                SECONDS,
                seconds,
                every,
                accepted.size(),
                refused.get(),
                mostSeen.get(),
                sorted.get(sorted.size() / 2) / MILLION,
                sorted.get((int) (sorted.size() * 0.99)) / MILLION,
                sorted.get(sorted.size() - 1) / MILLION,
                mean(resident.subList(0, third)),
                mean(resident.subList(resident.size() - third, resident.size())));
    }

    private static double mean(List<Double> bytes) {
        return bytes.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN) / (1 << 20);
    }
}
