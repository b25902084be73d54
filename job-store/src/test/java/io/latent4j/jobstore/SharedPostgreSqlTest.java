package io.latent4j.jobstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.latent4j.service.store.JobEnd;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.JobStoreContract;
import io.latent4j.service.store.NewJob;
import io.latent4j.service.store.QueueBounds;
import io.latent4j.service.store.QueueFullException;
import io.latent4j.service.store.StoredJob;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Two servers with a pool of connections each, and one PostgreSQL. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SharedPostgreSqlTest {
    private static final Instant NOW = JobStoreContract.NOW;
    private static final QueueBounds MANY = new QueueBounds(1000, 1000);

    private PostgreSqlServer server;
    private String url;
    private SqlJobStore one;
    private SqlJobStore two;

    @BeforeAll
    void start() {
        server = PostgreSqlServer.start();
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() {
        url = server.newDatabase();
        one = SqlJobStore.of(url, "postgres", "");
        two = SqlJobStore.of(url, "postgres", "");
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    @Test
    void givesNoJobTwice() throws Exception {
        int jobs = 60;
        for (int i = 0; i < jobs; i++) {
            one.add(JobStoreContract.job("j" + i, "client " + i % 3, i % 2), MANY);
        }
        List<String> order = one.waiting();
        List<String> claimed = Collections.synchronizedList(new ArrayList<>());
        List<Callable<Boolean>> workers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            JobStore store = i % 2 == 0 ? one : two;
            String worker = "w" + i;
            workers.add(() -> {
                for (var job = store.claim(worker, NOW); job.isPresent(); job = store.claim(worker, NOW)) {
                    String id = job.get().id();
                    claimed.add(id);
                    assertThat(store.addImage(id, worker, JobStoreContract.image(0, 'a')))
                            .isTrue();
                    assertThat(store.end(id, worker, JobEnd.done(List.of(), NOW)))
                            .isTrue();
                }
                return true;
            });
        }
        race(workers);

        assertThat(claimed).containsExactlyInAnyOrderElementsOf(order);
        assertThat(two.list(JobQuery.NEWEST))
                .hasSize(jobs)
                .allSatisfy(job -> assertThat(job.attempts()).isEqualTo(1));
    }

    @Test
    void keepsItsBoundsOverBoth() throws Exception {
        QueueBounds bounds = new QueueBounds(10, 4);
        List<Callable<Boolean>> clients = new ArrayList<>();
        for (int i = 0; i < 36; i++) {
            JobStore store = i % 2 == 0 ? one : two;
            NewJob job = JobStoreContract.job("j" + i, "client " + i % 3, 0);
            clients.add(() -> {
                try {
                    store.add(job, bounds);
                    return true;
                } catch (QueueFullException e) {
                    return false;
                }
            });
        }
        List<Boolean> accepted = race(clients);

        assertThat(accepted).filteredOn(each -> each).hasSize(10);
        assertThat(one.waitingCount()).isEqualTo(10);
        assertThat(one.list(JobQuery.NEWEST))
                .extracting(StoredJob::number)
                .containsExactly(10L, 9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L);
        for (int i = 0; i < 3; i++) {
            assertThat(two.list(JobQuery.NEWEST.of("client " + i))).hasSizeLessThanOrEqualTo(4);
        }
    }

    private static <T> List<T> race(List<Callable<T>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(tasks)) {
                results.add(result.get());
            }
            return results;
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void takesOverFromOneThatFellSilent() {
        one.add(JobStoreContract.job("a"), MANY);
        one.claim("one", NOW);
        one.addImage("a", "one", JobStoreContract.image(0, 'a'));
        two.beat("two", NOW.plusSeconds(10));

        assertThat(two.requeueLost(NOW, NOW.plusSeconds(10))).isEmpty();
        assertThat(two.requeueLost(NOW.plusMillis(1), NOW.plusSeconds(20))).containsExactly("a");
        StoredJob taken = two.claim("two", NOW.plusSeconds(20)).orElseThrow();

        assertThat(taken.images()).containsExactly(JobStoreContract.image(0, 'a'));
        assertThat(one.toStop("one", Set.of("a"))).containsExactly("a");
        assertThat(one.addImage("a", "one", JobStoreContract.image(1, 'b'))).isFalse();
        assertThat(one.end("a", "one", JobEnd.done(List.of(), NOW))).isFalse();
        assertThat(two.end("a", "two", JobEnd.done(List.of(), NOW))).isTrue();
        assertThat(one.find("a"))
                .isEqualTo(two.find("a"))
                .map(StoredJob::attempts)
                .contains(2);
    }

    /** A server that is stopped in the middle of a change loses it, and the others go on. */
    @Test
    void waitsForNoOneWhoStopsInAChange() throws Exception {
        one.add(JobStoreContract.job("a"), MANY);
        var source = PostgreSqlUrl.of(url).dataSource("postgres", "");
        try (var connection = source.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(PostgreSqlUrl.of(url).connectionSql().orElseThrow());
            statement.execute("set idle_in_transaction_session_timeout = '300ms'");
            connection.setAutoCommit(false);
            statement.execute("select id from latent4j.job_queue where id = 1 for update");

            assertThat(two.claim("two", NOW)).map(StoredJob::id).contains("a");
        }
    }

    @Test
    void goesOnWhenConnectionsBreak() {
        one.add(JobStoreContract.job("a"), MANY);
        server.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'latent4j'");

        Optional<StoredJob> claimed = Optional.empty();
        List<JobStoreException> errors = new ArrayList<>();
        while (claimed.isEmpty() && errors.size() < 10) {
            try {
                claimed = one.claim("one", NOW);
            } catch (JobStoreException e) {
                errors.add(e);
            }
        }

        assertThat(claimed).map(StoredJob::id).contains("a");
        assertThat(errors).allSatisfy(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void saysWhatIsWrong() {
        assertError(server.url("nothing"), "postgres", "the server has no such database; create it");
        server.execute("create role guest login");
        server.execute("create database bare");
        assertError(server.url("bare"), "guest", "the user may not do this");
        assertError("jdbc:postgresql://localhost:1/jobs", "postgres", "the server cannot be reached");
        server.execute("create database latin encoding 'LATIN1' locale 'C' template template0");
        assertError(server.url("latin"), "postgres", "has the encoding LATIN1; expected UTF8");
        assertError(server.url("postgres"), "nobody", "the user or the password is wrong");
    }

    private static void assertError(String url, String user, String message) {
        assertThatExceptionOfType(JobStoreException.class)
                .isThrownBy(() -> SqlJobStore.of(url, user, "secret"))
                .withMessageContaining(url)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "secret"));
    }

    @Test
    void staysOpenForAServerThatStartsBesideIt() {
        Duration day = Duration.ofDays(1);
        one.add(JobStoreContract.job("a"), MANY);
        one.claim("one", NOW);
        try (SqlJobStore three = SqlJobStore.of(url, "postgres", "")) {
            assertThat(three.requeueLost(NOW, NOW)).isEmpty();
            assertThat(three.requeueLost(NOW.plus(day), NOW)).containsExactly("a");
        }
        assertThat(one.waiting()).containsExactly("a");
    }
}
