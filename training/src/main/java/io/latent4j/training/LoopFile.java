package io.latent4j.training;

import java.util.List;
import java.util.Optional;

/** Reads the {@code training} section of a run file, which every kind of run has. */
final class LoopFile {
    private LoopFile() {}

    /** The settings of {@code training}, each with its default. */
    static TrainingLoop.Settings read(RunFile training) {
        int steps = training.integer("steps", 1, 10_000);
        RateSchedule rate = new RateSchedule(
                training.real("rate", 1e-4),
                training.integer("warmup", 0, 0),
                steps,
                training.choice("rate_schedule", RateSchedule.Shape.CONSTANT));
        AdamW.Settings standard = AdamW.Settings.DEFAULT;
        List<Double> betas = training.reals("betas", List.of(standard.beta1(), standard.beta2()));
        AdamW.Settings adamW = new AdamW.Settings(
                betas.get(0),
                betas.get(1),
                training.real("epsilon", standard.epsilon()),
                training.real("weight_decay", standard.decay()));
        Optional<Ema.Decay> ema = training.real("ema").map(Ema.Decay::to);
        Optional<Double> clip = training.real("clip");
        clip.filter(norm -> !(norm > 0)).ifPresent(norm -> {
            throw training.bad("clip", norm, "above 0");
        });
        return new TrainingLoop.Settings(
                rate,
                training.integer("accumulate", 1, 1),
                clip,
                adamW,
                ema,
                training.choice("precision", Precision.FLOAT32),
                training.flag("recompute", false),
                training.integer("checkpoint_every", 1, 500),
                training.integer("keep", 1, 2),
                training.integer("log_every", 1, 50),
                training.integer("validate_every", 0, 500),
                training.integer("sample_every", 0, 500));
    }
}
