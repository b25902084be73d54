package io.latent4j.spring.autoconfigure;

import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.queue.QueueStatus;
import io.latent4j.service.registry.ModelRegistry;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Which models are open and how many prompts wait; down once no more are accepted. */
final class Latent4jHealthIndicator extends AbstractHealthIndicator {
    private final ModelRegistry models;
    private final JobTurns jobs;
    private final Set<String> names;

    /** @param names of models that may be open */
    Latent4jHealthIndicator(ModelRegistry models, JobTurns jobs, Set<String> names) {
        this.models = models;
        this.jobs = jobs;
        this.names = new TreeSet<>(names);
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        QueueStatus queue = jobs.status();
        List<String> open = names.stream().filter(models::isOpen).toList();
        builder.status(jobs.isOpen() ? "UP" : "DOWN")
                .withDetail("openModels", open)
                .withDetail("running", queue.running())
                .withDetail("waiting", queue.waiting())
                .withDetail("mostWaiting", queue.most());
    }
}
