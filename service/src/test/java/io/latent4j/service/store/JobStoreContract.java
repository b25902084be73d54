package io.latent4j.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.job.JobSpec;
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
import org.junit.jupiter.api.Test;

/** What every {@link JobStore} does. A test of a store implements this, and has its tests. */
public interface JobStoreContract {
    /** When the tests begin. */
    Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    /** As many as a test adds. */
    QueueBounds MANY = new QueueBounds(1000, 1000);

    /** The store, which has no job when a test begins, and is the same during one. */
    JobStore store();

    /** A job that nobody in particular asks for. */
    static NewJob job(String id) {
        return job(id, "", 0);
    }

    /** A job of a client. */
    static NewJob job(String id, String client, int priority) {
        return new NewJob(id, client, "", priority, spec("a red circle"), NOW, Optional.empty());
    }

    private static JobSpec spec(String prompt) {
        return new JobSpec(
                new GenerationRequest(prompt).withSeed(3).withSteps(2).withCount(3));
    }

    /** An image whose digest begins with {@code digit}. */
    static StoredImage image(int index, char digit) {
        return new StoredImage(digit + "0".repeat(63), index, -1 - index, 64, 32, "a star\nSteps: 2", NOW);
    }

    private static Instant after(long seconds) {
        return NOW.plusSeconds(seconds);
    }

    private StoredJob add(NewJob job) {
        return store().add(job, MANY);
    }

    private String claim(String worker) {
        return store().claim(worker, NOW).map(StoredJob::id).orElse("none");
    }

    private StoredJob find(String id) {
        return store().find(id).orElseThrow();
    }

    @Test
    default void keepsWhatItAccepts() {
        JobSpec spec = spec("Zwölf 猫 🐈 'of' \"us\" \\ % _ \n\t\u0000 <b>").withModel("shapes");
        NewJob job = new NewJob("A-b_9", "the client's", "Ann 猫 '\ud800", -100, spec, NOW, Optional.of(after(60)));

        StoredJob stored = add(job);

        assertThat(stored).isEqualTo(StoredJob.accepted(stored.number(), job));
        assertThat(find("A-b_9")).isEqualTo(stored);
        assertThat(store().list(JobQuery.NEWEST)).containsExactly(stored);
        assertThat(store().waiting()).containsExactly("A-b_9");
        assertThat(store().waitingCount()).isEqualTo(1);
        assertThat(store().runningCount()).isZero();
        assertThat(store().find("B")).isEmpty();
    }

    @Test
    default void refusesAnIdThatIsThere() {
        StoredJob first = add(job("a", "one", 0));

        assertThatExceptionOfType(JobExistsException.class).isThrownBy(() -> add(job("a", "two", 1)));
        assertThat(find("a")).isEqualTo(first);
        assertThat(store().waiting()).containsExactly("a");
    }

    @Test
    default void refusesMoreThanMayWait() {
        QueueBounds bounds = new QueueBounds(3, 2);
        store().add(job("a1", "a", 0), bounds);
        store().add(job("a2", "a", 5), bounds);

        assertThatExceptionOfType(QueueFullException.class)
                .isThrownBy(() -> store().add(job("a3", "a", 9), bounds))
                .satisfies(e -> assertThat(e.waiting()).isEqualTo(2));
        store().add(job("b1", "b", 0), bounds);
        assertThatExceptionOfType(QueueFullException.class)
                .isThrownBy(() -> store().add(job("c1", "c", 0), bounds))
                .satisfies(e -> assertThat(e.waiting()).isEqualTo(3));
        assertThat(store().find("a3")).isEmpty();
        assertThat(store().waitingCount()).isEqualTo(3);

        assertThat(claim("w")).isEqualTo("a2");
        store().add(job("a3", "a", 0), bounds);
        assertThat(store().waitingCount()).isEqualTo(3);
    }

