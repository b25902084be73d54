package io.latent4j.training;

import java.util.List;
import java.util.Optional;

/** Reads the {@code training} section of a run file, which every kind of run has. */
final class LoopFile {
    private LoopFile() {}

    /** The settings of {@code training}, each with its default. */
    static TrainingLoop.Settings read(RunFile training) {
        return read(training, false);
    }

    /**
     * The settings of {@code training}, each with its default.
     *
     * @param recompute that of {@code recompute}
     */
    static TrainingLoop.Settings read(RunFile training, boolean recompute) {
        int steps = training.integer("steps", 1, 10_000);
        RateSchedule rate = new RateSchedule(
                training.real("rate", 1e-4),
                training.integer("warmup", 0, 0),
                steps,
                training.choice("rate_schedule", RateSchedule.Shape.CONSTANT));
        Optional<Ema.Decay> ema = training.real("ema").map(Ema.Decay::to);
        Optional<Double> clip = training.real("clip");
        clip.filter(norm -> !(norm > 0)).ifPresent(norm -> {
            throw training.bad("clip", norm, "above 0");
        });
        return new TrainingLoop.Settings(
                rate,
                training.integer("accumulate", 1, 1),
                clip,
                optimizer(training),
                ema,
                training.choice("precision", Precision.FLOAT32),
                training.flag("recompute", recompute),
                training.integer("checkpoint_every", 1, 500),
                training.integer("keep", 1, 2),
                training.integer("log_every", 1, 50),
                training.integer("validate_every", 0, 500),
                training.integer("sample_every", 0, 500),
                training.integer("save_every", 0, 0));
    }

    private static Optimizer.Settings optimizer(RunFile training) {
        String name = training.text("optimizer").orElse("adamw");
        return switch (name) {
            case "adamw" -> adamW(training);
            case "adafactor" -> adafactor(training);
            default -> throw training.bad("optimizer", name, "one of adamw, adafactor");
        };
    }

    private static AdamW.Settings adamW(RunFile training) {
        refuse(training, "relative_rate", "adamw");
        AdamW.Settings standard = AdamW.Settings.DEFAULT;
        List<Double> betas = training.reals("betas", List.of(standard.beta1(), standard.beta2()));
        return new AdamW.Settings(
                betas.get(0),
                betas.get(1),
                training.real("epsilon", standard.epsilon()),
                training.real("weight_decay", standard.decay()));
    }

    private static Adafactor.Settings adafactor(RunFile training) {
        refuse(training, "betas", "adafactor");
        refuse(training, "epsilon", "adafactor");
        Adafactor.Settings standard = Adafactor.Settings.DEFAULT;
        return new Adafactor.Settings(
                standard.epsilon(),
                standard.threshold(),
                training.flag("relative_rate", standard.relative()),
                training.real("weight_decay", standard.decay()));
    }

    private static void refuse(RunFile training, String key, String optimizer) {
        if (training.has(key)) {
            throw training.bad(key, "there", "none, as optimizer is " + optimizer);
        }
    }
}
