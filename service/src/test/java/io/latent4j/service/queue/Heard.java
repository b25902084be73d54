package io.latent4j.service.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Writes down what a listener is told. */
final class Heard implements Consumer<JobEvent> {
    private final List<JobEvent> events = new ArrayList<>();

    @Override
    public synchronized void accept(JobEvent event) {
        events.add(event);
    }

    synchronized <T extends JobEvent> List<T> all(Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    synchronized List<String> words() {
        return events.stream().map(Heard::word).toList();
    }

    private static String word(JobEvent event) {
        if (event instanceof JobEvent.Queued queued) {
            return "queued " + queued.position();
        } else if (event instanceof JobEvent.Loading loading) {
            return "loading " + loading.model();
        } else if (event instanceof JobEvent.Started started) {
            return "started " + started.steps();
        } else if (event instanceof JobEvent.Stage stage) {
            return stage.stage() + " " + stage.image() + " of " + stage.images();
        } else if (event instanceof JobEvent.Step step) {
            return "step " + step.step() + " of " + step.steps();
        } else if (event instanceof JobEvent.Preview preview) {
            return "preview " + preview.image() + " after " + preview.step();
        } else if (event instanceof JobEvent.Image image) {
            return "image " + image.image().index();
        } else if (event instanceof JobEvent.Warning warning) {
            return "warning " + warning.warning();
        } else {
            return ((JobEvent.Ended) event).job().state().toString();
        }
    }
}
