package io.latent4j.training.metrics;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sums of which a row of figures is made: losses, gradient norms and times since the last row. A checkpoint stores
 * them, so that the first row after a resume averages as many steps as any other.
 */
public final class MetricsWindow {
    private static final String KEY = "metrics_window";
    private static final String TERMS = "terms";
    private static final double NANOS = 1e9;

    private final Map<String, Double> terms = new TreeMap<>();
    private long parts;
    private long steps;
    private long skipped;
    private double losses;
    private double norms;
    private long waited; // nanoseconds
    private long since = System.nanoTime();

    /** Adds the terms of one batch's loss. */
    public void add(Map<String, NDArray> figures) {
        addToBatch(figures);
        parts++;
    }

    /** Adds terms to those of a batch that has been added. */
    public void addToBatch(Map<String, NDArray> figures) {
        figures.forEach((name, value) -> terms.merge(name, (double) value.getFloat(), Double::sum));
    }

    /** Adds time in which a batch was not there yet. */
    public void waited(long nanos) {
        waited += nanos;
    }

    /** Adds a step. */
    public void stepped(double loss, double norm) {
        losses += loss;
        norms += norm;
        steps++;
    }

    /** Adds a step that moved nothing; forgets the terms, which may not be numbers. */
    public void skipped() {
        terms.clear();
        parts = 0;
        skipped++;
    }

    /** Returns the averages as figures by name, and begins anew. */
    public Map<String, Double> close(double learningRate) {
        Map<String, Double> figures = new LinkedHashMap<>();
        if (steps > 0) {
            figures.put("loss", losses / steps);
        }
        terms.forEach((name, sum) -> figures.put(name, sum / parts));
        figures.put("rate", learningRate);
        if (steps > 0) {
            figures.put("gradient norm", norms / steps);
        }
        figures.put("seconds a step", (System.nanoTime() - since) / NANOS / (steps + skipped));
        figures.put("seconds for data", waited / NANOS / (steps + skipped));
        terms.clear();
        parts = 0;
        skipped = 0;
        steps = 0;
        losses = 0;
        norms = 0;
        waited = 0;
        since = System.nanoTime();
        return figures;
    }

    /** Adds the sums to a checkpoint's state. */
    public void write(JsonObject state) {
        JsonObject sums = new JsonObject();
        JsonObject each = new JsonObject();
        terms.forEach(each::addProperty);
        sums.add(TERMS, each);
        sums.addProperty("parts", parts);
        sums.addProperty("steps", steps);
        sums.addProperty("skipped", skipped);
        sums.addProperty("losses", losses);
        sums.addProperty("norms", norms);
        sums.addProperty("waited", waited);
        sums.addProperty("elapsed", System.nanoTime() - since);
        state.add(KEY, sums);
    }

    /**
     * Returns what {@link #write} added; an empty window where it did not.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    public static MetricsWindow read(Config state) {
        MetricsWindow window = new MetricsWindow();
        state.object(KEY).ifPresent(sums -> {
            Config terms = sums.section(TERMS);
            terms.keys().forEach(name -> window.terms.put(name, terms.real(name)));
            window.parts = count(sums, "parts");
            window.steps = count(sums, "steps");
            window.skipped = count(sums, "skipped");
            window.losses = sums.real("losses");
            window.norms = sums.real("norms");
            window.waited = count(sums, "waited");
            window.since = System.nanoTime() - count(sums, "elapsed");
        });
        return window;
    }

    private static long count(Config sums, String key) {
        long count = sums.unsigned(key).orElseThrow(() -> sums.bad(key, "is missing; expected a value"));
        if (count < 0) {
            throw sums.bad(key, Long.toUnsignedString(count), "less than 2^63");
        }
        return count;
    }
}
