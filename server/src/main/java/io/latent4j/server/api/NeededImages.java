package io.latent4j.server.api;

import io.latent4j.service.job.ControlFile;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.MaskFile;
import io.latent4j.service.job.SourceFiles;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.StoredJob;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The images that jobs start from which wait or run. */
final class NeededImages {
    private static final int PAGE = 1000;

    private NeededImages() {}

    /** Of these digests, those of images that a job needs. */
    static Set<String> of(JobQueue queue, Set<String> digests) {
        Set<String> needed = of(queue);
        needed.retainAll(digests);
        return needed;
    }

    /** All that jobs need. */
    static Set<String> of(JobQueue queue) {
        Set<String> needed = new HashSet<>();
        JobQuery query = JobQuery.NEWEST.in(JobState.QUEUED, JobState.RUNNING).atMost(PAGE);
        List<StoredJob> jobs = queue.jobs(query);
        while (!jobs.isEmpty()) {
            jobs.forEach(job -> files(job.spec()).map(NeededImages::digest).forEach(needed::add));
            jobs = queue.jobs(query.before(jobs.get(jobs.size() - 1).number()));
        }
        return needed;
    }

    private static Stream<Path> files(JobSpec spec) {
        Stream<Path> images = spec.source().stream().map(SourceFiles::image);
        Stream<Path> masks =
                spec.source().stream().flatMap(source -> source.mask().stream()).map(MaskFile::image);
        Stream<Path> controls = spec.controls().stream().map(ControlFile::image);
        return Stream.of(images, masks, controls, spec.references().stream()).flatMap(all -> all);
    }

    private static String digest(Path file) {
        return String.valueOf(file.getFileName()).replaceFirst("[.].*", "");
    }
}
