package io.latent4j.service.queue;

import io.latent4j.service.store.StoredImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What one who begins to listen to a run missed and still wants: where it is, its warnings and its images. */
final class EventsSoFar {
    private final List<JobEvent> warnings = new ArrayList<>();
    private final TreeMap<Integer, JobEvent> images = new TreeMap<>();
    private Optional<JobEvent> place = Optional.empty(); // loading, or started
    private Optional<JobEvent> stage = Optional.empty();
    private Optional<JobEvent> step = Optional.empty();
    private Optional<JobEvent> end = Optional.empty();

    /** @param images that were finished before */
    EventsSoFar(List<StoredImage> images) {
        images.forEach(image -> add(new JobEvent.Image(image)));
    }

    void add(JobEvent event) {
        if (event instanceof JobEvent.Loading || event instanceof JobEvent.Started) {
            place = Optional.of(event);
        } else if (event instanceof JobEvent.Stage) {
            stage = Optional.of(event);
        } else if (event instanceof JobEvent.Step) {
            step = Optional.of(event);
        } else if (event instanceof JobEvent.Image image) {
            images.putIfAbsent(image.image().index(), event);
        } else if (event instanceof JobEvent.Warning) {
            warnings.add(event);
        } else if (event instanceof JobEvent.Ended) {
            end = Optional.of(event);
        }
    }

    int images() {
        return images.size();
    }

    List<JobEvent> all() {
        if (end.isPresent()) {
            return Stream.concat(images.values().stream(), end.stream()).toList();
        }
        return Stream.of(place.stream(), stage.stream(), step.stream(), images.values().stream(), warnings.stream())
                .flatMap(part -> part)
                .toList();
    }
}
