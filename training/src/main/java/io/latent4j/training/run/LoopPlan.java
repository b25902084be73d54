package io.latent4j.training.run;

import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.training.optimizer.Adafactor;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.Ema;
import io.latent4j.training.optimizer.MixedPrecision;
import io.latent4j.training.optimizer.Optimizer;
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
public record LoopPlan(TrainingLoop.Settings settings, Optional<Integer> epochs) {
    private static final double RATE = 1e-4;
    private static final String SCHEDULE = "rate_schedule";
    private static final String OPTIMIZER = "optimizer";

    /** Reads the section, each key with its default. */
    public static LoopPlan read(Config training) {
        return read(training, false);
    }

    /**
     * Reads the section, each key with its default.
     *
     * @param recompute that of {@code recompute}
     */
    public static LoopPlan read(Config training, boolean recompute) {
        int warmUp = training.integer("warmup", Bounds.atLeast(0), 0);
        int steps = training.integer("steps", Bounds.atLeast(1), 10_000);
        int epochs = training.integer("epochs", Bounds.atLeast(1), 1);
        boolean byEpochs = training.has("epochs");
        if (byEpochs && training.has("steps")) {
            training.refuse("epochs", "is " + epochs + "; expected none beside steps; leave one of them out");
        }
        return new LoopPlan(
                new TrainingLoop.Settings(
                        rate(training, warmUp, byEpochs ? warmUp : steps),
                        training.integer("accumulate", Bounds.atLeast(1), 1),
                        training.optionalReal("clip", Bounds.positive()),
                        optimizer(training),
                        ema(training),
                        training.choice("precision", MixedPrecision.FLOAT32),
                        training.flag("recompute", recompute),
                        training.integer("checkpoint_every", Bounds.atLeast(1), 500),
                        training.integer("keep", Bounds.atLeast(1), 2),
                        training.integer("log_every", Bounds.atLeast(1), 50),
                        training.integer("validate_every", Bounds.atLeast(0), 500),
                        training.integer("sample_every", Bounds.atLeast(0), 500),
                        training.integer("save_every", Bounds.atLeast(0), 0)),
                byEpochs ? Optional.of(epochs) : Optional.empty());
    }

    private static RateSchedule rate(Config training, int warmUp, int steps) {
        double rate = training.real("rate", Bounds.positive(), RATE);
        RateSchedule.Shape shape = shape(training);
        double least = training.real("min_rate", Bounds.notNegative(), 0);
        return training.checked(() -> new RateSchedule(rate, warmUp, steps, shape, least))
                .orElseGet(() -> new RateSchedule(RATE, 0, 1, RateSchedule.Shape.CONSTANT));
    }

    private static RateSchedule.Shape shape(Config training) {
        String name = training.text(SCHEDULE, "constant");
        int cycles = training.integer("cycles", Bounds.atLeast(1), 2);
        double power = training.real("power", Bounds.positive(), 2);
        String reason = SCHEDULE + " is " + name;
        if (!name.equals("cosine_restarts")) {
            training.refuseWithoutEffect(reason, "cycles");
        }
        if (!name.equals("polynomial")) {
            training.refuseWithoutEffect(reason, "power");
        }
        if (name.equals("constant")) {
            training.refuseWithoutEffect(reason, "min_rate");
        }
        return training.choice(
                SCHEDULE,
                ImmutableMap.of(
                        "constant", RateSchedule.Shape.CONSTANT,
                        "linear", RateSchedule.Shape.LINEAR,
                        "cosine", RateSchedule.Shape.COSINE,
                        "cosine_restarts", new RateSchedule.Cosine(cycles),
                        "polynomial", new RateSchedule.Polynomial(power)),
                RateSchedule.Shape.CONSTANT);
    }

    private static Optional<Ema.Decay> ema(Config training) {
        return training.optionalReal("ema", Bounds.finite())
                .flatMap(decay -> training.checked(() -> Ema.Decay.to(decay)));
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
        watcher.note(Counted.of(epochs.get(), "time") + " through all images takes " + Counted.of(steps, "step"));
        return settings.withSteps(steps);
    }

    private static Optimizer.Settings optimizer(Config training) {
        Optimizer.Settings adamW = adamW(training);
        Optimizer.Settings adafactor = adafactor(training);
        String name = training.text(OPTIMIZER, "adamw");
        if (name.equals("adamw")) {
            training.refuseWithoutEffect("optimizer is adamw", "relative_rate");
        } else if (name.equals("adafactor")) {
            training.refuseWithoutEffect("optimizer is adafactor", "betas", "epsilon");
        }
        return training.choice(OPTIMIZER, ImmutableMap.of("adamw", adamW, "adafactor", adafactor), adamW);
    }

    private static AdamW.Settings adamW(Config training) {
        AdamW.Settings standard = AdamW.Settings.DEFAULT;
        List<Double> betas = training.reals("betas", Bounds.finite(), 2, List.of(standard.beta1(), standard.beta2()));
        double epsilon = training.real("epsilon", Bounds.positive(), standard.epsilon());
        double decay = training.real("weight_decay", Bounds.notNegative(), standard.decay());
        return training.checked(() -> new AdamW.Settings(betas.get(0), betas.get(1), epsilon, decay))
                .orElse(standard);
    }

    private static Adafactor.Settings adafactor(Config training) {
        Adafactor.Settings standard = Adafactor.Settings.DEFAULT;
        return new Adafactor.Settings(
                standard.epsilon(),
                standard.threshold(),
                training.flag("relative_rate", standard.relative()),
                training.real("weight_decay", Bounds.notNegative(), standard.decay()));
    }
}
