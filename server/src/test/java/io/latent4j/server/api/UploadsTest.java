package io.latent4j.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.core.image.ImageDecoder;
import io.latent4j.core.image.ImageMemoryException;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.JobRunner;
import io.latent4j.service.job.ControlFile;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.MaskFile;
import io.latent4j.service.job.SourceFiles;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.queue.Submission;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.MemoryJobStore;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UploadsTest {
    private final Instant old = Instant.now().minus(Duration.ofDays(3));
    private final Instant before = Instant.now().minus(Duration.ofDays(2));

    @TempDir
    private Path folder;

    private final MemoryJobStore store = new MemoryJobStore();

    private static byte[] png(int width, int height) {
        return PngFile.bytes(new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY), Map.of());
    }

    private Uploads uploads() {
        return new Uploads(folder.resolve("uploads"), Limits.DEFAULT);
    }

    /** Keeps an image that nobody has used for long. */
    private Path old(Uploads uploads, int width) throws IOException {
        Path file = uploads.file(uploads.put(png(width, 1), "image"), "image");
        Files.setLastModifiedTime(file, FileTime.from(old));
        return file;
    }

    private void clear(Uploads uploads, JobQueue queue) throws IOException {
        for (int part = 0; part < ImageFolder.PARTS; part++) {
            uploads.clear(part, before, queue);
        }
    }

    /** A queue whose jobs wait, as it takes none. */
    private JobQueue queue(ModelRegistry registry) {
        JobQueue queue = new JobQueue(
                new JobRunner(registry), store, new ImageFolder(folder.resolve("images")), QueueOptions.DEFAULT);
        queue.stop(Duration.ZERO);
        return queue;
    }

    private void add(JobSpec spec) {
        store.add(
                new io.latent4j.service.store.NewJob(
                        "job" + store.waitingCount(),
                        Submission.ANONYMOUS.client(),
                        "",
                        0,
                        spec.withRequest(spec.request().seeded()),
                        Instant.now(),
                        Optional.empty()),
                QueueOptions.DEFAULT.bounds());
    }

    @Test
    void deletesWhatNobodyUsedForLong() throws IOException {
        try (ModelRegistry registry = new ModelRegistry();
                JobQueue queue = queue(registry)) {
            Uploads uploads = uploads();
            Path unused = old(uploads, 1);
            Path used = old(uploads, 2);
            Path sentAgain = old(uploads, 3);
            uploads.file(String.valueOf(used.getFileName()).replace(".png", ""), "image");
            uploads.put(png(3, 1), "image");
            clear(uploads, queue);
            assertThat(unused).doesNotExist();
            assertThat(used).exists();
            assertThat(sentAgain).exists();
        }
    }

    @Test
    void leavesWhatAJobNeedsThatWaits() throws IOException {
        try (ModelRegistry registry = new ModelRegistry();
                JobQueue queue = queue(registry)) {
            Uploads uploads = uploads();
            Path source = old(uploads, 1);
            Path mask = old(uploads, 2);
            Path control = old(uploads, 3);
            Path other = old(uploads, 4);
            JobSpec spec = new JobSpec(new GenerationRequest("a"));
            add(spec.withSource(new SourceFiles(
                    source,
                    OptionalDouble.empty(),
                    Optional.of(new MaskFile(mask, 0, OptionalInt.empty())),
                    Optional.empty())));
            add(spec.withControls(List.of(
                    new ControlFile("edges", control, 1, io.latent4j.pipeline.request.DenoisingRange.ALL, false))));
            clear(uploads, queue);
            assertThat(List.of(source, mask, control))
                    .allSatisfy(file -> assertThat(file).exists());
            assertThat(other).doesNotExist();
        }
    }

    /** That is no fault of the request's. */
    @Test
    void saysWhenThereIsTooLittleMemory() {
        Uploads uploads = new Uploads(
                new ImageFolder(folder.resolve("uploads")), Limits.DEFAULT, Set::of, new ImageTurns(1, 0), file -> {
                    throw new ImageMemoryException("too little memory", new OutOfMemoryError());
                });
        assertThatThrownBy(() -> uploads.put(png(7, 1), "mask"))
                .isInstanceOfSatisfying(
                        ApiException.class, busy -> assertThat(busy.status()).isEqualTo(503))
                .hasMessage("there is too little memory for the image in mask just now; try again later, or send a"
                        + " smaller one");
        assertThat(folder.resolve("uploads")).isDirectoryNotContaining("glob:**.png");
    }

    @Test
    void leavesAnImageThatIsSentAgainWhenItCannotBeReadNow() {
        Uploads uploads = new Uploads(
                new ImageFolder(folder.resolve("uploads")),
                Limits.DEFAULT,
                Set::of,
                new ImageTurns(1, 0),
                ImageDecoder::decode);
        Path file = uploads.file(uploads.put(png(1, 1), "image"), "image");
        assertThatThrownBy(() -> uploads.decoded(
                        file,
                        "image",
                        image -> CompletableFuture.supplyAsync(() -> uploads.put(png(1, 1), "image"))
                                .join()))
                .hasRootCauseInstanceOf(ApiException.class);
        assertThat(file).exists();
    }

    @Test
    void refusesSidesBeyondWhatIsMade() {
        assertThatThrownBy(() -> uploads().put(png(16_385, 1), "image"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("16385x1");
    }
}
