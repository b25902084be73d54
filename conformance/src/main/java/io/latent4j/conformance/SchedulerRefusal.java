package io.latent4j.conformance;

import com.google.gson.JsonObject;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;

/** Tells a setting that latent4j does not have, and refuses by its name, from an error. */
final class SchedulerRefusal {
    private SchedulerRefusal() {}

    /**
     * The scheduler that {@code json} describes.
     *
     * @throws NotCovered if a key of {@code json} is refused by name
     * @throws IllegalArgumentException if it is refused for any other reason
     */
    static Scheduler check(JsonObject json, String name) {
        try {
            return Schedulers.from(SchedulerConfig.from(json, name));
        } catch (IllegalArgumentException e) {
            String start = name + ": ";
            String message = String.valueOf(e.getMessage());
            if (message.startsWith(start)
                    && json.has(message.substring(start.length()).split(" ", 2)[0])) {
                throw new NotCovered(message.substring(start.length()));
            }
            throw e;
        }
    }
}
