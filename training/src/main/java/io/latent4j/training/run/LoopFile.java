package io.latent4j.training.run;

import io.latent4j.training.config.RunFile;
import io.latent4j.training.optimizer.Adafactor;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.Ema;
import io.latent4j.training.optimizer.Optimizer;
import io.latent4j.training.optimizer.Precision;
import io.latent4j.training.optimizer.RateSchedule;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * The {@code training} section of a run file, which every kind of run has.
 *
 * @param settings how the run goes; where there are epochs, of a run of as many steps as its warm-up
 * @param epochs how many times the run goes through all images; empty where it says its steps
 */
public record LoopFile(TrainingLoop.Settings settings, Optional<Integer> epochs) {

    /** The settings of {@code training}, each with its default. */
    public static LoopFile read(RunFile training) {
        return read(training, false);
    }

    /**
     * The settings of {@code training}, each with its default.
     *
     * @param recompute that of {@code recompute}
     */
    public static LoopFile read(RunFile training, boolean recompute) {
        return training.checked(() -> parse(training, recompute));
    }

    private static LoopFile parse(RunFile training, boolean recompute) {
        int warmUp = training.integer("warmup", 0, 0);
        int steps = training.integer("steps", 1, 10_000);
        Optional<Integer> epochs =
                Optional.of(training.integer("epochs", 1, 1)).filter(given -> training.has("epochs"));
        if (epochs.isPresent() && training.has("steps")) {
            throw training.bad("epochs", epochs.get(), "none beside steps; leave one of them out");
        }
        RateSchedule rate = new RateSchedule(
                training.real("rate", 1e-4),
                warmUp,
                epochs.isPresent() ? warmUp : steps,
                shape(training),
                training.real("min_rate", 0));
        Optional<Ema.Decay> ema = training.real("ema").map(Ema.Decay::to);
        Optional<Double> clip = training.real("clip");
        clip.filter(norm -> !(norm > 0)).ifPresent(norm -> {
            throw training.bad("clip", norm, "above 0");
        });
        return new LoopFile(
                new TrainingLoop.Settings(
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
                        training.integer("save_every", 0, 0)),
                epochs);
    }

    private static RateSchedule.Shape shape(RunFile training) {
        String name = training.text("rate_schedule").orElse("constant");
        int cycles = training.integer("cycles", 1, 2);
        double power = training.real("power", 2);
        refuseUnless(training, "cycles", "rate_schedule", name, "cosine_restarts");
        refuseUnless(training, "power", "rate_schedule", name, "polynomial");
        return switch (name) {
            case "constant" -> {
                refuse(training, "min_rate", "rate_schedule is constant");
                yield RateSchedule.Shape.CONSTANT;
            }
            case "linear" -> RateSchedule.Shape.LINEAR;
            case "cosine" -> RateSchedule.Shape.COSINE;
            case "cosine_restarts" -> new RateSchedule.Cosine(cycles);
            case "polynomial" -> new RateSchedule.Polynomial(power);
            default ->
                throw training.bad(
                        "rate_schedule", name, "one of constant, linear, cosine, cosine_restarts, polynomial");
        };
    }

    /**
     * The settings for a run on these images.
     *
     * @param batchesPerEpoch asked only where it matters
     */
    public TrainingLoop.Settings on(IntSupplier batchesPerEpoch, TrainingLoop.Watcher watcher) {
        if (epochs.isEmpty()) {
            return settings;
        }
        long batches = (long) epochs.get() * batchesPerEpoch.getAsInt();
        long steps = (batches + settings.accumulate() - 1) / settings.accumulate();
        watcher.note(epochs.get() + " times through all images takes " + steps + " steps");
        return settings.withSteps(steps);
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
        refuse(training, "relative_rate", "optimizer is adamw");
        AdamW.Settings standard = AdamW.Settings.DEFAULT;
        List<Double> betas = training.reals("betas", List.of(standard.beta1(), standard.beta2()));
        return new AdamW.Settings(
                betas.get(0),
                betas.get(1),
                training.real("epsilon", standard.epsilon()),
                training.real("weight_decay", standard.decay()));
    }

    private static Adafactor.Settings adafactor(RunFile training) {
        refuse(training, "betas", "optimizer is adafactor");
        refuse(training, "epsilon", "optimizer is adafactor");
        Adafactor.Settings standard = Adafactor.Settings.DEFAULT;
        return new Adafactor.Settings(
                standard.epsilon(),
                standard.threshold(),
                training.flag("relative_rate", standard.relative()),
                training.real("weight_decay", standard.decay()));
    }

    private static void refuseUnless(RunFile training, String key, String choice, String chosen, String only) {
        if (!chosen.equals(only)) {
            refuse(training, key, choice + " is " + chosen);
        }
    }

    private static void refuse(RunFile training, String key, String reason) {
        if (training.has(key)) {
            throw training.bad(key, "there", "none, as " + reason);
        }
    }
}