    @Test
    default void countsClientsWhateverTheirLabels() {
        QueueBounds bounds = new QueueBounds(10, 2);
        store().add(labelled("a1", "ann"), bounds);
        store().add(labelled("a2", "ben"), bounds);
        add(job("b1", "b", 0));

        assertThatExceptionOfType(QueueFullException.class)
                .isThrownBy(() -> store().add(labelled("a3", "cy"), bounds))
                .satisfies(e -> assertThat(e.waiting()).isEqualTo(2));
        assertThat(store().waiting()).containsExactly("a1", "b1", "a2");
    }

    private static NewJob labelled(String id, String label) {
        return new NewJob(id, "a", label, 0, spec("a"), NOW, Optional.empty());
    }

    @Test
    default void refusesLabelsThatAreTooLongOrHaveControlCharacters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> labelled("a", "x".repeat(201)))
                .withMessageContaining("label has 201 letters");
        assertThatIllegalArgumentException().isThrownBy(() -> labelled("a", "x\ny"));
    }

    @Test
    default void givesTheFirstFirst() {
        List.of("a", "b", "c").forEach(id -> add(job(id)));
        add(job("urgent", "", 1));
        add(job("idle", "", -1));

        assertThat(store().waiting()).containsExactly("urgent", "a", "b", "c", "idle");
        assertThat(List.of(claim("w"), claim("w"), claim("w"), claim("w"), claim("w"), claim("w")))
                .containsExactly("urgent", "a", "b", "c", "idle", "none");
        assertThat(store().list(JobQuery.NEWEST))
                .extracting(StoredJob::number)
                .isSortedAccordingTo((a, b) -> Long.compare(b, a))
                .doesNotHaveDuplicates();
    }

    @Test
    default void letsClientsTakeTurns() {
        List.of("a1", "a2", "a3", "a4").forEach(id -> add(job(id, "a", 0)));
        assertThat(claim("w")).isEqualTo("a1");
        List.of("b1", "b2", "b3").forEach(id -> add(job(id, "b", 0)));

        assertThat(store().waiting()).containsExactly("a2", "b1", "a3", "b2", "a4", "b3");
        assertThat(List.of(claim("w"), claim("w"), claim("w"))).containsExactly("a2", "b1", "a3");
        add(job("c1", "c", 0));
        add(job("b4", "b", 0));
        assertThat(store().waiting()).containsExactly("b2", "a4", "b3", "c1", "b4");
    }

    @Test
    default void countsTheTurnsOfEachPriorityAlone() {
        List.of("u1", "u2", "u3").forEach(id -> add(job(id, "a", 5)));
        assertThat(List.of(claim("w"), claim("w"), claim("w"))).containsExactly("u1", "u2", "u3");
        List.of("a1", "a2").forEach(id -> add(job(id, "a", 0)));
        add(job("b1", "b", 0));
        add(job("u4", "a", 5));
        add(job("a3", "a", 0));

        assertThat(store().waiting()).containsExactly("u4", "a1", "b1", "a2", "a3");
    }

    @Test
    default void givesAJobToOneWorker() {
        add(job("a"));

        StoredJob claimed = store().claim("w", after(1)).orElseThrow();

        assertThat(claimed)
                .isEqualTo(find("a"))
                .returns(JobState.RUNNING, StoredJob::state)
                .returns(Optional.of("w"), StoredJob::worker)
                .returns(Optional.of(after(1)), StoredJob::started)
                .returns(Optional.empty(), StoredJob::ended)
                .returns(1, StoredJob::attempts);
        assertThat(store().claim("v", after(1))).isEmpty();
        assertThat(store().waitingCount()).isZero();
        assertThat(store().runningCount()).isEqualTo(1);
    }

    @Test
    default void givesEachJobOnceToWorkersThatRace() throws Exception {
        int jobs = 40;
        for (int i = 0; i < jobs; i++) {
            add(job("j" + i, "client " + i % 3, 0));
        }
        List<String> claimed = Collections.synchronizedList(new ArrayList<>());
        List<Callable<Boolean>> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String worker = "w" + i;
            workers.add(() -> {
                for (String id = claim(worker); !id.equals("none"); id = claim(worker)) {
                    claimed.add(id);
                    store().addImage(id, worker, image(0, 'a'));
                    store().end(id, worker, JobEnd.done(List.of(), NOW));
                }
                return true;
            });
        }
        race(workers);

        assertThat(claimed).hasSize(jobs).doesNotHaveDuplicates();
        assertThat(store().list(JobQuery.NEWEST.in(JobState.DONE))).hasSize(jobs);
    }

    @Test
    default void keepsItsBoundsWhenClientsRace() throws Exception {
        List<Callable<Boolean>> clients = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            NewJob job = job("j" + i, "client " + i % 3, 0);
            clients.add(() -> {
                try {
                    store().add(job, new QueueBounds(10, 4));
                    return true;
                } catch (QueueFullException e) {
                    return false;
                }
            });
        }
        List<Boolean> accepted = race(clients);

        assertThat(accepted).filteredOn(each -> each).hasSize(10);
        assertThat(store().list(JobQuery.NEWEST))
                .hasSize(10)
                .extracting(StoredJob::number)
                .doesNotHaveDuplicates();
        for (int i = 0; i < 3; i++) {
            assertThat(store().list(JobQuery.NEWEST.of("client " + i))).hasSizeLessThanOrEqualTo(4);
        }
    }

    private static <T> List<T> race(List<Callable<T>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
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
    default void keepsImagesByIndex() {
        add(job("a"));
        claim("w");

        assertThat(store().addImage("a", "w", image(1, 'b'))).isTrue();
        assertThat(store().addImage("a", "w", image(0, 'a'))).isTrue();
        assertThat(store().addImage("a", "w", image(1, 'c'))).isTrue();

        assertThat(find("a").images()).containsExactly(image(0, 'a'), image(1, 'b'));
        assertThat(store().list(JobQuery.NEWEST).get(0).images()).containsExactly(image(0, 'a'), image(1, 'b'));
        assertThat(store().image(image(0, 'b').digest())).contains(image(1, 'b'));
        assertThat(store().image(image(0, 'c').digest())).isEmpty();
        assertThat(store().inUse(Set.of(image(0, 'a').digest(), image(0, 'c').digest())))
                .containsExactly(image(0, 'a').digest());
        assertThat(store().inUse(Set.of())).isEmpty();
    }

    @Test
    default void keepsTheSameImageOfTwoJobs() {
        for (String id : List.of("a", "b")) {
            add(job(id));
            claim("w");
            store().addImage(id, "w", image(2, 'a'));
            store().end(id, "w", JobEnd.done(List.of(), NOW));
        }
        store().forget("a");

        assertThat(store().image(image(0, 'a').digest())).contains(image(2, 'a'));
        assertThat(store().inUse(Set.of(image(0, 'a').digest()))).hasSize(1);
        store().forget("b");
        assertThat(store().image(image(0, 'a').digest())).isEmpty();
        assertThat(store().inUse(Set.of(image(0, 'a').digest()))).isEmpty();
    }

    @Test
    default void keepsHowAJobEnds() {
        List.of("a", "b", "c").forEach(id -> add(job(id)));
        List.of("a", "b", "c").forEach(id -> claim("w"));
        store().addImage("a", "w", image(0, 'a'));
        List<String> warnings = List.of("the word \u0000 has no effect", "two 🐈");
        JobError error = new JobError(JobError.Kind.INVALID, "steps is 0; expected \"1\" or more\u0000");

        assertThat(store().end("a", "w", JobEnd.done(warnings, after(5)))).isTrue();
        assertThat(store().end("b", "w", JobEnd.failed(error, List.of(), after(6))))
                .isTrue();
        assertThat(store().end("c", "w", JobEnd.cancelled(List.of(), after(7)))).isTrue();

        assertThat(find("a"))
                .returns(JobState.DONE, StoredJob::state)
                .returns(warnings, StoredJob::warnings)
                .returns(Optional.of(after(5)), StoredJob::ended)
                .returns(Optional.empty(), StoredJob::error)
                .returns(List.of(image(0, 'a')), StoredJob::images);
        assertThat(find("b")).returns(JobState.FAILED, StoredJob::state).returns(Optional.of(error), StoredJob::error);
        assertThat(find("c")).returns(JobState.CANCELLED, StoredJob::state);
        assertThat(store().runningCount()).isZero();
        assertThat(store().list(JobQuery.NEWEST)).containsExactly(find("c"), find("b"), find("a"));
    }

    @Test
    default void letsOnlyAJobsWorkerChangeIt() {
        add(job("a"));
        assertThat(store().addImage("a", "w", image(0, 'a'))).isFalse();
        assertThat(store().end("a", "w", JobEnd.done(List.of(), NOW))).isFalse();
        assertThat(store().release("a", "w", NOW)).isFalse();
        claim("w");
        StoredJob running = find("a");

        assertThat(store().addImage("a", "v", image(0, 'a'))).isFalse();
        assertThat(store().end("a", "v", JobEnd.done(List.of(), NOW))).isFalse();
        assertThat(store().release("a", "v", NOW)).isFalse();
        assertThat(find("a")).isEqualTo(running);

        assertThat(store().end("a", "w", JobEnd.done(List.of(), NOW))).isTrue();
        StoredJob done = find("a");
        assertThat(store().addImage("a", "w", image(0, 'a'))).isFalse();
        assertThat(store().end("a", "w", JobEnd.cancelled(List.of(), after(1)))).isFalse();
        assertThat(store().release("a", "w", NOW)).isFalse();
        assertThat(store().addImage("none", "w", image(0, 'a'))).isFalse();
        assertThat(find("a")).isEqualTo(done);
    }

    @Test
    default void cancelsWhatWaitsAtOnce() {
        add(job("a"));

        StoredJob cancelled = store().cancel("a", after(2)).orElseThrow();

        assertThat(cancelled)
                .isEqualTo(find("a"))
                .returns(JobState.CANCELLED, StoredJob::state)
                .returns(Optional.of(after(2)), StoredJob::ended);
        assertThat(store().claim("w", NOW)).isEmpty();
        assertThat(store().cancel("a", after(3))).contains(cancelled);
        assertThat(store().cancel("none", NOW)).isEmpty();
    }

    @Test
    default void marksWhatRunsForItsWorker() {
        List.of("a", "b", "c").forEach(id -> add(job(id)));
        List.of("a", "b").forEach(id -> claim("w"));
        assertThat(store().toStop("w", Set.of("a", "b"))).isEmpty();
        assertThat(store().toStop("w", Set.of())).isEmpty();

        assertThat(store().cancel("a", after(2)).orElseThrow())
                .isEqualTo(find("a"))
                .returns(JobState.RUNNING, StoredJob::state)
                .returns(true, StoredJob::cancelling);
        assertThat(store().toStop("w", Set.of("a", "b"))).containsExactly("a");
        assertThat(store().toStop("v", Set.of("b"))).containsExactly("b");
        assertThat(store().toStop("w", Set.of("b", "c", "none"))).containsExactlyInAnyOrder("c", "none");
        assertThat(store().end("a", "w", JobEnd.cancelled(List.of(), NOW))).isTrue();
        assertThat(store().toStop("w", Set.of("a"))).containsExactly("a");
    }

    @Test
    default void queuesWhatItsWorkerGivesBack() {
        List.of("a1", "a2").forEach(id -> add(job(id, "a", 0)));
        claim("w");
        store().addImage("a1", "w", image(0, 'a'));
        add(job("b1", "b", 0));

        assertThat(store().release("a1", "w", NOW)).isTrue();

        assertThat(store().waiting()).containsExactly("a1", "a2", "b1");
        assertThat(find("a1"))
                .returns(JobState.QUEUED, StoredJob::state)
                .returns(0, StoredJob::attempts)
                .returns(List.of(image(0, 'a')), StoredJob::images);
        assertThat(claim("v")).isEqualTo("a1");
        assertThat(find("a1")).returns(1, StoredJob::attempts);
        assertThat(store().addImage("a1", "w", image(1, 'b'))).isFalse();
        assertThat(store().addImage("a1", "v", image(1, 'b'))).isTrue();
    }

    @Test
    default void cancelsWhatWasCancelledBeforeItIsGivenBack() {
        add(job("a"));
        claim("w");
        store().cancel("a", NOW);

        assertThat(store().release("a", "w", after(3))).isTrue();

        assertThat(find("a"))
                .returns(JobState.CANCELLED, StoredJob::state)
                .returns(Optional.of(after(3)), StoredJob::ended);
        assertThat(store().waiting()).isEmpty();
    }

    @Test
    default void queuesWhatDeadWorkersHad() {
        List.of("a", "b", "c").forEach(id -> add(job(id)));
        store().claim("dead", NOW);
        store().claim("alive", NOW);
        store().addImage("a", "dead", image(0, 'a'));
        store().beat("alive", after(10));

        assertThat(store().requeueLost(NOW, after(10))).isEmpty();
        assertThat(store().requeueLost(after(10), after(20))).containsExactly("a");

        assertThat(store().waiting()).containsExactly("a", "c");
        assertThat(find("a"))
                .returns(JobState.QUEUED, StoredJob::state)
                .returns(1, StoredJob::attempts)
                .returns(List.of(image(0, 'a')), StoredJob::images);
        assertThat(find("b")).returns(JobState.RUNNING, StoredJob::state);
        assertThat(store().addImage("a", "dead", image(1, 'b'))).isFalse();
        assertThat(store().requeueLost(after(11), after(20))).containsExactly("b");
        assertThat(store().requeueLost(after(11), after(20))).isEmpty();
    }

    @Test
    default void takesAClaimForALifeSign() {
        List.of("a", "b").forEach(id -> add(job(id)));
        store().beat("w", NOW);
        store().claim("w", after(5));

        assertThat(store().requeueLost(after(5), after(6))).isEmpty();
        store().claim("w", after(7));
        assertThat(store().requeueLost(after(7), after(8))).isEmpty();
        assertThat(store().requeueLost(after(8), after(9))).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    default void failsWhatWasBegunTooOften() {
        add(job("a"));
        for (int i = 1; i < JobStore.MOST_ATTEMPTS; i++) {
            store().claim("w" + i, after(i));
            assertThat(store().requeueLost(after(i + 1), after(i + 1))).containsExactly("a");
            assertThat(find("a")).returns(JobState.QUEUED, StoredJob::state).returns(i, StoredJob::attempts);
        }
        store().claim("last", after(10));
        assertThat(store().requeueLost(after(11), after(12))).containsExactly("a");

        assertThat(find("a"))
                .returns(JobState.FAILED, StoredJob::state)
                .returns(Optional.of(after(12)), StoredJob::ended)
                .returns(Optional.of(JobError.Kind.FAILED), job -> job.error().map(JobError::kind));
        assertThat(store().waiting()).isEmpty();
    }

    @Test
    default void cancelsWhatWasCancelledBeforeItsWorkerDied() {
        add(job("a"));
        store().claim("dead", NOW);
        store().cancel("a", NOW);

        assertThat(store().requeueLost(after(1), after(2))).containsExactly("a");
        assertThat(find("a")).returns(JobState.CANCELLED, StoredJob::state);
    }

    @Test
    default void failsWhatWaitsBeyondItsDeadline() {
        add(new NewJob("a", "", "", 0, spec("a"), NOW, Optional.of(after(5))));
        add(new NewJob("b", "", "", 0, spec("b"), NOW, Optional.of(after(6))));
        add(job("c"));
        add(new NewJob("d", "", "", 9, spec("d"), NOW, Optional.of(after(5))));
        assertThat(claim("w")).isEqualTo("d");

        assertThat(store().expire(after(4))).isEmpty();
        assertThat(store().expire(after(5))).containsExactly("a");
        assertThat(store().expire(after(5))).isEmpty();

        assertThat(find("a"))
                .returns(JobState.FAILED, StoredJob::state)
                .returns(Optional.of(after(5)), StoredJob::ended)
                .returns(Optional.of(JobError.Kind.DEADLINE), job -> job.error().map(JobError::kind));
        assertThat(store().waiting()).containsExactly("b", "c");
        assertThat(find("d")).returns(JobState.RUNNING, StoredJob::state);
    }

    @Test
    default void listsWhatIsAskedFor() {
        List<String> prompts = List.of("A red Circle", "50% of a star", "50 of a_star", "ein Würfel", "back\\slash");
        for (int i = 0; i < prompts.size(); i++) {
            add(new NewJob(
                    "j" + i,
                    i % 2 == 0 ? "even" : "odd",
                    "",
                    0,
                    spec(prompts.get(i)).withModel("m"),
                    NOW,
                    Optional.empty()));
        }
        store().cancel("j1", NOW);
        assertThat(claim("w")).isEqualTo("j0");

        assertThat(ids(JobQuery.NEWEST)).containsExactly("j4", "j3", "j2", "j1", "j0");
        assertThat(ids(JobQuery.NEWEST.atMost(2))).containsExactly("j4", "j3");
        assertThat(ids(JobQuery.NEWEST.atMost(2).before(find("j3").number()))).containsExactly("j2", "j1");
        assertThat(ids(JobQuery.NEWEST.in(JobState.QUEUED))).containsExactly("j4", "j3", "j2");
        assertThat(ids(JobQuery.NEWEST.in(JobState.RUNNING, JobState.CANCELLED)))
                .containsExactly("j1", "j0");
        assertThat(ids(JobQuery.NEWEST.of("odd"))).containsExactly("j3", "j1");
        assertThat(ids(JobQuery.NEWEST.of("odd").in(JobState.QUEUED))).containsExactly("j3");
        assertThat(ids(JobQuery.NEWEST.of("nobody"))).isEmpty();
        assertThat(ids(JobQuery.NEWEST.having("rEd c"))).containsExactly("j0");
        assertThat(ids(JobQuery.NEWEST.having("50%"))).containsExactly("j1");
        assertThat(ids(JobQuery.NEWEST.having("a_s"))).containsExactly("j2");
        assertThat(ids(JobQuery.NEWEST.having("k\\s"))).containsExactly("j4");
        assertThat(ids(JobQuery.NEWEST.having("WÜRFEL"))).containsExactly("j3");
        assertThat(ids(JobQuery.NEWEST.having("'"))).isEmpty();
    }

    private List<String> ids(JobQuery query) {
        return store().list(query).stream().map(StoredJob::id).toList();
    }

    @Test
    default void forgetsTheOldAndTheMany() {
        for (int i = 0; i < 6; i++) {
            add(job("j" + i));
            claim("w");
            if (i < 5) {
                store().addImage("j" + i, "w", image(0, (char) ('a' + i)));
                store().end("j" + i, "w", JobEnd.done(List.of("a warning"), after(10 - i)));
            }
        }
        add(job("waits"));

        assertThat(store().forget(NOW, 5)).isZero();
        assertThat(store().forget(after(7), 5)).isEqualTo(1);
        assertThat(ids(JobQuery.NEWEST)).containsExactly("waits", "j5", "j3", "j2", "j1", "j0");
        assertThat(store().forget(NOW, 2)).isEqualTo(2);
        assertThat(ids(JobQuery.NEWEST)).containsExactly("waits", "j5", "j1", "j0");
        assertThat(store().image(image(0, 'd').digest())).isEmpty();
        assertThat(store().image(image(0, 'a').digest())).isPresent();
        assertThat(store().forget(NOW.plus(Duration.ofDays(1)), 0)).isEqualTo(2);
        assertThat(ids(JobQuery.NEWEST)).containsExactly("waits", "j5");
    }

    @Test
    default void forgetsOneThatEnded() {
        List.of("a", "b").forEach(id -> add(job(id)));
        claim("w");

        assertThat(store().forget("a")).isFalse();
        assertThat(store().forget("b")).isFalse();
        assertThat(store().forget("none")).isFalse();
        store().end("a", "w", JobEnd.done(List.of(), NOW));
        assertThat(store().forget("a")).isTrue();
        assertThat(store().forget("a")).isFalse();
        assertThat(store().find("a")).isEmpty();

        assertThat(add(job("a")).number()).isGreaterThan(find("b").number());
        assertThat(store().waiting()).containsExactly("b", "a");
    }
}
