package io.latent4j.service.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.service.store.ImageFolder;
import io.latent4j.service.store.JobEnd;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.JobStoreContract;
import io.latent4j.service.store.MemoryJobStore;
import io.latent4j.service.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
    @TempDir
    private Path folder;

    private final SetClock clock = new SetClock();
    private final JobStore store = new MemoryJobStore();

    private Watch watch(JobStore store, QueueOptions options) {
        return new Watch(new QueueParts(store, new ImageFolder(folder), options, clock));
    }

    @Test
    void clearsUpTheImagesOfForgottenJobs() throws IOException {
        ImageFolder images = new ImageFolder(folder);
        List<String> digests = new ArrayList<>();
        for (String id : List.of("kept", "forgotten")) {
            String digest = images.put(id.getBytes(UTF_8));
            digests.add(digest);
            Files.setLastModifiedTime(
                    images.find(digest).orElseThrow(),
                    FileTime.from(clock.instant().minus(Duration.ofHours(2))));
            store.add(JobStoreContract.job(id), JobStoreContract.MANY);
            store.claim("w", clock.instant());
            store.addImage(id, "w", new StoredImage(digest, 0, 1, 8, 8, "a star", clock.instant()));
            store.end(id, "w", JobEnd.done(List.of(), clock.instant()));
        }
        String fresh = images.put("of a job that runs".getBytes(UTF_8));
        store.forget("forgotten");
        Watch watch = watch(store, QueueOptions.DEFAULT);
        for (int part = 0; part < ImageFolder.PARTS; part++) {
            watch.beat();
        }

        assertThat(images.find(digests.get(0))).isPresent();
        assertThat(images.find(digests.get(1))).isEmpty();
        assertThat(images.find(fresh)).isPresent();
    }

    @Test
    void forgetsOldJobs() {
        for (String id : List.of("old", "new")) {
            store.add(JobStoreContract.job(id), JobStoreContract.MANY);
            store.cancel(id, clock.instant());
            clock.move(Duration.ofHours(1));
        }
        watch(store, QueueOptions.DEFAULT.keeping(Duration.ofMinutes(90), 10)).beat();

        assertThat(store.list(JobQuery.NEWEST)).extracting(job -> job.id()).containsExactly("new");
    }

    @Test
    void doesItsOtherWorkWhenSomeFails() {
        CutStore cut = new CutStore(store);
        cut.failAfter("expire");
        cut.failAfter("requeueLost");
        store.add(JobStoreContract.job("a"), JobStoreContract.MANY);
        store.cancel("a", clock.instant());
        clock.move(Duration.ofDays(60));

        watch(cut.store(), QueueOptions.DEFAULT).beat();

        assertThat(cut.isFailing()).isFalse();
        assertThat(store.find("a")).isEmpty();
    }

    @Test
    void asksItsStoreSeldom() {
        List<String> called = new ArrayList<>();
        Watch watch = watch(new CutStore(store, called).store(), QueueOptions.DEFAULT);
        for (int beat = 0; beat < 30; beat++) {
            watch.beat();
        }

        assertThat(called).hasSize(30 + 15 + 1).containsOnlyOnce("forget").doesNotContain("waiting", "find", "beat");
    }
}
