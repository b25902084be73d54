package io.latent4j.server;

import io.latent4j.service.queue.JobEvent;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.store.StoredJob;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** What happens here as numbers that Prometheus reads. */
final class Metrics implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final double KIBIBYTE = 1024;

    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Map<String, Long> lastSteps = new ConcurrentHashMap<>(); // nanoseconds, by job
    private final Timer steps;
    private final Timer jobs;
    private final Timer waiting;
    private final Counter images;
    private final Counter refused;

    Metrics(JobQueue queue) {
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        collections.bindTo(meters);
        Gauge.builder("latent4j.queue.waiting", () -> queue.status().waiting())
                .description("Jobs that wait")
                .register(meters);
        Gauge.builder("latent4j.queue.running", () -> queue.status().running())
                .description("Jobs that run")
                .register(meters);
        Gauge.builder("latent4j.queue.most", () -> queue.status().most())
                .description("How many jobs may wait")
                .register(meters);
        Gauge.builder("process.resident.memory.bytes", Metrics::resident)
                .description("Memory of the process, the engine's included")
                .register(meters);
        steps = timer("latent4j.step", "From one denoising step to the next");
        jobs = timer("latent4j.job", "From a job's start to its end");
        waiting = timer("latent4j.job.waiting", "From a job's acceptance to its start");
        images = Counter.builder("latent4j.images")
                .description("Images that were finished")
                .register(meters);
        refused = Counter.builder("latent4j.jobs.refused")
                .description("Jobs that were refused because the queue was full")
                .register(meters);
        queue.observe(this::count);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofMinutes(10))
                .register(meters);
    }

    private static double resident() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(RESIDENT))
                    .mapToDouble(line -> KIBIBYTE * Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN; // not on this system
        }
    }

    private void count(String job, JobEvent event) {
        if (event instanceof JobEvent.Stage || event instanceof JobEvent.Started) {
            lastSteps.put(job, System.nanoTime());
        } else if (event instanceof JobEvent.Step) {
            Long last = lastSteps.put(job, System.nanoTime());
            if (last != null) {
                steps.record(System.nanoTime() - last, TimeUnit.NANOSECONDS);
            }
        } else if (event instanceof JobEvent.Image) {
            images.increment();
        } else if (event instanceof JobEvent.Ended ended) {
            lastSteps.remove(job);
            ended(ended.job());
        }
    }

    private void ended(StoredJob job) {
        Counter.builder("latent4j.jobs")
                .description("Jobs that have ended")
                .tag("state", job.state().name().toLowerCase(Locale.ROOT))
                .register(meters)
                .increment();
        job.started().ifPresent(started -> {
            waiting.record(Duration.between(job.accepted(), started));
            job.ended().ifPresent(end -> jobs.record(Duration.between(started, end)));
        });
    }

    void refused() {
        refused.increment();
    }

    /** Prometheus' text format. */
    String text() {
        return meters.scrape();
    }

    @Override
    public void close() {
        collections.close();
        meters.close();
    }
}
