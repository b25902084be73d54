package io.latent4j.pipeline.request;

import com.google.common.collect.ImmutableMap;
import io.latent4j.lora.StrengthSchedule;
import java.util.Map;
import java.util.Objects;

/**
 * An adapter by the name under which it is attached to the pipeline, at a strength.
 *
 * @param name of an attached adapter
 * @param denoiserStrength 1 is as it was trained, 0 has no effect, below 0 is the opposite; -100 to 100
 * @param textStrength likewise for the text encoders
 * @param blocks factors of the strength by patterns of layers' names, {@code down_blocks.*} for instance; the first
 *     pattern that fits counts, and layers that none fits have the whole strength
 * @param schedule a factor of the denoiser's strength for each step
 */
public record AdapterUse(
        String name,
        double denoiserStrength,
        double textStrength,
        Map<String, Double> blocks,
        StrengthSchedule schedule) {
    private static final double MOST = 100;

    public AdapterUse {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(schedule, "schedule");
        blocks = ImmutableMap.copyOf(blocks);
        check(name, "denoiser", denoiserStrength);
        check(name, "text encoders", textStrength);
    }

    private static void check(String name, String part, double strength) {
        Checks.check(
                Math.abs(strength) <= MOST,
                "the strength of the adapter " + name + " for the " + part,
                strength,
                "-100 to 100");
    }

    /** The adapter as it was trained. */
    public AdapterUse(String name) {
        this(name, 1);
    }

    /** The adapter at one strength in all parts of the model. */
    public AdapterUse(String name, double strength) {
        this(name, strength, strength, Map.of(), StrengthSchedule.CONSTANT);
    }

    /** This at these strengths. */
    public AdapterUse withStrengths(double denoiserStrength, double textStrength) {
        return new AdapterUse(name, denoiserStrength, textStrength, blocks, schedule);
    }

    /** This with factors for some blocks, tried in their order. */
    public AdapterUse withBlocks(Map<String, Double> blocks) {
        return new AdapterUse(name, denoiserStrength, textStrength, blocks, schedule);
    }

    /** This with a strength for the denoiser that changes from step to step. */
    public AdapterUse withSchedule(StrengthSchedule schedule) {
        return new AdapterUse(name, denoiserStrength, textStrength, blocks, schedule);
    }
}
