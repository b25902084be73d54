package io.latent4j.service.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.JobRunner;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobError;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.MemoryJobStore;
import io.latent4j.service.store.QueueBounds;
import io.latent4j.service.store.QueueFullException;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobQueueTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final QueueOptions OPTIONS =
            QueueOptions.DEFAULT.withBeat(Duration.ofMillis(10), Duration.ofSeconds(20));
    private static final JobSpec STAR = new JobSpec(
            new GenerationRequest("a star").withSize(16, 16).withSeed(3).withSteps(2));

    @TempDir
    private Path temporary;

    private final SetClock clock = new SetClock();
    private final JobStore store = new MemoryJobStore();
    private final CountDownLatch held = new CountDownLatch(1);
    private final List<AutoCloseable> closing = new ArrayList<>();
    private ModelRegistry registry;
    private ImageFolder images;

    @BeforeEach
    void open() {
        registry = registry(held);
        images = new ImageFolder(temporary.resolve("images"));
    }

    /** A registry with a model that cannot be opened before {@code held} is over. */
    private ModelRegistry registry(CountDownLatch held) {
        ModelRegistry made = new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32));
        made.addModel("held", () -> {
            await(held);
            return embedded();
        });
        closing.add(made);
        return made;
    }

    private static Model embedded() throws IOException {
        return Components.embedded(Device.cpu(), DataType.FLOAT32);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() throws Exception {
        held.countDown();
        Collections.reverse(closing);
        for (AutoCloseable each : closing) {
            each.close();
        }
    }

    private JobQueue queue() {
        return queue(store, OPTIONS);
    }

    private JobQueue queue(JobStore store, QueueOptions options) {
        JobQueue queue = new JobQueue(new JobRunner(registry), store, images, options, clock);
        closing.add(queue);
        return queue;
    }

    private static JobSpec many(int count, int batchSize, int steps) {
        return STAR.withRequest(
                STAR.request().withCount(count).withBatchSize(batchSize).withSteps(steps));
    }

    private static StoredJob done(JobQueue queue, String id) throws InterruptedException {
        StoredJob job = queue.await(id, LONG).orElseThrow();
        assertThat(job.state().isEnd()).as(job.toString()).isTrue();
        return job;
    }

    /** Has the only worker of a queue wait until {@link #held} is over. */
    private void hold(JobQueue queue) throws InterruptedException {
        String id = queue.submit(STAR.withModel("held"), Submission.ANONYMOUS).id();
        CountDownLatch running = new CountDownLatch(1);
        queue.subscribe(id, event -> {
            if (event instanceof JobEvent.Loading) {
                running.countDown();
            }
        });
        await(running);
    }

    private static String submit(JobQueue queue, String client, String id) {
        return queue.submit(STAR, Submission.by(client).withId(id)).id();
    }

    @Test
    void runsAJob() throws Exception {
        JobQueue queue = queue();
        JobSpec unseeded = new JobSpec(
                new GenerationRequest("a star").withSize(16, 16).withSteps(1).withCount(2));

        StoredJob accepted = queue.submit(unseeded, Submission.ANONYMOUS);
        StoredJob done = done(queue, accepted.id());

        assertThat(accepted.spec().request().batch().seed()).isPresent();
        assertThat(done)
                .returns(JobState.DONE, StoredJob::state)
                .returns(accepted.spec(), StoredJob::spec)
                .returns(1, StoredJob::attempts);
        assertThat(done.images()).hasSize(2).allSatisfy(image -> {
            assertThat(image.width()).isEqualTo(16);
            assertThat(image.parameters()).contains("a star", "Steps: 1");
            assertThat(images.find(image.digest())).isPresent();
        });
        assertThat(queue.job(done.id())).contains(done);
        assertThat(queue.jobs(JobQuery.NEWEST)).containsExactly(done);
        assertThat(queue.progress(done.id())).isEmpty();
    }

    @Test
    void letsClientsTakeTurnsAndTheUrgentGoFirst() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        List.of("a1", "a2", "a3").forEach(id -> submit(queue, "a", id));
        submit(queue, "b", "b1");
        queue.submit(STAR, Submission.by("c").withId("c1").withPriority(1));
        List<String> ended = Collections.synchronizedList(new ArrayList<>());
        for (String id : store.waiting()) {
            queue.subscribe(id, event -> {
                if (event instanceof JobEvent.Ended) {
                    ended.add(id);
                }
            });
        }
        assertThat(queue.position("c1")).contains(0);
        assertThat(queue.position("a3")).contains(4);
        assertThat(queue.position("none")).isEmpty();
        assertThat(queue.status()).isEqualTo(new QueueStatus(5, 1, 100));
        assertThat(queue.runningHere()).hasSize(1);

        held.countDown();
        done(queue, "a3");

        assertThat(ended).containsExactly("c1", "a1", "b1", "a2", "a3");
    }

    @Test
    void refusesMoreThanMayWait() throws Exception {
        JobQueue queue = queue(store, OPTIONS.withBounds(new QueueBounds(3, 2)));
        hold(queue);
        submit(queue, "a", "a1");
        submit(queue, "a", "a2");

        assertThatExceptionOfType(QueueFullException.class).isThrownBy(() -> submit(queue, "a", "a3"));
        submit(queue, "b", "b1");
        assertThatExceptionOfType(QueueFullException.class).isThrownBy(() -> submit(queue, "c", "c1"));
        assertThatIllegalArgumentException().isThrownBy(() -> submit(queue, "c", "no id"));
        assertThat(queue.status().waiting()).isEqualTo(3);
    }

    @Test
    void tellsWhatHappensInOrder() throws Exception {
        JobQueue queue = queue(store, OPTIONS.withBeat(Duration.ofHours(1), Duration.ofHours(4)));
        hold(queue);
        String id = queue.submit(many(2, 1, 2), Submission.ANONYMOUS).id();
        Heard heard = new Heard();
        Subscription subscription = queue.subscribe(id, heard);

        Heard observed = new Heard();
        queue.observe((job, event) -> {
            if (job.equals(id)) {
                observed.accept(event);
            }
        });
        queue.observe((job, event) -> {
            throw new IllegalStateException("the observer is broken");
        });
        held.countDown();
        StoredJob done = done(queue, id);

        assertThat(observed.words())
                .isEqualTo(heard.words().subList(1, heard.words().size()));
        assertThat(heard.words())
                .containsExactly(
                        "queued 0",
                        "loading embedded",
                        "started 4",
                        "TEXT 0 of 1",
                        "DENOISING 0 of 1",
                        "step 1 of 4",
                        "step 2 of 4",
                        "DECODING 0 of 1",
                        "image 0",
                        "TEXT 1 of 1",
                        "DENOISING 1 of 1",
                        "step 3 of 4",
                        "step 4 of 4",
                        "DECODING 1 of 1",
                        "image 1",
                        "DONE");
        assertThat(heard.all(JobEvent.Ended.class)).containsExactly(new JobEvent.Ended(done));
        assertThat(heard.all(JobEvent.Image.class))
                .extracting(JobEvent.Image::image)
                .isEqualTo(done.images());
        assertThat(subscription.isOpen()).isFalse();
    }

    @Test
    void tellsOneWhoComesLateWhereTheJobIs() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        String id = queue.submit(many(2, 1, 2), Submission.ANONYMOUS).id();
        Heard late = new Heard();
        queue.subscribe(id, event -> {
            if (event instanceof JobEvent.Step step && step.step() == 3) {
                queue.subscribe(id, late);
            }
        });

        held.countDown();
        StoredJob done = done(queue, id);
        Heard after = new Heard();
        Subscription subscription = queue.subscribe(id, after);
        waitFor(() -> !late.all(JobEvent.Ended.class).isEmpty());

        assertThat(late.words())
                .containsExactly(
                        "started 4",
                        "DENOISING 1 of 1",
                        "step 3 of 4",
                        "image 0",
                        "step 4 of 4",
                        "DECODING 1 of 1",
                        "image 1",
                        "DONE");
        assertThat(after.words()).containsExactly("image 0", "image 1", "DONE");
        assertThat(subscription.isOpen()).isFalse();
        assertThat(done.state()).isEqualTo(JobState.DONE);
    }

    @Test
    void tellsAllOfThemTheSameHoweverLateTheyCome() throws Exception {
        JobQueue queue = queue(store, OPTIONS.withWorkers(2));
        Random random = new Random(11);
        for (int round = 0; round < 15; round++) {
            String id = queue.submit(many(2, 1, 2), Submission.ANONYMOUS).id();
            List<Heard> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Heard heard = new Heard();
                all.add(heard);
                queue.subscribe(id, heard);
                LockSupport.parkNanos(random.nextInt(10_000_000));
            }
            done(queue, id);
            for (Heard heard : all) {
                waitFor(() -> !heard.all(JobEvent.Ended.class).isEmpty());
                List<String> words = heard.words();
                assertThat(words).endsWith("DONE").containsOnlyOnce("DONE", "image 0", "image 1");
                List<String> steps =
                        words.stream().filter(word -> word.startsWith("step")).toList();
                assertThat(steps)
                        .isEqualTo(List.of("step 1 of 4", "step 2 of 4", "step 3 of 4", "step 4 of 4")
                                .subList(4 - steps.size(), 4));
                if (!steps.isEmpty()) {
                    assertThat(words.indexOf("started 4"))
                            .as(words.toString())
                            .isBetween(0, words.indexOf(steps.get(0)));
                    assertThat(words).containsOnlyOnce("started 4").doesNotContain("started 0");
                }
            }
        }
    }

    /** Waits until something that is sure to happen has happened. */
    private static void waitFor(BooleanSupplier happened) {
        long end = System.nanoTime() + LONG.toNanos();
        while (!happened.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the end of the wait").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void tellsNoMoreToOneThatThrows() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        String id = submit(queue, "", "a");
        AtomicInteger told = new AtomicInteger();
        Subscription failing = queue.subscribe(id, event -> {
            told.incrementAndGet();
            throw new IllegalStateException("the listener is broken");
        });
        Heard heard = new Heard();
        queue.subscribe(id, heard);
        assertThat(failing.isOpen()).isFalse();

        held.countDown();

        assertThat(done(queue, id).state()).isEqualTo(JobState.DONE);
        assertThat(told).hasValue(1);
        assertThat(heard.words()).contains("image 0", "DONE");
    }

    @Test
    void tellsNothingAfterItsSubscriptionIsClosed() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        String id = submit(queue, "", "a");
        Heard heard = new Heard();
        try (Subscription subscription = queue.subscribe(id, heard)) {
            assertThat(subscription.isOpen()).isTrue();
        }
        held.countDown();
        done(queue, id);

        assertThat(heard.words()).containsExactly("queued 0");
        assertThat(queue.subscribe("none", heard).isOpen()).isFalse();
        assertThat(queue.await("none", LONG)).isEmpty();
        assertThat(heard.words()).hasSize(1);
    }

    @Test
    void tellsWherePlacesInTheLineChange() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        List.of("a", "b").forEach(id -> submit(queue, "", id));
        Heard heard = new Heard();
        queue.subscribe("b", heard);
        queue.cancel("a");

        waitFor(() -> heard.words().contains("queued 0"));
        assertThat(heard.words()).containsExactly("queued 1", "queued 0");
    }

    @Test
    void cancelsAJobThatWaits() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        String id = submit(queue, "", "a");
        Heard heard = new Heard();
        queue.subscribe(id, heard);
        Heard observed = new Heard();
        queue.observe((job, event) -> observed.accept(event));

        assertThat(queue.cancel(id).orElseThrow().state()).isEqualTo(JobState.CANCELLED);

        assertThat(heard.words()).containsExactly("queued 0", "CANCELLED");
        assertThat(queue.cancel(id)).isEqualTo(queue.job(id));
        assertThat(observed.words()).containsExactly("CANCELLED");
        assertThat(queue.cancel("none")).isEmpty();
        assertThat(queue.cancel("../none")).isEmpty();
        assertThat(queue.job("../none")).isEmpty();
        held.countDown();
        String next = submit(queue, "", "b");
        assertThat(done(queue, next).state()).isEqualTo(JobState.DONE);
        assertThat(queue.job(id).orElseThrow().attempts()).isZero();
    }

    @Test
    void cancelsAJobThatRunsWithinAStep() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        String id = queue.submit(many(2, 1, 100), Submission.ANONYMOUS).id();
        Heard heard = new Heard();
        queue.subscribe(id, event -> {
            heard.accept(event);
            if (event instanceof JobEvent.Step step && step.step() == 3) {
                assertThat(queue.cancel(id).orElseThrow().cancelling()).isTrue();
            }
        });
        held.countDown();

        assertThat(done(queue, id).state()).isEqualTo(JobState.CANCELLED);
        assertThat(heard.words()).endsWith("step 3 of 200", "CANCELLED");
    }

    @Test
    void failsAJobWhoseDeadlineIsOverWhileItWaits() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        Submission by = Submission.by("a").withDeadline(clock.instant().plusSeconds(5));
        Heard observed = new Heard();
        queue.observe((job, event) -> observed.accept(event));
        String id = queue.submit(STAR, by).id();
        clock.move(Duration.ofSeconds(5));

        assertThat(done(queue, id).error()).map(JobError::kind).contains(JobError.Kind.DEADLINE);
        assertThat(queue.job(id).orElseThrow().attempts()).isZero();
        assertThat(observed.words()).containsExactly("FAILED");
    }

    @Test
    void failsAJobWhoseDeadlineIsOverWhileItRuns() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        Submission by = Submission.by("a").withDeadline(clock.instant().plusSeconds(5));
        String id = queue.submit(many(1, 1, 100), by).id();
        Heard heard = new Heard();
        queue.subscribe(id, event -> {
            heard.accept(event);
            if (event instanceof JobEvent.Step step && step.step() == 2) {
                clock.move(Duration.ofSeconds(5));
            }
        });
        held.countDown();

        assertThat(done(queue, id).error()).map(JobError::kind).contains(JobError.Kind.DEADLINE);
        assertThat(heard.words()).endsWith("step 2 of 100", "FAILED");
    }

    @Test
    void tellsWhoseFaultAFailureIsAndGoesOn() throws Exception {
        registry.addModel("broken", () -> {
            throw new StackOverflowError();
        });
        registry.addModel("large", () -> {
            throw new OutOfMemoryError("Java heap space");
        });
        JobQueue queue = queue();
        String wrong = queue.submit(STAR.withRequest(STAR.request().withWidth(63)), Submission.ANONYMOUS)
                .id();
        String missing = queue.submit(STAR.withModel(temporary.resolve("none").toString()), Submission.ANONYMOUS)
                .id();
        String broken =
                queue.submit(STAR.withModel("broken"), Submission.ANONYMOUS).id();
        String large =
                queue.submit(STAR.withModel("large"), Submission.ANONYMOUS).id();
        String well = queue.submit(STAR, Submission.ANONYMOUS).id();

        assertThat(done(queue, well).state()).isEqualTo(JobState.DONE);
        JobError error = done(queue, wrong).error().orElseThrow();
        assertThat(error.kind()).isEqualTo(JobError.Kind.INVALID);
        assertThat(error.message()).contains("width is 63");
        assertThat(done(queue, missing).error()).map(JobError::kind).contains(JobError.Kind.FAILED);
        assertThat(done(queue, broken).error())
                .contains(new JobError(JobError.Kind.FAILED, "it failed; the log tells why"));
        assertThat(done(queue, large).error())
                .map(JobError::message)
                .hasValueSatisfying(message -> assertThat(message).startsWith("there is too little memory"));
    }

    @Test
    void keepsWarnings() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        String id = queue.submit(
                        STAR.withRequest(
                                STAR.request().withNegativePrompt("fog").withGuidanceScale(1)),
                        Submission.ANONYMOUS)
                .id();
        Heard heard = new Heard();
        queue.subscribe(id, heard);
        held.countDown();

        StoredJob done = done(queue, id);

        assertThat(done.warnings()).hasSize(1).first().asString().startsWith("the negative prompt has no effect");
        assertThat(heard.all(JobEvent.Warning.class))
                .extracting(JobEvent.Warning::warning)
                .isEqualTo(done.warnings());
    }

    @Test
    void showsWhatItIsDoing() throws Exception {
        QueueOptions eager = new QueueOptions(
                OPTIONS.bounds(),
                1,
                OPTIONS.beat(),
                OPTIONS.silence(),
                Duration.ZERO,
                OPTIONS.keepFor(),
                OPTIONS.keep());
        JobQueue queue = queue(store, eager);
        hold(queue);
        String id = queue.submit(many(3, 2, 3).withPreview(JobSpec.LINEAR), Submission.ANONYMOUS)
                .id();
        List<JobProgress> seen = new ArrayList<>();
        Heard heard = new Heard();
        queue.subscribe(id, event -> {
            heard.accept(event);
            if (event instanceof JobEvent.Preview || event instanceof JobEvent.Stage) {
                queue.progress(id).ifPresent(seen::add);
            }
        });
        held.countDown();
        done(queue, id);

        assertThat(heard.words().stream().filter(word -> word.startsWith("preview")))
                .containsExactly(
                        "preview 0 after 1",
                        "preview 1 after 1",
                        "preview 0 after 2",
                        "preview 1 after 2",
                        "preview 2 after 4",
                        "preview 2 after 5");
        assertThat(seen.get(0)).returns(0, JobProgress::step).returns(6, JobProgress::steps);
        assertThat(seen.get(seen.size() - 1))
                .returns(6, JobProgress::step)
                .returns(2, JobProgress::images)
                .satisfies(progress -> assertThat(progress.preview()).isPresent());
        assertThat(seen).extracting(JobProgress::step).isSorted();
    }

    @Test
    void finishesWhatRunsWhenItStopsWithGrace() throws Exception {
        JobQueue queue = queue();
        hold(queue);
        String running = store.list(JobQuery.NEWEST).get(0).id();
        String waiting = submit(queue, "", "a");
        Heard heard = new Heard();
        Subscription subscription = queue.subscribe(waiting, heard);
        Thread release = new Thread(() -> {
            waitFor(() -> isStopping(queue));
            held.countDown();
        });
        release.start();

        queue.stop(LONG);

        release.join();
        assertThat(store.find(running).orElseThrow().state()).isEqualTo(JobState.DONE);
        assertThat(store.find(waiting).orElseThrow().state()).isEqualTo(JobState.QUEUED);
        assertThat(subscription.isOpen()).isFalse();
        assertThat(heard.words()).containsExactly("queued 0");
        assertThat(queue.await(waiting, LONG).orElseThrow().state()).isEqualTo(JobState.QUEUED);
        queue.close();
    }

    private static boolean isStopping(JobQueue queue) {
        try {
            queue.submit(STAR.withModel("held"), Submission.by("late").withPriority(-100));
            return false;
        } catch (IllegalStateException | QueueFullException e) {
            return e instanceof IllegalStateException;
        }
    }

    @Test
    void acceptsNothingWhenItHasStopped() {
        JobQueue queue = queue();
        queue.close();

        assertThatIllegalStateException().isThrownBy(() -> submit(queue, "", "a"));
        assertThat(store.waitingCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void resumesAfterFinishedBatchesToTheSameImages(int batchSize) throws Exception {
        JobSpec spec = many(5, batchSize, 2);
        JobQueue whole = queue(new MemoryJobStore(), OPTIONS);
        List<StoredImage> expected =
                done(whole, whole.submit(spec, Submission.ANONYMOUS).id()).images();
        String id = "resumed";
        JobQueue first = queue();
        CountDownLatch third = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        hold(first);
        first.submit(spec, Submission.by("a").withId(id));
        first.subscribe(id, event -> {
            if (event instanceof JobEvent.Image image && image.image().index() == 2) {
                third.countDown();
                await(closing);
            }
        });
        held.countDown();
        await(third);
        Thread close = new Thread(first::close);
        close.start();
        waitFor(() -> isStopping(first));
        clock.move(Duration.ofSeconds(1));
        LockSupport.parkNanos(50_000_000); // for close to come to putting back
        closing.countDown();
        close.join();
        StoredJob putBack = store.find(id).orElseThrow();
        assertThat(putBack.state()).as(putBack.toString()).isEqualTo(JobState.QUEUED);
        assertThat(putBack.attempts()).isZero();
        assertThat(putBack.images()).hasSizeBetween(3, 4);

        JobQueue second = queue();
        Heard heard = new Heard();
        second.subscribe(id, heard);
        StoredJob done = done(second, id);

        assertThat(done.state()).isEqualTo(JobState.DONE);
        assertThat(done.images())
                .extracting(StoredImage::index, StoredImage::digest, StoredImage::seed, StoredImage::parameters)
                .isEqualTo(expected.stream()
                        .map(image -> Tuple.tuple(image.index(), image.digest(), image.seed(), image.parameters()))
                        .toList());
        waitFor(() -> !heard.all(JobEvent.Ended.class).isEmpty());
        assertThat(heard.words())
                .endsWith("DONE")
                .containsOnlyOnce("image 0", "image 1", "image 2", "image 3", "image 4");
        second.close();
    }

    @Test
    void takesOverWhatADeadProcessLeft() throws Exception {
        JobSpec spec = many(3, 1, 2);
        CutStore cut = new CutStore(store);
        JobQueue dead = queue(cut.store(), OPTIONS);
        String id = dead.submit(spec, Submission.ANONYMOUS).id();
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch revived = new CountDownLatch(1);
        Heard lost = new Heard();
        dead.subscribe(id, event -> {
            lost.accept(event);
            if (event instanceof JobEvent.Image) {
                first.countDown();
                await(revived);
            }
        });
        await(first);
        cut.cut(true);
        JobQueue alive = queue();
        Heard heard = new Heard();
        alive.subscribe(id, heard);
        assertThat(heard.words()).containsExactly("started 0", "image 0");
        clock.move(OPTIONS.silence().plusSeconds(1));

        StoredJob done = done(alive, id);
        cut.cut(false);
        revived.countDown();

        assertThat(done).returns(JobState.DONE, StoredJob::state).returns(2, StoredJob::attempts);
        waitFor(() -> !heard.all(JobEvent.Ended.class).isEmpty());
        assertThat(heard.words())
                .contains("started 4")
                .endsWith("DONE")
                .containsOnlyOnce("image 0", "image 1", "image 2", "DONE");
        waitFor(() -> !lost.all(JobEvent.Ended.class).isEmpty());
        assertThat(lost.words()).endsWith("image 1", "image 2", "DONE").containsOnlyOnce("image 0", "DONE");
        assertThat(store.find(id)).contains(done);
    }

    @Test
    void hearsOfTheJobsOfOtherProcesses() throws Exception {
        CountDownLatch forever = new CountDownLatch(1);
        JobQueue busy = new JobQueue(new JobRunner(registry(forever)), store, images, OPTIONS, clock);
        closing.add(busy);
        hold(busy);
        Heard heard = new Heard();
        String id = submit(busy, "", "a");
        busy.subscribe(id, heard);
        String cancelled = queueLong(busy);
        JobQueue other = queue();

        StoredJob done = done(busy, id);
        waitFor(() -> store.find(cancelled).orElseThrow().state() == JobState.RUNNING);
        busy.cancel(cancelled);

        assertThat(done.worker())
                .isNotEqualTo(store.find(heldId()).orElseThrow().worker());
        waitFor(() -> !heard.all(JobEvent.Ended.class).isEmpty());
        assertThat(heard.words()).startsWith("queued 0").endsWith("image 0", "DONE");
        assertThat(done(other, cancelled).state()).isEqualTo(JobState.CANCELLED);
        forever.countDown();
    }

    private static String queueLong(JobQueue queue) {
        return queue.submit(many(64, 1, 100), Submission.ANONYMOUS).id();
    }

    private String heldId() {
        return store.list(JobQuery.NEWEST).stream()
                .filter(job -> job.spec().model().equals(Optional.of("held")))
                .map(StoredJob::id)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void doesNotLoseWhatItsStoreAnswered() throws Exception {
        CutStore cut = new CutStore(store);
        JobQueue queue = queue(cut.store(), OPTIONS);
        cut.failAfter("claim");
        waitFor(() -> !cut.isFailing());
        cut.failAfter("claim");
        cut.failAfter("end");
        String id = queue.submit(STAR, Submission.ANONYMOUS).id();
        waitFor(() -> store.find(id).orElseThrow().attempts() == 1);
        clock.move(OPTIONS.silence().plusSeconds(1));

        assertThat(done(queue, id).state()).isEqualTo(JobState.DONE);
        assertThat(cut.isFailing()).isFalse();
    }

    @Test
    void forgetsWhatItIsToldTo() throws Exception {
        JobQueue queue = queue();
        String id = submit(queue, "", "a");
        done(queue, id);

        assertThat(queue.forget("../a")).isFalse();
        assertThat(queue.forget(id)).isTrue();
        assertThat(queue.job(id)).isEmpty();
        List.of("b", "c").forEach(next -> submit(queue, "", next));
        done(queue, "c");
        queue.close();
        JobQueue forgetful = queue(store, OPTIONS.keeping(Duration.ofDays(1), 1));
        waitFor(() -> store.list(JobQuery.NEWEST).size() == 1);
        assertThat(forgetful.job("c")).isPresent();
    }
}
